import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { snippets } from './helpers/snippets'

/* Each snippet compiles in a strict project, as it is printed. What it takes for granted, it names and does not declare. */

const root = join(__dirname, '..')
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((page) => `docs/${page}`)]
const printed = pages.flatMap((page) => snippets(page).map((code, n) => ({ name: `${page}.${n + 1}.ts`, code })))

const GRANTED = `
import 'express-session'
import type * as middleware from 'authsignal-express'
declare module 'express-session' {
  interface SessionData {
    userId: string
  }
}
declare global {
  const app: import('express').Express
  const authsignal: middleware.Authsignal<middleware.AuthsignalClient>
  const client: middleware.AuthsignalClient
  const createAuthsignal: typeof middleware.createAuthsignal
  const emulator: import('authsignal-emulator').Emulator
  namespace Express {
    interface Request {
      user?: { id: string; email: string }
    }
  }
}
`
const files = new Map([
  ...printed.map(({ name, code }) => [join(root, name), `${code}\nexport {}\n`] as const),
  [join(root, 'docs/granted.d.ts'), GRANTED],
  [join(root, 'docs/app.ts'), "export declare function makeApp(authsignal: object): import('express').Express"],
  [join(root, 'docs/pg.d.ts'), "declare module 'pg' { export class Pool { query(...all: unknown[]): any } }"],
])
/** Names that a snippet takes from the app around it. */
const NOT_FOUND = new Set([2304, 2503, 2552, 18004])

it('docs: every snippet compiles', () => {
  const program = ts.createProgram({ rootNames: [...files.keys()], options: strict(), host: withFiles(strict()) })
  const wrong = printed.flatMap(({ name }) => {
    const source = program.getSourceFile(join(root, name))
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)]
      .filter(({ code }) => !NOT_FOUND.has(code))
      .map(({ start = 0, messageText }) => {
        const line = (source?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
        return `${name}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
      })
  })
  expect(wrong).toEqual([])
})

function strict(): ts.CompilerOptions {
  const { options } = ts.parseJsonConfigFileContent(
    {
      extends: './tsconfig.check.json',
      compilerOptions: {
        module: 'esnext',
        moduleResolution: 'bundler',
        noUnusedLocals: false,
        noUnusedParameters: false,
        noUncheckedIndexedAccess: false,
      },
    },
    ts.sys,
    root,
  )
  return options
}

/** The files that are there, and the printed ones. */
function withFiles(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  return {
    ...host,
    fileExists: (name) => files.has(name) || host.fileExists(name),
    getSourceFile: (name, ...more) => {
      const code = files.get(name)
      return code === undefined
        ? host.getSourceFile(name, ...more)
        : ts.createSourceFile(name, code, ts.ScriptTarget.ES2022)
    },
  }
}
