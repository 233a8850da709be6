import type { GuardedResponse } from '../http'

/**
 * Whether the answer's own policy, as set so far, has a `form-action` that would forbid going on to `url`: Chrome
 * applies it to the redirects after a form post too. A source that it can't tell counts as forbidding.
 */
export function formActionForbids(res: GuardedResponse, url: string): boolean {
  const { protocol, host, origin } = new URL(url)
  const allowing = new Set(['*', protocol, origin, `${origin}/`, host])
  return policiesOf(res)
    .flatMap((policy) => formActionOf(policy))
    .some((sources) => !sources.some((source) => allowing.has(source)))
}

function policiesOf(res: GuardedResponse): string[] {
  const value = res.getHeader('content-security-policy')
  const values = Array.isArray(value) ? value : value === undefined ? [] : [String(value)]
  return values.flatMap((policies) => policies.split(','))
}

/** The sources of the policy's first `form-action`: browsers ignore a second one. */
function formActionOf(policy: string): string[][] {
  const directives = policy.split(';').map((directive) => directive.trim().toLowerCase().split(/\s+/))
  return directives
    .filter(([name]) => name === 'form-action')
    .slice(0, 1)
    .map(([, ...sources]) => sources)
}
