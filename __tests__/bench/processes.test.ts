import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/* `npm run bench -- --processes 2`, in small: what it measures is not looked at here, only that it would tell. */

const node = promisify(execFile)

interface Line {
  number: number
  idempotencyKey: string
}

test('many processes: nothing is lost and nothing booked twice, and the bench says so', async () => {
  const size = ['--processes=2', '--seconds=1', '--samples=20', '--races=2', '--size=50', '--latency=1']
  const { stdout } = await node(process.execPath, ['bench/processes/run.mjs', ...size])
  expect(stdout).toMatch(/exactly one passed in each of 2;/)
  expect(stdout).toMatch(/Nothing lost, nothing twice: \d+ transfers booked/)
})

test('a number that is none is refused', async () => {
  const run = node(process.execPath, ['bench/processes/run.mjs', '--processes', 'many'])
  await expect(run).rejects.toMatchObject({ code: 1, stderr: '--processes must be a whole number, such as 4.\n' })
})

describe('what does not match is told', () => {
  const one = { number: 1, idempotencyKey: 'a' }
  const allowed = { ...one, state: 'ALLOW' }

  test.each<[string, Line[], object[], number[], string[]]>([
    ['nothing', [one], [allowed, { number: 2, idempotencyKey: 'b', state: 'BLOCK' }], [1], []],
    [
      'a transfer that was booked twice',
      [one, { ...one, idempotencyKey: 'b' }],
      [allowed, { ...allowed, idempotencyKey: 'b' }],
      [1],
      ['transfer 1 was booked twice'],
    ],
    [
      'a key that was used twice',
      [one, { ...one, number: 2 }],
      [allowed],
      [1, 2],
      ['booked twice under the idempotency key a', 'transfer 2 was booked, and no action let it pass'],
    ],
    [
      'an action that only waits',
      [one],
      [{ ...allowed, state: 'CHALLENGE_REQUIRED' }],
      [1],
      ['transfer 1 was booked, and no action let it pass'],
    ],
    ['an action without its transfer', [], [allowed], [], ['action a let pass, and nothing was booked']],
    ['a transfer that was told and not booked', [], [], [1], ['transfer 1 was told to be booked, and is not']],
    [
      'a transfer that nobody was told of',
      [one],
      [allowed],
      [],
      ['transfer 1 was booked, and its user was not told so'],
    ],
  ])('%s', async (_what, booked, actions, told, wrong) => {
    const script = `import { mismatches } from './bench/processes/check.mjs'
      const [booked, actions, told] = JSON.parse(process.argv[1])
      console.log(JSON.stringify(mismatches(booked, actions, new Set(told))))`
    const given = JSON.stringify([booked, actions, told])
    const { stdout } = await node(process.execPath, ['--input-type=module', '-e', script, given])
    expect(JSON.parse(stdout)).toEqual(wrong)
  })
})
