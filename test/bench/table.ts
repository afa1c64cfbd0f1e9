import type { Cost } from './clever.ts'

/** A text where there is nothing to divide. */
export type Cell = Cost | string

export interface Row {
  readonly title: string
  readonly textbook: Cell
  readonly cold: Cell
  readonly warm: Cell
}

const HEAD = [
  'Scenario',
  'Textbook',
  'Gateway, cold',
  'Gateway, warm',
  'Textbook ÷ gateway, cold; warm',
] as const

/** On one line. */
export function printRow({ title, textbook, cold, warm }: Row): string {
  return `${title}: ${[textbook, cold, warm].map(printCell).join(' | ')}`
}

export function printTable(rows: readonly Row[]): string {
  const lines = rows.map(({ title, textbook, cold, warm }) => [
    title,
    printCell(textbook),
    printCell(cold),
    printCell(warm),
    [ratio(textbook, cold), ratio(textbook, warm)].filter((text) => text !== '').join('; '),
  ])
  return printMarkdown(HEAD, lines, 1)
}

/** `texts`: how many columns are texts; the others are numbers. */
export function printMarkdown(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  texts: number,
): string {
  const ruler = head.map((_, column) => (column < texts ? '---' : '---:'))
  return [head, ruler, ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

export function printCell(cell: Cell): string {
  return typeof cell === 'string' ? cell : `${printCalls(cell.calls)}, ${printMs(cell.ms)}`
}

function ratio(textbook: Cell, gateway: Cell): string {
  if (typeof textbook === 'string' || typeof gateway === 'string') return ''
  const calls = gateway.calls === 0 ? 'no calls' : `calls ${times(textbook.calls / gateway.calls)}`
  return `${calls}, ms ${times(textbook.ms / gateway.ms)}`
}

export function printCalls(calls: number): string {
  return calls === 1 ? '1 call' : `${calls.toLocaleString('en')} calls`
}

export function printMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en')} ms`
}

function times(factor: number): string {
  return `${factor < 10 ? factor.toFixed(1) : Math.round(factor).toLocaleString('en')}×`
}
