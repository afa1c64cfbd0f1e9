import { printMarkdown } from './table.ts'

/** One measured value with its target. */
export interface Figure {
  readonly title: string
  readonly value: number
  /** At most. */
  readonly target: number
  print(value: number): string
  /** The textbook's value, or what else the value can be compared with. */
  readonly beside?: string
}

const HEAD = ['Figure', 'Measured ÷ target', 'Measured', 'Target, at most', 'Beside it'] as const

export function printFigures(figures: readonly Figure[]): string {
  const lines = figures.map((figure) => {
    const { title, value, target, print, beside = '' } = figure
    return [title, printShare(figure), print(value), print(target), beside]
  })
  return printMarkdown(HEAD, lines, 1)
}

/** On one line. */
export function printFigure(figure: Figure): string {
  return `${printShare(figure)} ${figure.title}: ${figure.print(figure.value)}`
}

function printShare({ value, target }: Figure): string {
  return `${(value / target).toFixed(2)}×`
}

export function printSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
}

const MIB = 2 ** 20

export function printMiB(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`
}
