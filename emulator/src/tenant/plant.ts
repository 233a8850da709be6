import type { Seed } from '../schema/seed-schema'
import type { Tenant } from './tenant'

/** Puts a seed into a tenant that is empty. */
export function plant(tenant: Tenant, { users = [], rules = {}, defaults = {} }: Seed): void {
  for (const { userId, authenticators = [], ...attributes } of users) {
    tenant.users.update(userId, attributes)
    for (const authenticator of authenticators) tenant.users.enroll(userId, authenticator)
  }
  for (const [actionCode, definitions] of Object.entries(rules)) tenant.rules.define(actionCode, definitions)
  for (const [actionCode, outcome] of Object.entries(defaults)) tenant.rules.setDefault(actionCode, outcome)
}
