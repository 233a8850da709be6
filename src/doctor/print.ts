import { inspect } from 'node:util'
import type { Finding } from './finding'

const MARKS = {
  ok: { sign: '✔', colour: 'green', words: 'ok' },
  warning: { sign: '!', colour: 'yellow', words: 'to look at' },
  failed: { sign: '✖', colour: 'red', words: 'failed' },
  skipped: { sign: '–', colour: 'gray', words: 'not checked' },
} as const

const NAME_WIDTH = 11
const INDENT = ' '.repeat(4 + NAME_WIDTH)

/** The terminal that is written to: how wide it is, and whether it shows colours. */
export interface Terminal {
  width: number
  colours: boolean
}

export function printFinding({ check, status, message, cure }: Finding, terminal: Terminal): string {
  const { sign, colour } = MARKS[status]
  const head = `  ${painted(sign, colour, terminal)} ${painted(check.padEnd(NAME_WIDTH), 'bold', terminal)}`
  const room = Math.max(30, terminal.width - INDENT.length)
  const arrow = (line: string, at: number) => painted(`${at === 0 ? '→' : ' '} ${line}`, 'gray', terminal)
  const cures = cure === undefined ? [] : wrapped(cure, room - 2).map(arrow)
  return `${head}${[...wrapped(message, room), ...cures].join(`\n${INDENT}`)}\n`
}

export function printSummary(findings: readonly Finding[], terminal: Terminal): string {
  const counts = (['failed', 'warning', 'ok', 'skipped'] as const).flatMap((status) => {
    const count = findings.filter((finding) => finding.status === status).length
    const { colour, words } = MARKS[status]
    return count === 0 ? [] : painted(`${count} ${words}`, colour, terminal)
  })
  return `\n  ${counts.join(', ')}\n\n`
}

function painted(text: string, style: 'green' | 'yellow' | 'red' | 'gray' | 'bold', { colours }: Terminal): string {
  const [on, off] = inspect.colors[style] ?? [0, 0]
  return colours ? `\u001b[${on}m${text}\u001b[${off}m` : text
}

/** Broken between words; a word that is too long for a line, such as a URL, is left whole. */
function wrapped(text: string, room: number): string[] {
  return text.split('\n').flatMap((paragraph) => {
    // A long word, or words and a space, as many as there is room for.
    const lines = paragraph.match(new RegExp(`\\S{${room},}|\\S.{0,${room - 1}}(?!\\S)`, 'g'))
    return lines ?? []
  })
}
