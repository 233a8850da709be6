import { requestTarget, type GuardedRequest } from '../http'

/** A challenge's id, as it stands in the callback's path: a UUID. */
const CHALLENGE_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The one path that a guard of the whole app leaves to the callback: `GET {callbackPath}/{id}`, exactly. */
export function isCallback(req: GuardedRequest, callbackPath: string): boolean {
  return req.method === 'GET' && challengeIdOf(req, callbackPath) !== undefined
}

/** Whatever else a client claims must not reach a store, which may make a file's name of it. */
export function isChallengeId(text: string): boolean {
  return CHALLENGE_ID.test(text)
}

/** The challenge's id in the path that the client asked for, whatever the mount point. */
export function challengeIdOf(req: GuardedRequest, callbackPath: string): string | undefined {
  const path = pathOf(req)
  const id = path.slice(callbackPath.length + 1)
  return path.startsWith(`${callbackPath}/`) && isChallengeId(id) ? id : undefined
}

/** Whether the request came below the path that challenges lead back to, in whatever letters: Express mounts so. */
export function isBelow(req: GuardedRequest, callbackPath: string): boolean {
  return `${pathOf(req)}/`.toLowerCase().startsWith(`${callbackPath}/`.toLowerCase())
}

function pathOf(req: GuardedRequest): string {
  return requestTarget(req).split('?', 1)[0] ?? ''
}
