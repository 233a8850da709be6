import { Actions } from './actions'
import { Challenges } from './challenges'
import { Faults } from './faults'
import { Outbox } from './outbox'
import { Requests } from './requests'
import { Rules } from './rules'
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
  readonly actions = new Actions(this.rules)
  readonly challenges = new Challenges(this.actions, this.users, this.outbox)

  constructor(
    readonly url: string,
    readonly apiSecretKey: string,
  ) {}

  reset(): void {
    for (const part of [
      this.rules,
      this.users,
      this.outbox,
      this.faults,
      this.requests,
      this.actions,
      this.challenges,
    ]) {
      part.clear()
    }
  }
}
