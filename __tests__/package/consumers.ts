import { execFile } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const root = join(__dirname, '../..')

const exec = promisify(execFile)

interface PackedPackage {
  filename: string
  files: { path: string }[]
}

/** `npm pack` of a workspace as it is built. Its prepack would build again, under the other tests' feet. */
export async function pack(folder: string, destination: string): Promise<{ tarball: string; files: string[] }> {
  const answer = await npm(join(root, folder), 'pack', '--json', '--ignore-scripts', '--pack-destination', destination)
  // npm up to 11 lists the packages, newer ones name them.
  const [packed] = Object.values(JSON.parse(answer) as Record<string, PackedPackage>)
  if (!packed) throw new Error(`npm packed nothing: ${answer}`)
  return { tarball: join(destination, packed.filename), files: packed.files.map(({ path }) => path) }
}

/** Packages from the registry, in the versions that the repository itself is built with. */
export async function fromRegistry(...names: string[]): Promise<Record<string, string | undefined>> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>
  }
  return Object.fromEntries(names.map((name) => [name, manifest.devDependencies[name]]))
}

/** A project of its own outside the repository, with our packed packages and others from the registry installed. */
export async function createConsumer(
  name: 'esm' | 'commonjs' | 'typescript',
  into: string,
  dependencies: Record<string, string | undefined>,
): Promise<string> {
  const folder = join(into, name)
  await cp(join(__dirname, 'consumers', name), folder, { recursive: true })
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: `${name}-consumer`, private: true, dependencies }),
  )
  await npm(folder, 'install', '--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund')
  return folder
}

export async function runJson(folder: string, script: string): Promise<unknown> {
  return JSON.parse(await node(folder, join(folder, script)))
}

export async function node(folder: string, ...args: string[]): Promise<string> {
  return output(folder, process.execPath, args)
}

async function npm(folder: string, ...args: string[]): Promise<string> {
  return output(folder, 'npm', args)
}

async function output(folder: string, command: string, args: string[]): Promise<string> {
  try {
    return (await exec(command, args, { cwd: folder, env: environment() })).stdout
  } catch (error) {
    // tsc reports on stdout, which the error's own message leaves out.
    throw new Error(`${String(error)}\n${(error as { stdout?: string }).stdout ?? ''}`, { cause: error })
  }
}

// A consumer's npm must not take the settings of the `npm test` around it for its own, nor node those of jest.
function environment(): NodeJS.ProcessEnv {
  const ours = /^(npm_(package|lifecycle)_|npm_config_(local_)?prefix$|INIT_CWD$|NODE_ENV$|JEST_WORKER_ID$)/
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)))
}
