/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/__tests__', '<rootDir>/emulator/__tests__'],
  testMatch: ['**/*.test.ts'],
  moduleNameMapper: {
    '^authsignal-express$': '<rootDir>/src/index.ts',
    '^authsignal-express/browser$': '<rootDir>/src/browser/index.ts',
    '^authsignal-emulator$': '<rootDir>/emulator/src/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/emulator/dist', '<rootDir>/examples/express-app/dist'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2022-03' },
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  testTimeout: 60000,
}
