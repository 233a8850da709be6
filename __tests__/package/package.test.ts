import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { createConsumer, fromRegistry, node, pack, root, runJson } from './consumers'

// npm may have to fetch what the consumers depend on.
jest.setTimeout(180_000)

let folder: string
let middleware: { tarball: string; files: string[] }
let emulator: { tarball: string; files: string[] }
let ours: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authsignal-express-'))
  middleware = await pack('.', folder)
  emulator = await pack('emulator', folder)
  ours = { 'authsignal-express': `file:${middleware.tarball}`, 'authsignal-emulator': `file:${emulator.tarball}` }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test.each(['authsignal-express', 'authsignal-emulator'])('%s holds its build and its papers, nothing else', (name) => {
  const { files } = name === 'authsignal-express' ? middleware : emulator
  const unexpected = files.filter(
    (file) => !/^(dist\/.+\.(js|mjs|d\.ts|d\.mts)|bin\/.+\.js|docs\/[\w-]+\.md|package\.json)$/.test(file),
  )

  expect(unexpected.filter((file) => !['README.md', 'LICENSE', 'CHANGELOG.md'].includes(file))).toEqual([])
  expect(files.filter((file) => /test|spec|\.map$/.test(file) && !/^(dist|docs)\/testing/.test(file))).toEqual([])
  expect(files).toEqual(expect.arrayContaining(['package.json', 'LICENSE', 'dist/index.js', 'dist/index.mjs']))
  expect(files).toEqual(expect.arrayContaining(['README.md', 'dist/index.d.ts', 'dist/index.d.mts']))
})

describe('a project of ES modules', () => {
  let project: string
  beforeAll(async () => {
    project = await createConsumer('esm', folder, { ...ours, ...(await fromRegistry('express')) })
  })

  test('gets from import the very classes that require gives', async () => {
    expect(await runJson(project, 'identity.mjs')).toEqual({
      sameNames: true,
      sameError: true,
      sameStore: true,
      sameFactory: true,
      browser: ['createStepUpFetch'],
    })
  })

  const guarded = {
    ALLOW: { status: 200, state: 'ALLOW' },
    BLOCK: { status: 403, code: 'ERR_AUTHSIGNAL_BLOCKED' },
  }

  test('guards an Express route against the emulator', async () => {
    expect(await runJson(project, 'guarded-route.mjs')).toEqual(guarded)
  })

  test('guards it from a bundle too, and OpenTelemetry, which is not installed, stands in no way', async () => {
    const { warnings } = await build({
      entryPoints: [join(project, 'guarded-route.mjs')],
      outfile: join(project, 'bundle.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
      external: ['authsignal-emulator'],
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      logLevel: 'silent',
    })
    expect(warnings).toEqual([])
    expect(await readFile(join(project, 'bundle.mjs'), 'utf8')).toContain('require("@opentelemetry/api")')
    expect(await runJson(project, 'bundle.mjs')).toEqual(guarded)
  })

  test('has the command', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
    expect(await node(project, join(project, 'node_modules/.bin/authsignal-express'), '--version')).toBe(`${version}\n`)
  })
})

describe('a CommonJS project', () => {
  let project: string
  beforeAll(async () => {
    project = await createConsumer('commonjs', folder, ours)
  })

  test('gets from require the very classes that import gives', async () => {
    expect(await runJson(project, 'identity.js')).toEqual({
      sameError: true,
      sameStore: true,
      sameEmulator: true,
      browser: 'function',
    })
  })

  test('loads axios and undici with its first client, and not before', async () => {
    expect(await runJson(project, 'loading.js')).toEqual({
      atImport: { axios: false, undici: false },
      withClient: { axios: true, undici: true },
    })
  })
})

test('a strict TypeScript project compiles as ES module and as CommonJS, and a wrong option does not', async () => {
  const project = await createConsumer('typescript', folder, {
    ...ours,
    ...(await fromRegistry('express', '@types/express', '@types/node', 'axios', 'connect', '@types/connect')),
  })
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify(tsconfig))
  await writeFile(join(project, 'bundler.json'), JSON.stringify(ofBundler))

  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  await node(project, tsc, '-p', project)
  await node(project, tsc, '-p', project, '--experimentalDecorators')
  await node(project, tsc, '-p', project, '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess')
  await node(project, tsc, '-p', join(project, 'bundler.json'))
})

// skipLibCheck is off, so that our own declarations are checked as well.
const tsconfig = {
  compilerOptions: {
    strict: true,
    target: 'ES2022',
    module: 'node16',
    types: ['node'],
    noEmit: true,
    skipLibCheck: false,
  },
  files: ['app.mts', 'app.cts', 'controllers.mts'],
}

const ofBundler = {
  extends: './tsconfig.json',
  compilerOptions: { module: 'esnext', moduleResolution: 'bundler' },
  files: ['app.mts', 'controllers.mts'],
}
