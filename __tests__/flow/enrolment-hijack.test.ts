import { AuthsignalClient, type GuardOptions } from 'authsignal-express'
import express from 'express'
import type { Response } from 'supertest'
import { run, snippets } from '../helpers/snippets'
import { startWorld, type World } from '../helpers/world'

/* A thief has the session of a user who has no authenticator yet: the session, and nothing else of the user's. */

const toMallory = { payee: 'Mallory', amount: '10000' }

async function stolenSession(guard: GuardOptions) {
  const world = await startWorld({ guard })
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  return { world, thief: world.customer('alice') }
}

/** Sets up the thief's own phone on the page that the guard led to. */
async function enrolOwnPhone({ emulator }: World, { headers }: Response): Promise<void> {
  const token = new URL(String(headers.location)).searchParams.get('token') ?? ''
  const post = async (fields: Record<string, string>) =>
    fetch(`${emulator.url}/enroll`, { method: 'POST', body: new URLSearchParams({ token, method: 'SMS', ...fields }) })
  await post({ intent: 'send', address: '+64210000000' })
  await post({ intent: 'verify', code: emulator.outbox.at(-1)?.code ?? '' })
  expect(emulator.users).toMatchObject([{ userId: 'alice', authenticators: [{ phoneNumber: '+64210000000' }] }])
}

it("with whenUnenrolled: 'enroll' the thief enrols a phone, confirms with it, and has it booked", async () => {
  const { world, thief } = await stolenSession({ whenUnenrolled: 'enroll' })
  const sentToEnrol = await thief.post('/transfers', toMallory).expect(303)
  const { callbackPath } = thief
  await enrolOwnPhone(world, sentToEnrol)
  await thief.sendAgain(await thief.get(callbackPath)).expect(303)
  await thief.sendAgain(await thief.passAndReturn('SMS')).expect(200)
  expect(world.booked).toMatchObject([{ userId: 'alice', body: toMallory, authsignal: { verificationMethod: 'SMS' } }])
})

it("with whenUnenrolled: 'block' the thief is refused, and led to no enrolment", async () => {
  const { world, thief } = await stolenSession({ whenUnenrolled: 'block' })
  const refused = await thief.post('/transfers', toMallory).expect(403)
  await thief.agent.post('/transfers').set('x-user', 'alice').send(toMallory).expect(403)
  expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_NOT_ENROLLED' }, { code: 'ERR_AUTHSIGNAL_NOT_ENROLLED' }])
  expect(JSON.stringify([refused.headers, refused.text])).not.toContain(world.emulator.url)
  expect(world.booked).toEqual([])
})

it('with verificationMethods a method that the thief can enrol counts for nothing', async () => {
  const { world, thief } = await stolenSession({ whenUnenrolled: 'enroll', verificationMethods: ['EMAIL_OTP'] })
  const sentToEnrol = await thief.post('/transfers', toMallory).expect(303)
  const { callbackPath } = thief
  await enrolOwnPhone(world, sentToEnrol)
  await thief.sendAgain(await thief.get(callbackPath)).expect(303)
  await thief.sendAgain(await thief.passAndReturn('SMS')).expect(403)
  expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_METHOD_REFUSED' }])
  expect(world.booked).toEqual([])
})

it('verificationMethods has no say where the rules allow: they must ask for a challenge', async () => {
  const { world, thief } = await stolenSession({ verificationMethods: ['EMAIL_OTP'] })
  world.emulator.rules.set('*', 'ALLOW')
  await thief.post('/transfers', toMallory).expect(200)
})

it('docs/security.md: the guard of a sensitive route', async () => {
  const printed = snippets('docs/security.md')
  const world = await startWorld({
    routes: (app, { authsignal }) => {
      const createTransfer: express.RequestHandler = (_req, res) => void res.send('booked')
      void run(String(printed[0]), { app, express, authsignal, createTransfer }, [])
    },
  })
  expect(printed).toHaveLength(1)
  world.emulator.rules.set('*', 'CHALLENGE_REQUIRED')
  const customer = world.customer()
  await customer.post('/transfers', toMallory).expect(403)
  expect(world.errors).toMatchObject([{ code: 'ERR_AUTHSIGNAL_NOT_ENROLLED' }])
  await enrolledByTheApp(world)
  await customer.post('/transfers', toMallory).expect(303)
  await customer.sendAgain(await customer.passAndReturn('SMS')).expect(403)
  await customer.post('/transfers', toMallory).expect(303)
  await customer.sendAgain(await customer.passAndReturn('PASSKEY')).expect(200, 'booked')
})

async function enrolledByTheApp({ emulator: { apiUrl, apiSecretKey } }: World): Promise<void> {
  const attributes = { verificationMethod: 'EMAIL_OTP', email: 'alice@example.com' } as const
  await new AuthsignalClient({ apiUrl, apiSecretKey }).enrollVerifiedAuthenticator({ userId: 'alice', attributes })
}
