const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP' })

/** Money is whole pence everywhere; only here does it become text, or come from it. */
export function formatMoney(pence: number): string {
  return pounds.format(pence / 100).replace('-', '−')
}

/** Reads '12', '12.5', '£1,250.00'; NaN where the text is no amount. */
export function parseMoney(text: string): number {
  const match = /^£?\s?(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (!match) return NaN
  const [, whole = '', fraction = ''] = match
  return Number(whole.replaceAll(',', '')) * 100 + Number(fraction.padEnd(2, '0'))
}
