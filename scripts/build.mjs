// Compiles the package, the emulator and the example, each to CommonJS, and writes the small ES module entries beside
// them. An entry re-exports the CommonJS build, so `import` and `require` share every class and every store. What is
// for browsers is bundled instead.
import { buildSync } from 'esbuild'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { mustRunNode, root } from './lib/run.mjs'

const require = createRequire(import.meta.url)

await mustRunNode('node_modules/typescript/bin/tsc', ['-b', 'examples/express-app', ...process.argv.slice(2)])
for (const folder of ['.', 'emulator', 'examples/express-app']) removeStale(join(root, folder))
for (const folder of ['.', 'emulator']) writeModuleEntries(join(root, folder))
bundle('src/browser/index.ts', 'dist/browser/index.mjs')
bundle('examples/express-app/src/browser/withdraw.ts', 'examples/express-app/dist/browser/withdraw.js')

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
  for (const target of Object.values(exports)) {
    if (typeof target === 'object')
      writeModuleEntry(join(folder, target.import.default), join(folder, target.require.default))
  }
}

// A browser reads no CommonJS, so it gets its own code. That holds no class and no store that could be there twice.
function bundle(source, output) {
  const { outputFiles } = buildSync({ entryPoints: [join(root, source)], bundle: true, format: 'esm', write: false })
  mkdirSync(dirname(join(root, output)), { recursive: true })
  writeIfChanged(join(root, output), outputFiles[0].text)
}

function writeModuleEntry(moduleFile, commonJsFile) {
  const from = `./${commonJsFile.split('/').pop()}`
  const names = Object.keys(require(commonJsFile)).sort()
  if (!moduleFile.includes('/browser/')) writeIfChanged(moduleFile, `export { ${names.join(', ')} } from '${from}'\n`)
  writeIfChanged(moduleFile.replace(/\.mjs$/, '.d.mts'), `export * from '${from}'\n`)
}

// Whoever reads an entry while a build that changes nothing runs must find it whole.
function writeIfChanged(file, text) {
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text)
}
