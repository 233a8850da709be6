import type { Configuration } from '../options'
import type { ActionRequest, TrackedAction } from '../types'
import { Actions } from './actions'
import { announce, askToVerify } from './announce'
import { AuthenticatorApps } from './authenticator-apps'
import { Challenges } from './challenges'
import { CodeChallenges } from './code-challenges'
import { Enrolments } from './enrolments'
import { TenantEvents } from './events'
import { factsOf } from './facts'
import { Faults } from './faults'
import { Generation } from './generation'
import { Notices } from './notices'
import { Outbox } from './outbox'
import { Passkeys } from './passkeys'
import { RecoveryCodes } from './recovery-codes'
import { Requests } from './requests'
import { Rules, type Verdict } from './rules'
import { Sessions } from './sessions'
import { SettingsTokens } from './settings-tokens'
import { Timeline } from './timeline'
import { Tokens } from './tokens'
import { Users } from './users'
import { Webhooks } from './webhooks'

interface TenantOptions extends Pick<Configuration, 'apiSecretKey' | 'unenrolled' | 'country'> {
  readonly apiUrl: string
}

/** All an emulator knows. The API and the pages are two ways to look at it. */
export class Tenant {
  readonly events = new TenantEvents()
  readonly generation = new Generation()
  readonly rules = new Rules(this.events)
  readonly users = new Users(this.events)
  readonly outbox = new Outbox(this.events)
  readonly faults = new Faults(this.events)
  readonly requests = new Requests()
  readonly tokens = new Tokens()
  readonly sessions = new Sessions()
  readonly timeline = new Timeline(this.events)
  readonly notices = new Notices()
  readonly settingsTokens = new SettingsTokens()
  readonly apps = new AuthenticatorApps()
  readonly passkeys = new Passkeys()
  readonly recoveryCodes = new RecoveryCodes()
  readonly enrolments = new Enrolments(this.users, this.outbox, this.apps, this.recoveryCodes)
  readonly actions = new Actions({ decide: (request) => this.#decide(request) }, this.events, this.generation)
  readonly challenges = new Challenges(this.actions, this.users, this.outbox, this.apps, this.recoveryCodes)
  readonly codeChallenges = new CodeChallenges(this.outbox)
  readonly webhooks: Webhooks
  readonly apiUrl: string
  readonly apiSecretKey: string
  readonly #configuration: Pick<Configuration, 'unenrolled' | 'country'>

  /** `url` is where the pages are. */
  constructor(
    readonly url: string,
    { apiUrl, apiSecretKey, ...configuration }: TenantOptions,
  ) {
    this.apiUrl = apiUrl
    this.apiSecretKey = apiSecretKey
    this.#configuration = configuration
    this.webhooks = new Webhooks(apiSecretKey, () => this.events.emit('changed'))
    announce(this.events, this.webhooks, this.actions)
  }

  async #decide(request: ActionRequest): Promise<Verdict> {
    const { unenrolled, country } = this.#configuration
    const facts = factsOf(request, { actions: this.actions, users: this.users, country })
    const verdict = await this.rules.decide(request, facts)
    const spared = unenrolled === 'allow' && !this.users.isEnrolled(request.userId)
    return spared && verdict.outcome === 'CHALLENGE_REQUIRED' ? { outcome: 'ALLOW', ruleIds: [] } : verdict
  }

  setWebhookUrl(url: string | undefined): void {
    this.webhooks.setUrl(url)
    this.actions.setGate(url === undefined ? undefined : (passed) => this.#askToVerify(passed))
    this.events.emit('changed')
  }

  async #askToVerify(passed: TrackedAction): Promise<boolean> {
    const isCurrent = this.generation.watch()
    const approved = await askToVerify(this.webhooks, passed)
    const answer = approved ? 'approved' : 'did not approve'
    if (isCurrent()) this.timeline.note(passed, `Your app was asked by action.verify, and ${answer}`)
    return approved
  }

  reset(): void {
    for (const part of [
      this.generation,
      this.rules,
      this.users,
      this.outbox,
      this.faults,
      this.requests,
      this.actions,
      this.challenges,
      this.codeChallenges,
      this.apps,
      this.passkeys,
      this.recoveryCodes,
      this.enrolments,
      this.sessions,
      this.notices,
      this.timeline,
      this.webhooks,
    ]) {
      part.clear()
    }
    this.events.emit('changed')
  }
}
