/* The ids of a challenge's entries in the store. */

export function challengeEntry(id: string): string {
  return `challenge:${id}`
}

export function questionEntry(id: string): string {
  return `question:${id}`
}

export function keyEntry(holder: string): string {
  return `key:${holder}`
}

export function returnedEntry(id: string): string {
  return `returned:${id}`
}

export function enrolledEntry(id: string): string {
  return `enrolled:${id}`
}

export function spentEntry(id: string): string {
  return `spent:${id}`
}
