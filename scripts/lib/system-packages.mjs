import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { mustRun } from './run.mjs'

const PACKAGES = {
  chromium: {
    variable: 'CHROMIUM_PATH',
    executables: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
  },
  'redis-server': { variable: 'REDIS_SERVER_PATH', executables: ['redis-server'] },
}

/**
 * Finds the programs that the tests start, installs what is missing where apt can, and leaves each one's path in its
 * environment variable for the tests to read.
 */
export async function ensureSystemPackages(names) {
  const missing = names.filter((name) => !locate(name))
  if (missing.length > 0) await install(missing)
  for (const name of names) process.env[PACKAGES[name].variable] = locate(name) ?? giveUp([name])
}

function locate(name) {
  const { variable, executables } = PACKAGES[name]
  const given = process.env[variable]
  if (!given) return firstExecutable(executables)
  return firstExecutable([given]) ?? exitWith(`${variable}=${given} is not a program that can be run.`)
}

function firstExecutable(names) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return names.flatMap((name) => folders.map((folder) => resolve(folder, name))).find(isExecutable)
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function install(names) {
  const asRoot = waysToRoot()
  if (!firstExecutable(['apt-get']) || !asRoot) giveUp(names)
  console.log(`Installing system packages (apt-get install ${names.join(' ')}) …`)
  const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q']
  await runAll([...apt, 'update'], [...apt, 'install', '-y', '--no-install-recommends', ...names])
}

/** The words before a command that run it as root; undefined where that would ask for a password. */
function waysToRoot() {
  if (process.getuid?.() === 0) return []
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined
}

async function runAll(...commands) {
  for (const [command, ...args] of commands) await mustRun(command, args)
}

function giveUp(names) {
  const cures = names.map((name) => `${name}, or set ${PACKAGES[name].variable} to the path of its program`)
  exitWith(`The tests need a program that is not installed here. Please install ${cures.join('; and ')}.`)
}

function exitWith(message) {
  console.error(message)
  process.exit(1)
}
