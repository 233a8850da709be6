import { validateHeaderName, validateHeaderValue } from 'node:http'
import { z } from 'zod'
import type { ApiCall, Fault } from '../types'
import { check, optionsOf } from './check'

export const calls = [
  'track',
  'getAction',
  'updateAction',
  'queryUserActions',
  'getUser',
  'queryUsers',
  'updateUser',
  'deleteUser',
  'enrollVerifiedAuthenticator',
  'getAuthenticators',
  'deleteAuthenticator',
  'validateChallenge',
  'claimChallenge',
  'challenge',
  'verify',
  'getChallenge',
  'createSession',
  'validateSession',
  'refreshSession',
  'revokeSession',
  'revokeUserSessions',
] as const satisfies readonly ApiCall[]

const effects = {
  // Node's timers take no more.
  latencyMs: z
    .number()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  hang: z.literal(true).optional(),
  // Below 200 there is no answer yet: the client would wait for one.
  status: z.int().min(200).max(599).optional(),
  headers: z.record(z.string(), z.string()).superRefine(refuseNoHeader).optional(),
  body: z.string().optional(),
  drop: z.literal(true).optional(),
  truncate: z.literal(true).optional(),
}

const faultSchema = optionsOf({
  ...effects,
  match: z
    .enum(calls, { error: ({ input }) => `'${String(input)}' is no call; known are ${calls.join(', ')}` })
    .optional(),
  share: z.number().gt(0).max(1).optional(),
}).refine(
  (fault) => Object.keys(effects).some((effect) => effect in fault),
  `nothing goes wrong by it: give one of ${Object.keys(effects).join(', ')}`,
)

const timesSchema = z.custom<number>(
  (times) => times === Infinity || (typeof times === 'number' && Number.isInteger(times) && times >= 1),
  'must be a positive integer, or Infinity',
)

export function parseFault(fault: unknown): Fault {
  return check(faultSchema, fault, 'faults.next')
}

export function parseTimes(times: unknown): number {
  return check(timesSchema, times, 'faults.next: times')
}

function refuseNoHeader(headers: Readonly<Record<string, string>>, context: z.RefinementCtx): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name)
      validateHeaderValue(name, value)
    } catch (error) {
      context.addIssue({ code: 'custom', message: (error as Error).message, path: [name] })
    }
  }
}
