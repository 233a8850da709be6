import { challengeOf, type Challenge } from './challenge'
import { parseOptions, type StepUpFetchOptions } from './options'
import { repeatable, type Repeatable } from './repeatable'
import { unlessAborted } from './unless-aborted'

/**
 * `stepUp` is `'cancelled'` where the user did not confirm: the response is the one that asked for the challenge, its
 * body unread, and the request was not carried out.
 */
export type StepUpResponse = Response & { stepUp?: 'cancelled' | undefined }

export type StepUpFetch = (input: string | URL | Request, init?: RequestInit) => Promise<StepUpResponse>

interface Answer {
  response: StepUpResponse
  /** What the response asks for. */
  challenge: Challenge | undefined
}

/** How a pop-up ended. */
interface Ended {
  challengeId: string
  cancelled: boolean
}

/** One to enrol, and one to confirm. */
const MOST_POPUPS = 2
/** The first call may be one that the server leaves open: for so long the others wait for it. */
const LONGEST_ALONE_MS = 5_000

/**
 * A `fetch` that opens the challenge which it is answered with, and sends the same request again once the user has
 * confirmed. Calls share one pop-up: the others wait, try again after it, and open their own only if they must. The very
 * first call is sent alone, for five seconds at the most: the browser's cookie comes with its answer.
 *
 * Throws a `TypeError` where an option is unknown, `launch` no function, or `origins` no array of origins.
 * What it gives rejects as `fetch` does, with what `launch` threw, and with a `TypeError`: before anything is sent, where
 * the body is a stream or was read already; in place of the pop-up, where the call that is challenged sends no cookies,
 * for no repeat of it could pass.
 *
 * @example
 * const authsignal = new Authsignal({ tenantId })
 * const stepUpFetch = createStepUpFetch({ launch: (url, options) => authsignal.launch(url, options) })
 *
 * const response = await stepUpFetch('/transfers', { method: 'POST', body: new URLSearchParams(new FormData(form)) })
 * if (response.stepUp === 'cancelled') return
 */
export function createStepUpFetch(options: StepUpFetchOptions): StepUpFetch {
  const { launch, fetch, origins } = parseOptions(options)
  /** The pop-up that is open, until the call that opened it has its answer. */
  let popup: Promise<Ended> | undefined
  /** The call that is sent alone, so that no two answers each bring a cookie and one challenge is lost. */
  let first: Promise<void> | undefined
  /** The first one was answered, or takes too long. */
  let together = false

  return async function stepUpFetch(input, init = {}) {
    const request = repeatable(fetch ?? globalThis.fetch.bind(globalThis), input, init)
    let answer = await ask(request)
    let opened = 0
    while (answer.challenge) {
      request.signal?.throwIfAborted()
      const { id } = answer.challenge
      if (popup) {
        const ended = await unlessAborted(popup, request.signal)
        if (!ended.cancelled) answer = await ask(request, id)
        else if (ended.challengeId === id) return cancelled(answer)
      } else {
        if (opened++ === MOST_POPUPS) break
        const next = await unlessAborted(open(answer.challenge, request), request.signal)
        if (!next || next.challenge?.id === id) return cancelled(next ?? answer)
        answer = next
      }
    }
    return answer.response
  }

  async function ask(request: Repeatable, repeatOf?: string): Promise<Answer> {
    const response = await send(request, repeatOf)
    const found = await challengeOf(response)
    const challenge = found && isBelieved(response) ? found : undefined
    if (challenge && !sendsCookies(request, response)) throw noCookies()
    return { response, challenge }
  }

  async function send(request: Repeatable, repeatOf?: string): Promise<Response> {
    while (!together && first) await unlessAborted(first, request.signal)
    const sent = request.send(repeatOf)
    if (!together) first = leadTheWay(sent)
    return sent
  }

  /** Ends with the call, or without it after a while. Where it fails, the next one takes its place. */
  function leadTheWay(sent: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const end = (answered: boolean) => {
        clearTimeout(timer)
        together ||= answered
        first = undefined
        resolve()
      }
      const timer = setTimeout(end, LONGEST_ALONE_MS, true)
      sent.then(
        () => {
          end(true)
        },
        () => {
          end(false)
        },
      )
    })
  }

  /** The answer to the request that was sent again; none where the user closed the pop-up. */
  function open(challenge: Challenge, request: Repeatable): Promise<Answer | undefined> {
    const answered = showThenAsk(challenge, request)
    const end = (cancelled: boolean): Ended => {
      popup = undefined
      return { challengeId: challenge.id, cancelled }
    }
    popup = answered.then(
      (answer) => end(!answer || answer.challenge?.id === challenge.id),
      // Whether it was confirmed is not known here: the guard knows.
      () => end(false),
    )
    return answered
  }

  async function showThenAsk({ id, url }: Challenge, request: Repeatable): Promise<Answer | undefined> {
    const { token } = await launch(url, { mode: 'popup' })
    request.signal?.throwIfAborted()
    return token === undefined ? undefined : ask(request, id)
  }

  /** Another site's answer must not open its page over this one. */
  function isBelieved({ url }: Response): boolean {
    return isOfThisPage(url) || origins.includes(new URL(url).origin)
  }
}

/** An answer without a url was made on this page. */
function isOfThisPage(url: string): boolean {
  return url === '' || (typeof location !== 'undefined' && location.origin === new URL(url).origin)
}

/** The guard finds a pass by the browser's cookie. Outside of a page, what `fetch` sends is its own affair. */
function sendsCookies({ credentials }: Repeatable, { url }: Response): boolean {
  if (credentials === 'omit') return false
  return credentials === 'include' || typeof location === 'undefined' || isOfThisPage(url)
}

function noCookies(): TypeError {
  return new TypeError(
    "The call is challenged, but sends no cookies, so no repeat could pass: send it with credentials: 'include'.",
  )
}

function cancelled({ response }: Answer): StepUpResponse {
  return Object.assign(response, { stepUp: 'cancelled' as const })
}
