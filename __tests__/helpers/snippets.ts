import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/* Each snippet that is printed is run as it stands, with what it takes for granted given to it. */

const root = join(__dirname, '../..')

/** The snippets of a page in that language, in its order, each with the heading that it stands under. */
export function headedSnippets(file: string, wanted = 'ts'): { heading: string; code: string }[] {
  const text = readFileSync(join(root, file), 'utf8')
  let heading = ''
  return [...text.matchAll(/^#+ (.*)$|^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, title, language, code = '']) => {
    if (title !== undefined) heading = title
    return language === wanted ? [{ heading, code }] : []
  })
}

export function snippets(file: string, wanted = 'ts'): string[] {
  return headedSnippets(file, wanted).map(({ code }) => code)
}

const AsyncFunction = (async () => undefined).constructor as FunctionConstructor

/** Runs the snippet, which may await, and gives what it declares by these names. */
export async function run(
  code: string,
  given: Record<string, unknown>,
  names: string[],
): Promise<Record<string, unknown>> {
  const returned = `\nexport const declared = { ${names.join(', ')} }`
  const { outputText } = ts.transpileModule(code + returned, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true },
  })
  const exports: { declared?: Record<string, unknown> } = {}
  const evaluate = new AsyncFunction('require', 'exports', ...Object.keys(given), outputText) as (
    ...args: unknown[]
  ) => Promise<void>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the names are the snippet's
  await evaluate((name: string) => require(name) as unknown, exports, ...Object.values(given))
  return exports.declared ?? {}
}
