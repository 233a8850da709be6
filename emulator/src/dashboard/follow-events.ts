import type { RequestHandler } from 'express'
import type { Tenant } from '../tenant/tenant'

/** Server-sent events: only that something happened. The page then asks for itself, as a reload would. */
export function followEvents({ events }: Tenant): RequestHandler {
  return function sendEvents(_req, res) {
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    res.write('retry: 1000\n\n')
    const tell = (): void => {
      res.write('event: changed\ndata: -\n\n')
    }
    events.on('changed', tell)
    res.once('close', () => {
      events.off('changed', tell)
    })
  }
}
