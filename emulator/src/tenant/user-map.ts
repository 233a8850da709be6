import type { Authenticator, User } from '../types'
import type { TenantEvents } from './events'

/** The users by id. Tells of authenticators that come and go, by whatever way a user changes. */
export class UserMap extends Map<string, User> {
  constructor(private readonly events: TenantEvents) {
    super()
  }

  override set(userId: string, user: User): this {
    const before = this.get(userId)?.authenticators ?? []
    super.set(userId, user)
    this.#tell(before, user.authenticators)
    return this
  }

  override delete(userId: string): boolean {
    const before = this.get(userId)?.authenticators ?? []
    const deleted = super.delete(userId)
    this.#tell(before, [])
    return deleted
  }

  #tell(before: readonly Authenticator[], after: readonly Authenticator[]): void {
    for (const one of missingFrom(after, before)) this.events.emit('authenticatorDeleted', one)
    for (const one of missingFrom(before, after)) this.events.emit('authenticatorCreated', one)
    this.events.emit('changed')
  }
}

function missingFrom(some: readonly Authenticator[], all: readonly Authenticator[]): Authenticator[] {
  const ids = new Set(some.map(({ userAuthenticatorId }) => userAuthenticatorId))
  return all.filter(({ userAuthenticatorId }) => !ids.has(userAuthenticatorId))
}
