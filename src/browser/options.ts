/** Shows a challenge, and tells how it ended: without a token, the user closed it. */
export type Launch = (url: string, options: { mode: 'popup' }) => Promise<{ token?: string | undefined }>

export interface StepUpFetchOptions {
  /** `(url, options) => authsignal.launch(url, options)`, of `@authsignal/browser`. */
  launch: Launch
  /** What sends the requests. Default: the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined
  /**
   * Origins whose answers may open a challenge, besides the page's own: `['https://api.bank.example']`. A call to one of
   * them is sent with `credentials: 'include'`. Outside of a page there are none but these. Default: none.
   */
  origins?: readonly string[] | undefined
}

/** `origins` as `URL` writes them. */
type Configuration = Pick<StepUpFetchOptions, 'launch' | 'fetch'> & { origins: string[] }

const KNOWN: readonly string[] = ['launch', 'fetch', 'origins'] satisfies (keyof StepUpFetchOptions)[]
const ORIGINS = 'give origins such as https://api.example'

/** Throws a `TypeError` at what is unknown or not of its type; undefined is the same as absent. */
export function parseOptions(given: StepUpFetchOptions): Configuration {
  requireKnown(given)
  const { launch, fetch, origins = [] } = given
  if (typeof launch !== 'function')
    throw wrong('launch is', launch, 'give a function such as (url, options) => authsignal.launch(url, options)')
  if (fetch !== undefined && typeof fetch !== 'function')
    throw wrong('fetch is', fetch, 'give a function such as fetch')
  if (!Array.isArray(origins)) throw wrong('origins is', origins, `${ORIGINS}, in an array`)
  return { launch, fetch, origins: origins.map(originOf) }
}

function requireKnown(given: unknown): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong("createStepUpFetch's options are", given, 'give an object such as { launch }')
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && !KNOWN.includes(name))
      throw new TypeError(`createStepUpFetch has no option "${name}". It has: ${KNOWN.join(', ')}.`)
}

function originOf(given: string, index: number): string {
  let origin = ''
  try {
    origin = new URL(given).origin
  } catch {
    // No url at all.
  }
  // Without its scheme, localhost:3000 is a url as well, of the scheme localhost.
  if (!origin.startsWith('http')) throw wrong(`origins[${index}] is not an origin but`, given, ORIGINS)
  return origin
}

function wrong(what: string, value: unknown, cure: string): TypeError {
  return new TypeError(`${what} ${typeInWords(value)}; ${cure}.`)
}

function typeInWords(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (Array.isArray(value)) return 'an array'
  return `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`
}
