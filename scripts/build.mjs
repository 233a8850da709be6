// Compiles the package, the emulator and the example, each to CommonJS, and writes the small ES module entries beside
// them. An entry re-exports the CommonJS build, so `import` and `require` share every class and every store. What is
// for browsers is bundled instead.
import { buildSync } from 'esbuild'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { mustRunNode, root } from './lib/run.mjs'

const require = createRequire(import.meta.url)

await compile('.', 'src/browser', 'emulator')
for (const folder of ['.', 'emulator']) {
  removeStale(join(root, folder))
  writeModuleEntries(join(root, folder))
}
// The example is compiled against the entries, as an app that installs the packages is.
await compile('examples/express-app')
removeStale(join(root, 'examples/express-app'))
writeIfChanged(
  join(root, 'examples/express-app/dist/browser/withdraw.js'),
  bundled('examples/express-app/src/browser/withdraw.ts'),
)

function compile(...projects) {
  return mustRunNode('node_modules/typescript/bin/tsc', ['-b', ...projects, ...process.argv.slice(2)])
}

// tsc leaves the output of a deleted source where it is, and it would be packed.
function removeStale(folder) {
  for (const file of readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })) {
    const output = join(file.parentPath, file.name)
    if (file.isFile() && file.name !== '.tsbuildinfo' && !existsSync(sourceOf(folder, output))) rmSync(output)
  }
}

function sourceOf(folder, output) {
  const path = output.slice(join(folder, 'dist').length)
  return join(folder, 'src', path.replace(/(\.d)?\.m?[jt]s$/, '.ts'))
}

function writeModuleEntries(folder) {
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const [name, target] of Object.entries(exports)) {
    if (typeof target !== 'object') continue
    const commonJsFile = join(folder, target.require.default)
    // A browser reads no CommonJS, and its part holds no class and no store that could be there twice.
    const text = name === './browser' ? bundled('src/browser/index.ts') : reexported(commonJsFile)
    writeIfChanged(join(folder, target.import.default), text)
    writeIfChanged(join(folder, target.import.types), `export * from './${basename(commonJsFile)}'\n`)
  }
}

function reexported(commonJsFile) {
  const names = Object.keys(require(commonJsFile)).sort()
  return `export { ${names.join(', ')} } from './${basename(commonJsFile)}'\n`
}

/** One ES module, as a page loads it. */
function bundled(source) {
  return buildSync({ entryPoints: [join(root, source)], bundle: true, format: 'esm', write: false }).outputFiles[0].text
}

// Whoever reads an entry while a build that changes nothing runs must find it whole.
function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}
