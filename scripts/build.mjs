// Compiles the package, the emulator and the example, each to CommonJS, and writes the small ES module entries beside
// them. An entry re-exports the CommonJS build, so `import` and `require` share every class and every store.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(import.meta.url)

execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b', 'examples/express-app', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})

for (const folder of ['.', 'emulator']) writeModuleEntries(join(root, folder))

function writeModuleEntries(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const target of Object.values(exports)) {
    if (typeof target === 'object') writeModuleEntry(join(folder, target.import.default), join(folder, target.require.default))
  }
}

function writeModuleEntry(moduleFile, commonJsFile) {
  const from = `./${commonJsFile.split('/').pop()}`
  const names = Object.keys(require(commonJsFile)).sort()
  writeIfChanged(moduleFile, `export { ${names.join(', ')} } from '${from}'\n`)
  writeIfChanged(moduleFile.replace(/\.mjs$/, '.d.mts'), `export * from '${from}'\n`)
}

function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}
