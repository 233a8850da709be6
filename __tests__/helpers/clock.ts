export const MINUTE = 60_000

/** Only the date stands still, and is moved by `jest.setSystemTime`: timers and the network go on. */
export function stopTheClock(): void {
  jest.useFakeTimers({
    doNotFake: [
      ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'] as const),
      ...(['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
    ],
  })
}

/** Only timeouts stand still, and are moved by `jest.advanceTimersByTime`: the date and the network go on. */
export function stopTimeouts(): void {
  jest.useFakeTimers({
    doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
  })
}
