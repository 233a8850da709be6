/** What `call` gives, or the error that `late` makes where it takes longer than `ms` milliseconds. */
export async function within<Value>(ms: number, call: () => Promise<Value>, late: () => Error): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(late())
    }, ms)
  })
  try {
    return await Promise.race([call(), timeUp])
  } finally {
    clearTimeout(timer)
  }
}
