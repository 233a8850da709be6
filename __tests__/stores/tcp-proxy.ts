import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

type Target = { port: number } | { path: string }

const open = new Set<TcpProxy>()

// Whatever becomes of the tests: no proxy may outlive them.
afterAll(async () => {
  await Promise.all([...open].map((proxy) => proxy.close()))
})

/** Hands its connections to its targets in turn, as a load balancer does. It can be cut, as a network can. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Map<Socket, 'client' | 'server'>()
  #targets: Target[]
  #turn = 0
  #cut: 'all' | 'answers' | undefined

  private constructor(targets: Target[]) {
    this.#targets = targets
    this.#server = createServer((client) => {
      this.#hand(client)
    })
    open.add(this)
  }

  static async start(...targets: Target[]): Promise<TcpProxy> {
    const proxy = new TcpProxy(targets)
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  /** Hands later connections to these. */
  point(...targets: Target[]): void {
    this.#targets = targets
  }

  /** From now on nothing comes through, in either direction or but for the answers, and nobody is told. */
  cut(what: 'all' | 'answers'): void {
    this.#cut = what
    for (const [socket, side] of this.#sockets) if (this.#holds(side)) socket.pause()
  }

  /** What was sent meanwhile comes through late, as after lost packets. */
  heal(): void {
    this.#cut = undefined
    for (const socket of this.#sockets.keys()) socket.resume()
  }

  /** Ends the connections that are open. */
  drop(): void {
    for (const socket of this.#sockets.keys()) socket.destroy()
  }

  async close(): Promise<void> {
    open.delete(this)
    const closed = new Promise((done) => this.#server.close(done))
    this.drop()
    await closed
  }

  #hand(client: Socket): void {
    const target = this.#targets[(this.#turn += 1) % this.#targets.length]
    if (!target) return void client.destroy()
    const server = connect(target)
    this.#join('client', client, server)
    this.#join('server', server, client)
  }

  #holds(side: 'client' | 'server'): boolean {
    return this.#cut === 'all' || (this.#cut === 'answers' && side === 'server')
  }

  #join(side: 'client' | 'server', from: Socket, to: Socket): void {
    this.#sockets.set(from, side)
    from.on('data', (chunk) => to.write(chunk))
    from.on('error', () => to.destroy())
    from.on('close', () => {
      this.#sockets.delete(from)
      to.destroy()
    })
    if (this.#holds(side)) from.pause()
  }
}
