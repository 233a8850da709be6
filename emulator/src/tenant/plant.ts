import type { Seed } from '../schema/seed-schema'
import type { Tenant } from './tenant'

type SeedUser = NonNullable<Seed['users']>[number]

/** Puts a seed into a tenant that is empty. */
export function plant(tenant: Tenant, { users = [], rules = {}, defaults = {} }: Seed): void {
  for (const user of users) plantUser(tenant, user)
  for (const [actionCode, definitions] of Object.entries(rules)) tenant.rules.define(actionCode, definitions)
  for (const [actionCode, outcome] of Object.entries(defaults)) tenant.rules.setDefault(actionCode, outcome)
}

function plantUser(tenant: Tenant, { userId, authenticators = [], recoveryCodes, ...attributes }: SeedUser): void {
  tenant.users.update(userId, attributes)
  for (const authenticator of authenticators) {
    if (authenticator.verificationMethod === 'AUTHENTICATOR_APP') {
      const { secret, ...enrolment } = authenticator
      tenant.apps.keep(userId, secret)
      tenant.users.enroll(userId, enrolment)
    } else {
      tenant.users.enroll(userId, authenticator)
    }
  }
  if (recoveryCodes) tenant.recoveryCodes.keep(userId, recoveryCodes)
}
