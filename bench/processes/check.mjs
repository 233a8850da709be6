/**
 * What does not match between the transfers that were booked, the emulator's actions, and what users were told: each
 * booked transfer must stand for exactly one action that was allowed or passed, and each of those for one transfer.
 */
export function mismatches(booked, actions, told) {
  const letPass = new Map()
  for (const { idempotencyKey, state, number } of actions)
    if (state === 'ALLOW' || state === 'CHALLENGE_SUCCEEDED') letPass.set(idempotencyKey, number)
  return [
    ...repeated(booked, 'idempotencyKey').map((key) => `booked twice under the idempotency key ${key}`),
    ...repeated(booked, 'number').map((number) => `transfer ${number} was booked twice`),
    ...booked
      .filter(({ number, idempotencyKey }) => letPass.get(idempotencyKey) !== number)
      .map(({ number }) => `transfer ${number} was booked, and no action let it pass`),
    ...missing(letPass.keys(), booked, 'idempotencyKey').map((key) => `action ${key} let pass, and nothing was booked`),
    ...missing(told, booked, 'number').map((number) => `transfer ${number} was told to be booked, and is not`),
    ...booked
      .filter(({ number }) => !told.has(number))
      .map(({ number }) => `transfer ${number} was booked, and its user was not told so`),
  ]
}

function repeated(booked, field) {
  const seen = new Set()
  return booked.map((one) => one[field]).filter((value) => seen.size === seen.add(value).size)
}

function missing(wanted, booked, field) {
  const there = new Set(booked.map((one) => one[field]))
  return [...wanted].filter((value) => !there.has(value))
}
