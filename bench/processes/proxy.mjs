// Hands each connection to the next of the ports given, as a load balancer does.
import { connect, createServer } from 'node:net'

const ports = process.argv.slice(2).map(Number)
let turn = 0

const server = createServer({ noDelay: true }, (client) => {
  turn += 1
  const target = connect({ port: ports[turn % ports.length], host: '127.0.0.1', noDelay: true })
  for (const [from, to] of [
    [client, target],
    [target, client],
  ]) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
})
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
process.once('disconnect', () => process.exit())
