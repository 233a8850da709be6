import { request as httpRequest, type RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import { generate } from 'selfsigned'

/** A server with a certificate of its own making, which no browser trusts unless told to. */
export async function secureServer(listener: RequestListener): Promise<Server> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }])
  return createServer({ key, cert }, listener)
}

/** Hands every request on to the server at `url`, which speaks http. */
export function forwardTo(url: string): RequestListener {
  return (req, res) => {
    const { method, headers } = req
    const onward = httpRequest(new URL(req.url ?? '/', url), { method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    req.pipe(onward)
  }
}
