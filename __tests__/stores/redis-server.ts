import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const program = process.env.REDIS_SERVER_PATH ?? 'redis-server'
/** redis-cli lies beside redis-server. */
const cli = program.includes('/') ? join(dirname(program), 'redis-cli') : 'redis-cli'
/** A node of a cluster also listens this far above its port. */
const BUS_OFFSET = 10_000

const open = new Set<RedisServer>()

// Whatever becomes of the tests: no server may outlive them.
afterAll(async () => {
  await Promise.all([...open].map((server) => server.close()))
})

/** A redis-server of its own, at a unix socket; at a free port of 127.0.0.1 too where it is asked for. */
export class RedisServer {
  #process: ChildProcess | undefined

  private constructor(
    readonly folder: string,
    readonly port: number,
    readonly args: string[],
  ) {
    open.add(this)
  }

  /** `'port'`: with a port; `args`: more of redis-server's own. */
  static async start(at?: 'port', ...args: string[]): Promise<RedisServer> {
    for (let attempt = 1; ; attempt += 1) {
      const folder = await mkdtemp(join(tmpdir(), 'redis-'))
      const server = new RedisServer(folder, at ? await freePort() : 0, args)
      try {
        await server.start()
        return server
      } catch (error) {
        // Somebody else may have taken the port.
        await server.close()
        if (attempt === 3) throw error
      }
    }
  }

  get socket(): string {
    return join(this.folder, 'redis.sock')
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it again, with what it had written. */
  async start(): Promise<void> {
    const { folder, port, socket, args } = this
    const listening = ['--bind', '127.0.0.1', '--port', String(port), '--unixsocket', socket]
    const child = spawn(program, [...listening, '--dir', folder, '--save', '', ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#process = child
    let log = ''
    await new Promise<void>((ready, failed) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        log += text
        if (/ready to accept connections/i.test(log)) ready()
      })
      child.once('error', failed)
      child.once('exit', () => {
        failed(new Error(`redis-server did not start:\n${log}`))
      })
    })
  }

  /** It keeps its connections and answers nothing more. */
  hang(): void {
    this.#process?.kill('SIGSTOP')
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  async close(): Promise<void> {
    open.delete(this)
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** Three nodes of one cluster, without replicas. */
export async function startRedisCluster(): Promise<RedisServer[]> {
  const nodes = [await startNode(), await startNode(), await startNode()]
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`)
  await runCli('--cluster', 'create', ...addresses, '--cluster-replicas', '0', '--cluster-yes')
  for (const { port } of nodes) while (!(await isReady(port))) await new Promise(setImmediate)
  return nodes
}

async function startNode(): Promise<RedisServer> {
  return RedisServer.start('port', '--cluster-enabled', 'yes', '--appendonly', 'no')
}

async function isReady(port: number): Promise<boolean> {
  return (await runCli('-p', String(port), 'cluster', 'info')).includes('cluster_state:ok')
}

async function runCli(...args: string[]): Promise<string> {
  return (await promisify(execFile)(cli, args, { timeout: 60_000 })).stdout
}

/** One whose bus port is free, too. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = await portFrom(0)
    if (port && port + BUS_OFFSET < 65_536 && (await portFrom(port + BUS_OFFSET))) return port
  }
}

async function portFrom(wanted: number): Promise<number | undefined> {
  const probe = createServer().listen(wanted, '127.0.0.1')
  try {
    await once(probe, 'listening')
  } catch {
    return undefined
  }
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
