import type { Tenant } from '../tenant/tenant'
import { invalidRequest } from './api-error'

export type Json = Readonly<Record<string, unknown>>

export interface CallRequest {
  /** Decoded path segments. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: Json
}

/** One call of the API: its answer is sent as JSON, undefined as 204. An ApiError it throws is answered as such. */
export type Call = (tenant: Tenant, request: CallRequest) => unknown

export function optionalString(body: Json, name: string): string | undefined {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string' || value === '') throw invalidRequest(`${name} must be a non-empty string.`)
  return value
}

export function requiredString(body: Json, name: string): string {
  const value = optionalString(body, name)
  if (value === undefined) throw invalidRequest(`${name} is required.`)
  return value
}

/** What was not asked for matches. */
export function matches(asked: unknown, actual: string | undefined): boolean {
  return asked === undefined || asked === actual
}
