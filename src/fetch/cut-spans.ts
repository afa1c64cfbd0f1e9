import { MAX_PAGE_ROWS, type RowList } from '../model/ranges.ts'
import { countBefore } from '../model/sorted-ids.ts'
import type { Span } from '../store/coverage.ts'

/** How close to each other ids lie: so many rows in so many possible ids. */
export interface Density {
  readonly rows: number
  readonly length: bigint
}

/** The number of pages of one role that are read at once. */
export const MAX_LANES = 8
/** The part of a page that a slice is expected to fill. A page then reaches the end of its slice, though ids lie unevenly. */
const FILLED = 0.95
/** Ids count as evenly spread if a part foretells the number of all rows within this factor. */
const EVEN_WITHIN = 1.5

/** The hexadecimal digits of an id that are the second of its creation. */
const SECOND_DIGITS = 8

/** The part of a page that shows the density at the start of a large role, and the largest part that is read to save a slice. */
const FIRST_PART = { least: 0.1, most: 0.3 }

/** The rows of the first page of a large role with so many rows. The slices after it are full if few rows are left over. */
export function firstRowsOf(rows: number, pageRows: number): number {
  const least = Math.ceil(pageRows * FIRST_PART.least)
  const leftOver = rows % rowsOfSlice(pageRows)
  return leftOver > pageRows * FIRST_PART.most ? least : Math.max(leftOver, least)
}

/** The number of rows that a slice should have. */
export function rowsOfSlice(pageRows: number): number {
  return Math.max(Math.floor(pageRows * FILLED), 1)
}

/** How many calls a full load of so many rows needs, and how many of them and of their rows are read one after the other. */
export function costOfFullLoad(rows: number, ranges: 'USABLE' | 'PAUSED') {
  if (rows <= MAX_PAGE_ROWS) return { calls: 1, turns: 1, rowsInTurn: rows }
  if (ranges === 'PAUSED') {
    const pages = Math.ceil(rows / MAX_PAGE_ROWS)
    return { calls: pages, turns: pages, rowsInTurn: rows }
  }
  const firstRows = firstRowsOf(rows, MAX_PAGE_ROWS)
  const pages = Math.ceil((rows - firstRows) / rowsOfSlice(MAX_PAGE_ROWS))
  const turns = Math.ceil(pages / MAX_LANES)
  return { calls: 2 + pages, turns: 1 + turns, rowsInTurn: firstRows + turns * MAX_PAGE_ROWS }
}

/**
 * Cuts a span into slices, in order, each for one page. `nearby` is the density just before the span, and `rows` the
 * number of rows in the span, if it is known. Where the ids are spread evenly, all slices have as many rows. Where they
 * are not, the slices follow the density nearby, and the last one is the rest, of unknown density.
 */
export function cutSpan(
  span: Span,
  nearby: Density,
  sliceRows: number,
  rows: number | undefined,
): readonly Span[] {
  const foretold = (Number(lengthOf(span)) / Number(nearby.length)) * nearby.rows
  const isEven = rows !== undefined && rows < foretold * EVEN_WITHIN && foretold < rows * EVEN_WITHIN
  if (!isEven) return cutByDensity(span, nearby, sliceRows, rows)
  const slices = BigInt(Math.ceil(rows / sliceRows))
  return cutEvery(span, lengthOf(span) / slices + 1n, Number(slices))
}

/** Cuts slices for all lanes at the beginning of a span. `maxRows`: the rows that the span has at most. */
export function cutByDensity(
  span: Span,
  { rows, length }: Density,
  sliceRows: number,
  maxRows = Number.POSITIVE_INFINITY,
): readonly Span[] {
  const slices = Math.min(MAX_LANES + 1, Math.ceil(maxRows / sliceRows))
  return cutEvery(span, (length * BigInt(sliceRows)) / BigInt(rows) + 1n, slices)
}

/**
 * The density in the second half of a page: ids often lie close together for a while, as one import created them. An id
 * begins with the second of its creation. An import creates many users a second, so whole seconds are compared.
 */
export function densityOf(rows: RowList, after: string): Density | undefined {
  const last = rows.at(-1)
  if (last === undefined) return undefined
  const middle = Math.floor((rows.length - 1) / 2)
  const halfway = rows.at(middle) ?? last
  const begin = countBefore(rows, secondOf(halfway.id))
  const end = countBefore(rows, secondOf(last.id))
  if (begin < end)
    return { rows: end - begin, length: lengthOf({ after: secondOf(halfway.id), upTo: secondOf(last.id) }) }
  const isPair = rows.length > 1
  const from = isPair ? halfway.id : after
  return { rows: isPair ? rows.length - 1 - middle : 1, length: lengthOf({ after: from, upTo: last.id }) }
}

/** The lowest id of the second in which the user was created. */
function secondOf(id: string): string {
  return id.slice(0, SECOND_DIGITS).padEnd(id.length, '0')
}

function cutEvery({ after, upTo }: Span, length: bigint, maxSlices: number): readonly Span[] {
  const end = positionOf(upTo)
  const slices: Span[] = []
  let from = after
  for (let cut = positionOf(after) + length; cut < end && slices.length + 1 < maxSlices; cut += length) {
    const next = cut.toString(16).padStart(upTo.length, '0')
    slices.push({ after: from, upTo: next })
    from = next
  }
  return [...slices, { after: from, upTo }]
}

/** How many ids a span has. */
export function lengthOf({ after, upTo }: Span): bigint {
  return positionOf(upTo) - positionOf(after)
}

/** START lies just below the lowest id. */
function positionOf(id: string): bigint {
  return id === '' ? -1n : BigInt(`0x${id}`)
}
