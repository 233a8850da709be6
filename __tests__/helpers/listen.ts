import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'

interface Listening {
  url: string
  close(): Promise<void>
}

interface Closable {
  listen(port: number, host: string, done: () => void): unknown
  address(): AddressInfo | string | null
  close(done: () => void): unknown
  closeAllConnections?: () => void
}

/** The server on a free port of 127.0.0.1. */
export async function listen(server: Closable | Server, scheme = 'http'): Promise<Listening> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((done) => {
        server.close(() => {
          done()
        })
        server.closeAllConnections?.()
      }),
  }
}
