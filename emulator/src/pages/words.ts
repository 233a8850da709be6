/** `transferMoney`, `transfer-money` and `transfer_money` as "Transfer money". */
export function inWords(name: string): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase()
  return words === '' ? name : words.charAt(0).toUpperCase() + words.slice(1)
}

/** As much of an address as its owner needs to know it by. */
export function masked(address: string): string {
  const at = address.lastIndexOf('@')
  return at > 0 ? `${address.charAt(0)}•••${address.slice(at)}` : `•••${address.slice(-4)}`
}

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
