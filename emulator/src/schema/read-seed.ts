import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser'
import { placeOf } from './check'
import { type Seed, seedSchema } from './seed-schema'

/**
 * Reads a seed file, in which comments are allowed.
 *
 * @throws Error that names the file, and line and column of all that is wrong in it
 */
export function readSeed(text: string, file: string): Seed {
  const errors: ParseError[] = []
  const tree = parseTree(text, errors, { allowTrailingComma: true })
  const [error] = errors
  if (error || !tree) {
    const what = error ? inWords(printParseErrorCode(error.error)) : 'the file is empty'
    throw new Error(`${placeIn(text, file, error?.offset ?? 0)}: not valid JSON, ${what}`)
  }
  const parsed = seedSchema.safeParse(getNodeValue(tree))
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map(
    ({ path, message }) => `${placeIn(text, file, nodeAt(tree, path).offset)}: ${placeOf(path)}${message}`,
  )
  throw new Error(faults.join('\n'))
}

/** What is missing has no place of its own: that of what it is missing from will do. */
function nodeAt(tree: Node, path: readonly PropertyKey[]): Node {
  const found = findNodeAtLocation(tree, path as (string | number)[])
  return found ?? (path.length === 0 ? tree : nodeAt(tree, path.slice(0, -1)))
}

function placeIn(text: string, file: string, offset: number): string {
  const lines = text.slice(0, offset).split('\n')
  return `${file}:${lines.length}:${(lines.at(-1) ?? '').length + 1}`
}

/** `CommaExpected` as "comma expected". */
function inWords(code: string): string {
  return code.replaceAll(/(?!^)([A-Z])/g, ' $1').toLowerCase()
}
