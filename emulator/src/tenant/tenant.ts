import type { TrackedAction } from '../types'
import { Actions } from './actions'
import { announce, askToVerify } from './announce'
import { Challenges } from './challenges'
import { CodeChallenges } from './code-challenges'
import { TenantEvents } from './events'
import { factsOf } from './facts'
import { Faults } from './faults'
import { Outbox } from './outbox'
import { Requests } from './requests'
import { Rules } from './rules'
import { Sessions } from './sessions'
import { Timeline } from './timeline'
import { Tokens } from './tokens'
import { Users } from './users'
import { Webhooks } from './webhooks'

/** All an emulator knows. The API and the pages are two ways to look at it. */
export class Tenant {
  readonly events = new TenantEvents()
  readonly rules = new Rules()
  readonly users = new Users(this.events)
  readonly outbox = new Outbox(this.events)
  readonly faults = new Faults()
  readonly requests = new Requests()
  readonly tokens = new Tokens()
  readonly sessions = new Sessions()
  readonly timeline = new Timeline(this.events)
  readonly actions: Actions = new Actions(
    this.rules,
    (request) => factsOf(request, { actions: this.actions, users: this.users, country: this.country }),
    this.events,
  )
  readonly challenges = new Challenges(this.actions, this.users, this.outbox)
  readonly codeChallenges = new CodeChallenges(this.outbox)
  readonly webhooks: Webhooks
  /** Where requests come from that do not say so in `custom.country`. */
  country: string | undefined

  constructor(
    readonly url: string,
    readonly apiSecretKey: string,
  ) {
    this.webhooks = new Webhooks(apiSecretKey, () => this.events.emit('changed'))
    announce(this.events, this.webhooks, this.actions)
  }

  setWebhookUrl(url: string | undefined): void {
    this.webhooks.setUrl(url)
    this.actions.setGate(url === undefined ? undefined : (passed) => this.#askToVerify(passed))
    this.events.emit('changed')
  }

  async #askToVerify(passed: TrackedAction): Promise<boolean> {
    const approved = await askToVerify(this.webhooks, passed)
    this.timeline.note(passed, `Your app was asked by action.verify, and ${approved ? 'approved' : 'did not approve'}`)
    return approved
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
      this.codeChallenges,
      this.sessions,
      this.timeline,
      this.webhooks,
    ]) {
      part.clear()
    }
    this.events.emit('changed')
  }
}
