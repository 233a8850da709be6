import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mustRun, root } from './run.mjs'

/** Installs the npm packages, unless what is installed is what package-lock.json asks for. */
export async function ensureDependencies() {
  if (isInstalled()) return
  console.log('Installing npm packages (npm ci) …')
  // The tools that build and test are development dependencies: NODE_ENV=production must not leave them out.
  const args = ['ci', '--include=dev']
  const npm = process.env.npm_execpath
  await (npm?.endsWith('.js') ? mustRun(process.execPath, [npm, ...args]) : mustRun('npm', args))
}

// npm writes node_modules/.package-lock.json as an installation's last step, so an interrupted one is done again.
function isInstalled() {
  const installed = lockedPackages('node_modules/.package-lock.json')
  if (!installed) return false
  return Object.entries(lockedPackages('package-lock.json')).every(([path, wanted]) => {
    const found = installed[path]
    if (!found) return path === '' || isOptional(wanted)
    return found.version === wanted.version && found.integrity === wanted.integrity
  })
}

/** Optional packages are left out on systems that they are not for. */
function isOptional({ optional, devOptional }) {
  return optional || devOptional
}

function lockedPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), 'utf8')).packages
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}
