/** Where tenants live, by the public documentation. */
export const REGIONS: Record<string, string> = {
  US: 'https://api.authsignal.com/v1',
  Australia: 'https://au.api.authsignal.com/v1',
  Europe: 'https://eu.api.authsignal.com/v1',
  Canada: 'https://ca.api.authsignal.com/v1',
}

export function regionsInWords(): string {
  const urls = Object.entries(REGIONS).map(([name, url]) => `${name.padEnd(11)}${url}`)
  return `Set AUTHSIGNAL_API_URL, or apiUrl, to the tenant's region:\n${urls.join('\n')}`
}
