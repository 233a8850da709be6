/** Apps on a phone have schemes of their own; those that would run a script in the page are refused. */
export function isRedirectUrl(value: string): boolean {
  return URL.canParse(value) && !['javascript:', 'data:', 'vbscript:'].includes(new URL(value).protocol)
}
