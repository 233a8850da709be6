/** A form as a browser would send it. */
export interface ResumedForm {
  /** The path with query to post to. */
  path: string
  /** `application/x-www-form-urlencoded`. */
  body: string
}

const ENTITIES: Record<string, string> = {
  '&quot;': '"',
  '&#39;': "'",
  '&lt;': '<',
  '&gt;': '>',
  '&#13;': '\r',
  '&amp;': '&',
}

/**
 * What the page that brings a form back would post by itself: for an app's own tests, where no browser runs its script.
 * Throws a `TypeError` where `html` is another page.
 *
 * @example
 * const page = await agent.get('/authsignal/callback/' + idempotencyKey)
 * const { path, body } = resumedForm(page.text)
 * await agent.post(path).type('form').send(body).expect(200)
 */
export function resumedForm(html: string): ResumedForm {
  const [, path] = /<form method="post" action="([^"]*)"/.exec(html) ?? []
  if (path === undefined) throw new TypeError('This is not the page that brings a form back.')
  const inputs = html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)
  const fields = [...inputs].map(([, name = '', value = '']): [string, string] => [unescape(name), unescape(value)])
  return { path: unescape(path), body: new URLSearchParams(fields).toString() }
}

function unescape(text: string): string {
  return text.replace(/&(?:quot|#39|lt|gt|#13|amp);/g, (entity) => ENTITIES[entity] ?? entity)
}
