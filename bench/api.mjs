// A stub of the API, as cheap as can be: what is measured is its caller. It challenges the action `challenged` alone.
import { createServer } from 'node:http'

const server = createServer((req, res) => {
  let text = ''
  req.setEncoding('utf8')
  req.on('data', (part) => (text += part))
  req.on('end', () => {
    const { idempotencyKey } = JSON.parse(text || '{}')
    const answer = JSON.stringify({
      state: req.url.endsWith('/challenged') ? 'CHALLENGE_REQUIRED' : 'ALLOW',
      idempotencyKey,
      url: 'https://mfa.authsignal.example/?token=abc',
      isEnrolled: true,
      ruleIds: [],
      padding: 'x'.repeat(330),
    })
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) })
    res.end(answer)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
