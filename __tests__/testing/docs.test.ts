import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { headedSnippets } from '../helpers/snippets'

/* docs/testing.md is a test file and the app that it tests: both run as they are printed, in a jest of their own. */

const root = join(__dirname, '../..')

test('what docs/testing.md prints passes', async () => {
  const [tests, app] = headedSnippets('docs/testing.md')
  const folder = mkdtempSync(join(tmpdir(), 'authsignal-'))
  writeFileSync(join(folder, 'transfers.test.ts'), String(tests?.code))
  writeFileSync(join(folder, 'app.ts'), String(app?.code))
  const transform = { '\\.ts$': require.resolve('@swc/jest') }
  const config = { rootDir: folder, transform, modulePaths: [join(root, 'node_modules')] }
  writeFileSync(join(folder, 'jest.config.json'), JSON.stringify(config))
  const { stderr } = await promisify(execFile)(process.execPath, [
    require.resolve('jest/bin/jest'),
    '--config',
    join(folder, 'jest.config.json'),
  ])
  rmSync(folder, { recursive: true })
  expect(stderr).toContain('Tests:       3 passed, 3 total')
}, 60_000)
