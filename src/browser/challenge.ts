/** What an answer says of the challenge that it waits for. */
export interface Challenge {
  id: string
  url: string
}

/** The challenge in a guard's answer to a script. Leaves the answer's body to be read. */
export async function challengeOf(response: Response): Promise<Challenge | undefined> {
  if (response.status !== 401 && response.status !== 403) return undefined
  const type = response.headers.get('content-type') ?? ''
  if (!/^application\/problem\+json\s*(?:;|$)/i.test(type)) return undefined
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  const { code, challengeId: id, challengeUrl: url } = (problem ?? {}) as Partial<Record<string, unknown>>
  if (code !== 'CHALLENGE_REQUIRED' || typeof id !== 'string' || typeof url !== 'string') return undefined
  return mayBeOpened(url) ? { id, url } : undefined
}

/** https, or a loopback address over http: what else an answer asks to open is not a challenge. */
function mayBeOpened(challengeUrl: string): boolean {
  let url: URL
  try {
    url = new URL(challengeUrl)
  } catch {
    return false
  }
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:' && /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname)
}
