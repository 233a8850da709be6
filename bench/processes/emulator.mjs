// The emulator in a process of its own, at the latency given, so that it does not slow down who drives the load.
import { startEmulator } from 'authsignal-emulator'

const OUTCOMES = { allow: 'ALLOW', challenge: 'CHALLENGE_REQUIRED', block: 'BLOCK' }

const emulator = await startEmulator()
emulator.rules.set('transfer', ({ attributes }) => OUTCOMES[attributes.custom.kind])
emulator.faults.next({ latencyMs: Number(process.argv[2]) }, Infinity)

const calls = {
  succeed: (idempotencyKey) => emulator.challenges.succeed(idempotencyKey),
  transfers: () =>
    emulator.actions
      .filter(({ actionCode }) => actionCode === 'transfer')
      .map(({ idempotencyKey, state, attributes }) => ({ idempotencyKey, state, number: attributes.custom.number })),
}

process.on('message', async ({ id, call, argument }) => {
  process.send({ id, answer: await calls[call](argument) })
})
process.once('disconnect', () => emulator.close())
process.send({ apiUrl: emulator.apiUrl, apiSecretKey: emulator.apiSecretKey })
