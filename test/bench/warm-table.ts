import { printMarkdown } from './table.ts'
import type { ServerName } from './warm-servers.ts'

/** Medians over the rounds. */
export interface Figures {
  /** Requests a second. */
  readonly rate: number
  /** ms */
  readonly p50: number
  readonly p99: number
  /** Processor time of the server for one request. ms */
  readonly cpu: number
  /** Share of one processor that the server used. Well below 1, the client or Clever was the limit. */
  readonly busy: number
}

/** Latencies while requests come at even intervals. */
export type PartLoad = Pick<Figures, 'rate' | 'p50' | 'p99'>

export interface WarmRow {
  /** The number of the case. */
  readonly id: number
  readonly title: string
  readonly figures: ReadonlyMap<ServerName, Figures>
  /** Each server at 80 % of its own rate. The bare one shows what the machine and the client add. */
  readonly atPart: ReadonlyMap<ServerName, PartLoad>
}

const HEAD = [
  'Case',
  'Server',
  '÷ bare',
  '÷ textbook',
  'Requests/s',
  'p50 ms',
  'p99 ms',
  'CPU ms/request',
  'CPU busy',
]
const PART_HEAD = ['At 80 % load', 'Server', 'Requests/s', 'p50 ms', 'p99 ms', 'p99 ÷ p50']

export function printWarmTable(rows: readonly WarmRow[]): string {
  const lines = rows.flatMap(({ id, title, figures }) =>
    [...figures].map(([name, each]) => [
      `${id}. ${title}`,
      name,
      printRatio(each.rate, figures.get('bare')?.rate),
      printRatio(each.rate, figures.get('textbook')?.rate),
      printNumber(each.rate),
      printNumber(each.p50),
      printNumber(each.p99),
      printNumber(each.cpu),
      `${Math.round(each.busy * 100)} %`,
    ]),
  )
  return printMarkdown(HEAD, lines, 2)
}

export function printPartTable(rows: readonly WarmRow[]): string {
  const lines = rows.flatMap(({ id, title, atPart }) =>
    [...atPart].map(([name, { rate, p50, p99 }]) => [
      `${id}. ${title}`,
      name,
      ...[rate, p50, p99].map(printNumber),
      printRatio(p99, p50),
    ]),
  )
  return printMarkdown(PART_HEAD, lines, 2)
}

/** Three digits that count. */
export function printNumber(number: number): string {
  if (Number.isNaN(number)) return '–'
  return number >= 100 ? Math.round(number).toLocaleString('en') : number.toPrecision(3)
}

export function printRatio(number: number, base: number | undefined): string {
  return base === undefined ? '–' : `${(number / base).toFixed(2)}×`
}
