import { createServer as createTlsServer } from 'node:https'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { listen } from './listen'

interface Attempt {
  method: string
  path: string
  body: Record<string, unknown>
  headers: IncomingMessage['headers']
}

type Answer = (res: ServerResponse, attempt: number, req: IncomingMessage) => void

export interface FaultyServer {
  apiUrl: string
  attempts: Attempt[]
  /** Connections that were opened so far. */
  connections: () => number
  close(): Promise<void>
}

/** A server that answers each attempt as it is told, over real sockets. */
export async function startFaultyServer(answer: Answer, tls?: { key: string; cert: string }): Promise<FaultyServer> {
  const attempts: Attempt[] = []
  let connections = 0
  const handle = (req: IncomingMessage, res: ServerResponse) => {
    let text = ''
    req.setEncoding('utf8')
    req.on('data', (part: string) => {
      text += part
    })
    req.on('end', () => {
      const body = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
      attempts.push({ method: String(req.method), path: String(req.url), body, headers: req.headers })
      answer(res, attempts.length, req)
    })
  }
  const server = tls ? createTlsServer(tls, handle) : createServer(handle)
  server.on(tls ? 'secureConnection' : 'connection', () => {
    connections += 1
  })
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket))
  const listening = await listen(server, tls ? 'https' : 'http')
  return {
    apiUrl: `${listening.url}/v1`,
    attempts,
    connections: () => connections,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      await listening.close()
    },
  }
}

export function sendJson(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  res.writeHead(status, { 'content-type': 'application/json', ...headers })
  res.end(JSON.stringify(body))
}
