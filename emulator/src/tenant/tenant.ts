import type { Configuration } from '../options'
import type { ActionRequest } from '../types'
import { Actions } from './actions'
import { AuthenticatorApps } from './authenticator-apps'
import { Challenges } from './challenges'
import { Enrolments } from './enrolments'
import { Faults } from './faults'
import { Outbox } from './outbox'
import { Passkeys } from './passkeys'
import { RecoveryCodes } from './recovery-codes'
import { Requests } from './requests'
import { Rules, type Verdict } from './rules'
import { SettingsTokens } from './settings-tokens'
import { Tokens } from './tokens'
import { Users } from './users'

/** All an emulator knows. The API and the pages are two ways to look at it. */
export class Tenant {
  readonly rules = new Rules()
  readonly users = new Users()
  readonly outbox = new Outbox()
  readonly faults = new Faults()
  readonly requests = new Requests()
  readonly tokens = new Tokens()
  readonly settingsTokens = new SettingsTokens()
  readonly apps = new AuthenticatorApps()
  readonly passkeys = new Passkeys()
  readonly recoveryCodes = new RecoveryCodes()
  readonly enrolments = new Enrolments(this.users, this.outbox, this.apps, this.recoveryCodes)
  readonly actions = new Actions({ decide: (request) => this.#decide(request) })
  readonly challenges = new Challenges(this.actions, this.users, this.outbox, this.apps, this.recoveryCodes)

  readonly apiSecretKey: string
  readonly #unenrolled: Configuration['unenrolled']

  /** `url` is where the pages are. */
  constructor(
    readonly url: string,
    { apiSecretKey, unenrolled }: Pick<Configuration, 'apiSecretKey' | 'unenrolled'>,
  ) {
    this.apiSecretKey = apiSecretKey
    this.#unenrolled = unenrolled
  }

  async #decide(request: ActionRequest): Promise<Verdict> {
    const verdict = await this.rules.decide(request)
    const spared = this.#unenrolled === 'allow' && !this.users.isEnrolled(request.userId)
    return spared && verdict.outcome === 'CHALLENGE_REQUIRED' ? { outcome: 'ALLOW', ruleIds: [] } : verdict
  }

  reset(): void {
    for (const part of [
      this.rules,
      this.users,
      this.outbox,
      this.faults,
      this.requests,
      this.actions,
      this.challenges,
      this.apps,
      this.passkeys,
      this.recoveryCodes,
      this.enrolments,
    ]) {
      part.clear()
    }
  }
}
