const COMMANDS = ['get', 'set', 'del']

/** What one request of each kind costs: commands and time in Redis, CPU of the app's processes. */
export async function costs(stage, driver, users, samples) {
  const browsers = await Promise.all(Array.from({ length: users }, (_, n) => driver.browser(`payer-${n}`)))
  const each = (run) => spread(browsers, samples, run)
  const waiting = []
  const kinds = {
    'without a guard': () => each((browser) => driver.unguarded(browser)),
    'ALLOW, new browser': () => each((_, n) => driver.browser(`new-${n}`)),
    ALLOW: () => each((browser) => driver.allow(browser)),
    BLOCK: () => each((browser) => driver.block(browser)),
    // Of a user of their own each: one user has ten places.
    'challenge begun': () =>
      each(async (browser, n) => {
        const own = { user: `waiting-${n}`, cookie: browser.cookie }
        waiting.push([own, await driver.begin(own)])
      }),
    callback: () => spread(waiting, samples, ([browser, challenge]) => driver.comeBack(browser, challenge)),
    'challenge spent': () => spread(waiting, samples, ([browser, challenge]) => driver.spend(browser, challenge)),
  }
  const rows = {}
  for (const [name, run] of Object.entries(kinds)) rows[name] = await measured(stage, samples, run)
  return rows
}

async function measured({ redis, usage }, samples, run) {
  const before = { ...(await redisUsage(redis)), cpu: sum(await usage('cpu')) }
  await run()
  const after = { ...(await redisUsage(redis)), cpu: sum(await usage('cpu')) }
  const per = (field) => (after[field] - before[field]) / samples
  return {
    ...Object.fromEntries(COMMANDS.map((command) => [command, per(command)])),
    redisUs: per('microseconds'),
    redisBytes: per('bytes'),
    cpuUs: per('cpu'),
  }
}

/** Each of the workers takes the next, until so many were done. */
async function spread(workers, count, run) {
  let n = 0
  const lanes = Math.min(workers.length, 64)
  const lane = async () => {
    while (n < count) {
      const turn = n
      n += 1
      await run(workers[turn % workers.length], turn)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function redisUsage(redis) {
  const text = `${await redis.info('commandstats')}\n${await redis.info('memory')}`
  const stats = COMMANDS.map((command) => new RegExp(`cmdstat_${command}:calls=(\\d+),usec=(\\d+)`).exec(text) ?? [])
  const calls = Object.fromEntries(COMMANDS.map((command, n) => [command, Number(stats[n][1] ?? 0)]))
  const microseconds = sum(stats.map(([, , usec = 0]) => Number(usec)))
  return { ...calls, microseconds, bytes: Number(/used_memory:(\d+)/.exec(text)[1]) }
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}
