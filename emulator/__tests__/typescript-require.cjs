// Lets a process of its own run the sources as they are, without a build: node -r this-file src/cli.ts
const { transformFileSync } = require('@swc/core')

const options = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  swcrc: false,
}

require.extensions['.ts'] = (module, file) => module._compile(transformFileSync(file, options).code, file)
