import { PAST_EVERY_ID } from '../model/ids.ts'

/**
 * Clever pages by ranges of ids: a page that begins after A and ends with B is the complete truth about the ids in (A,
 * B], at the time of the call. An id in that range that is not on the page does not exist for this application. Coverage
 * is the set of all such ranges of one district and role: intervals that ascend, do not overlap, and each have an as-of
 * time.
 */
export type Coverage = readonly Interval[]

/** All ids greater than `after`, up to and including `upTo`. */
export interface Span {
  readonly after: string
  readonly upTo: string
}

export interface Interval extends Span {
  /** The time just before the call that returned it. ms since the epoch */
  readonly asOf: number
}

export const START = ''
export const END: string = PAST_EVERY_ID
export const EVERYTHING: Span = { after: START, upTo: END }
export const NO_COVERAGE: Coverage = []

/** One id alone. */
export function singleId(id: string): Span {
  return { after: idBefore(id), upTo: id }
}

/** Hexadecimal digits that a double holds exactly. An id has more, and most ids differ in these from the one below. */
const LOW_DIGITS = 12

/** The id just below this one. START for the lowest id and for START. */
export function idBefore(id: string): string {
  if (id === START) return START
  const end = id.slice(-LOW_DIGITS)
  const low = Number.parseInt(end, 16)
  if (low > 0) return id.slice(0, -LOW_DIGITS) + (low - 1).toString(16).padStart(end.length, '0')
  const value = BigInt(`0x${id}`)
  return value === 0n ? START : (value - 1n).toString(16).padStart(id.length, '0')
}

/** The id just above. */
export function idAfter(id: string): string {
  return (BigInt(`0x${id}`) + 1n).toString(16).padStart(id.length, '0')
}

/** Adds the range of an answer. Parts with a later as-of time stay as they are. Cost: one copy of the coverage. */
export function addInterval(coverage: Coverage, added: Interval): Coverage {
  if (!isSpan(added)) return coverage
  const next = firstBeyond(coverage, added.after)
  if ((coverage[next]?.after ?? END) >= added.upTo) return insert(coverage, next, added)
  const newSpans = spansNotNewerThan(coverage, added, added.asOf).map((span) => ({
    ...span,
    asOf: added.asOf,
  }))
  return replace(coverage, added, (known) =>
    merged([...known.filter(({ asOf }) => asOf > added.asOf), ...newSpans].sort(byStart)),
  )
}

/** The parts of a span that do not have a later as-of time than `asOf`, in order. */
export function spansNotNewerThan(coverage: Coverage, { after, upTo }: Span, asOf: number): readonly Span[] {
  const spans: Span[] = []
  let from = after
  for (let i = firstBeyond(coverage, after); i < coverage.length && from < upTo; i += 1) {
    const known = coverage[i] as Interval
    if (known.after >= upTo) break
    if (known.asOf <= asOf) continue
    if (known.after > from) spans.push({ after: from, upTo: known.after })
    from = known.upTo
  }
  return from < upTo ? [...spans, { after: from, upTo }] : spans
}

/** The parts of a span that do not have an as-of time of `minAsOf` or later, in order. */
export function gaps(coverage: Coverage, span: Span, minAsOf: number): readonly Span[] {
  return spansNotNewerThan(coverage, span, minAsOf - 1)
}

export function removeSpan(coverage: Coverage, span: Span): Coverage {
  return isSpan(span) ? replace(coverage, span, () => []) : coverage
}

/** Removes many ids, in one pass if each has an interval of its own. */
export function removeIds(coverage: Coverage, ids: ReadonlySet<string>): Coverage {
  const left = new Set(ids)
  const rest = coverage.filter(({ after, upTo }) => {
    const isIt = left.has(upTo) && after === idBefore(upTo)
    if (isIt) left.delete(upTo)
    return !isIt
  })
  let known: Coverage = rest
  for (const id of left) if (asOfTime(known, id) !== undefined) known = removeSpan(known, singleId(id))
  return known
}

/** The as-of time of an id; undefined if the id is not covered. */
export function asOfTime(coverage: Coverage, id: string): number | undefined {
  const interval = coverage[firstReaching(coverage, id)]
  return interval !== undefined && interval.after < id ? interval.asOf : undefined
}

/** The end of the young enough coverage that continues from an id. The id itself if there is none. */
export function coveredUpTo(coverage: Coverage, after: string, minAsOf: number): string {
  let edge = after
  for (let i = firstBeyond(coverage, after); i < coverage.length; i += 1) {
    const known = coverage[i] as Interval
    if (known.after > edge || known.asOf < minAsOf) break
    edge = known.upTo
  }
  return edge
}

/** The same, downwards. `upTo` itself must be covered first. */
export function coveredDownTo(coverage: Coverage, upTo: string, minAsOf: number): string {
  let edge = upTo
  for (let i = firstUpTo(coverage, upTo); i >= 0; i -= 1) {
    const known = coverage[i]
    if (known === undefined || known.upTo < edge || known.asOf < minAsOf) break
    edge = known.after
  }
  return edge
}

/** The oldest as-of time in a span; undefined if some of the span is not covered. */
export function oldestAsOf(coverage: Coverage, span: Span): number | undefined {
  let asOf = Number.POSITIVE_INFINITY
  let from = span.after
  for (let i = firstBeyond(coverage, span.after); i < coverage.length && from < span.upTo; i += 1) {
    const known = coverage[i] as Interval
    if (known.after > from) return undefined
    asOf = Math.min(asOf, known.asOf)
    from = known.upTo
  }
  return from >= span.upTo ? asOf : undefined
}

/**
 * Moves the as-of time of all intervals from `from` or later to `until`: nothing has changed until then, except by the
 * events that were applied.
 */
export function renew(coverage: Coverage, from: number, until: number): Coverage {
  return merged(
    coverage.map((known) => (known.asOf >= from && known.asOf < until ? { ...known, asOf: until } : known)),
  )
}

export function removeOlder(coverage: Coverage, minAsOf: number): Coverage {
  return coverage.filter(({ asOf }) => asOf >= minAsOf)
}

const isSpan = ({ after, upTo }: Span) => after < upTo

/** Inserts an interval that overlaps no other, at its place. */
function insert(coverage: Coverage, at: number, added: Interval): Coverage {
  const left = Math.max(at - 1, 0)
  const local = [...coverage.slice(left, at), added, ...coverage.slice(at, at + 1)]
  return coverage.toSpliced(left, local.length - 1, ...merged(local))
}

/** Replaces the intervals within a span. */
function replace(coverage: Coverage, span: Span, into: (known: readonly Interval[]) => readonly Interval[]) {
  const first = firstBeyond(coverage, span.after)
  let past = first
  while (past < coverage.length && (coverage[past] as Interval).after < span.upTo) past += 1
  const overlapping = coverage.slice(first, past)
  const outside = overlapping.flatMap((known) => [
    { ...known, upTo: least(known.upTo, span.after) },
    { ...known, after: greatest(known.after, span.upTo) },
  ])
  const inside = overlapping.map((known) => ({
    ...known,
    after: greatest(known.after, span.after),
    upTo: least(known.upTo, span.upTo),
  }))
  // Neighbors may become one with what has changed.
  const left = first > 0 ? coverage.slice(first - 1, first) : []
  const right = coverage.slice(past, past + 1)
  const local = [...left, ...outside, ...into(inside.filter(isSpan)), ...right].filter(isSpan).sort(byStart)
  return coverage.toSpliced(
    first - left.length,
    left.length + overlapping.length + right.length,
    ...merged(local),
  )
}

/** The first interval that reaches beyond an id. */
function firstBeyond(coverage: Coverage, id: string): number {
  let low = 0
  let high = coverage.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((coverage[middle] as Interval).upTo > id) high = middle
    else low = middle + 1
  }
  return low
}

/** The first interval that reaches up to an id or beyond it. */
function firstReaching(coverage: Coverage, id: string): number {
  let low = 0
  let high = coverage.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((coverage[middle] as Interval).upTo >= id) high = middle
    else low = middle + 1
  }
  return low
}

/** The interval that an id lies in, or else the last one below it. */
function firstUpTo(coverage: Coverage, id: string): number {
  const i = firstReaching(coverage, id)
  return (coverage[i]?.after ?? END) < id ? i : i - 1
}

function merged(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = []
  for (const next of intervals) {
    const last = result.at(-1)
    if (last !== undefined && last.upTo === next.after && last.asOf === next.asOf) {
      result[result.length - 1] = { ...last, upTo: next.upTo }
    } else result.push(next)
  }
  return result
}

const byStart = (a: Span, b: Span) => (a.after < b.after ? -1 : 1)
const least = (a: string, b: string) => (a < b ? a : b)
const greatest = (a: string, b: string) => (a > b ? a : b)
