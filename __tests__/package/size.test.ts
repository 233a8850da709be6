import { gzipSync } from 'node:zlib'
import { buildSync } from 'esbuild'
import { join } from 'node:path'

it('the browser’s part is at most 2 KB, minified and gzipped, and depends on nothing', () => {
  const { outputFiles, metafile } = buildSync({
    entryPoints: [join(__dirname, '../../src/browser/index.ts')],
    bundle: true,
    minify: true,
    format: 'esm',
    write: false,
    metafile: true,
  })
  expect(gzipSync(String(outputFiles[0]?.text)).length).toBeLessThanOrEqual(2048)
  expect(Object.keys(metafile.inputs).filter((file) => !file.startsWith('src/browser/'))).toEqual([])
})
