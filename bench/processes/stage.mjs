import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from 'redis'
import { ask, startChild } from '../child.mjs'

const here = dirname(fileURLToPath(import.meta.url))

/** Everything that a run needs: one Redis, the emulator, so many processes of the app, and the proxy before them. */
export async function setStage({ processes, latencyMs }) {
  const folder = mkdtempSync(join(tmpdir(), 'authsignal-bench-'))
  const redisSocket = join(folder, 'redis.sock')
  const redisServer = await startRedis(folder, redisSocket)
  const redis = await createClient({ socket: { path: redisSocket } }).connect()
  const emulator = await startEmulator(latencyMs)
  const ledgers = Array.from({ length: processes }, (_, n) => join(folder, `ledger-${n}`))
  const apps = await Promise.all(ledgers.map((ledger) => startApp({ ...emulator.told, redisSocket, ledger })))
  const proxy = await startChild(
    join(here, 'proxy.mjs'),
    apps.map(({ port }) => String(port)),
  )
  return {
    url: `http://127.0.0.1:${proxy.port}`,
    redis,
    emulator,
    /** 'cpu', in microseconds, or 'memory', of each process. */
    usage: (what) => Promise.all(apps.map((app) => ask(app, what))),
    booked: () => ledgers.flatMap(linesOf),
    close: () => {
      redis.destroy()
      for (const { child } of [proxy, ...apps, emulator]) child.disconnect()
      redisServer.kill()
      rmSync(folder, { recursive: true })
    },
  }
}

async function startRedis(folder, socket) {
  const program = process.env.REDIS_SERVER_PATH ?? 'redis-server'
  const args = [
    '--port',
    '0',
    '--unixsocket',
    socket,
    '--dir',
    folder,
    '--save',
    '',
    '--maxmemory-policy',
    'noeviction',
  ]
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let log = ''
  for await (const text of server.stdout) if (/ready to accept connections/i.test((log += text))) break
  if (server.exitCode !== null) throw new Error(`redis-server did not start:\n${log}`)
  return server
}

function startApp(given) {
  return startChild(join(here, 'app.mjs'), [JSON.stringify(given)], { execArgv: ['--expose-gc'] })
}

async function startEmulator(latencyMs) {
  const child = fork(join(here, 'emulator.mjs'), [String(latencyMs)])
  const [told] = await once(child, 'message')
  const waiting = new Map()
  child.once('exit', (code) => {
    if (code) throw new Error(`The emulator has ended with ${code}.`)
  })
  child.on('message', ({ id, answer }) => {
    waiting.get(id)(answer)
    waiting.delete(id)
  })
  let id = 0
  const call = (name) => (argument) =>
    new Promise((resolve) => {
      waiting.set((id += 1), resolve)
      child.send({ id, call: name, argument })
    })
  return { child, told, succeed: call('succeed'), transfers: call('transfers') }
}

function linesOf(file) {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(JSON.parse)
}
