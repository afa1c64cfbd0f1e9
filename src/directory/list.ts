import type { Range } from '../clever/ranges.ts'
import { before, END, knownDownTo, knownUpTo, type Span, START } from './coverage.ts'
import type { Entry, Shelf } from './shelf.ts'

/** A part of a shelf, in ascending order of id. */
interface Rows {
  readonly entries: readonly Entry[]
  /** What had to be known for it. */
  readonly span: Span
  readonly hasMore: boolean
}

/** The rows of a range, as far as they and the one beyond them are known since `notBefore`; undefined otherwise. */
export function rowsOf(shelf: Shelf, range: Range, notBefore: number): Rows | undefined {
  return range.direction === 'forwards' ? rowsUp(shelf, range, notBefore) : rowsDown(shelf, range, notBefore)
}

function rowsUp(shelf: Shelf, { beyond = START, limit }: Range, notBefore: number): Rows | undefined {
  const edge = knownUpTo(shelf.coverage, beyond, notBefore)
  const taken = take(shelf.after(beyond), limit + 1, (id) => id <= edge)
  if (taken.length <= limit && edge !== END) return undefined
  const entries = taken.slice(0, limit)
  const last = entries.length < limit ? END : (entries.at(-1)?.[0] ?? END)
  return { entries, span: { after: beyond, upTo: last }, hasMore: taken.length > limit }
}

function rowsDown(shelf: Shelf, { beyond = END, limit }: Range, notBefore: number): Rows | undefined {
  const from = before(beyond)
  const edge = knownDownTo(shelf.coverage, from, notBefore)
  const taken = take(shelf.downFrom(beyond), limit + 1, (id) => id > edge)
  if (taken.length <= limit && edge !== START) return undefined
  const entries = taken.slice(0, limit).reverse()
  const [first] = entries.at(0) ?? []
  const after = entries.length < limit || first === undefined ? START : before(first)
  return { entries, span: { after, upTo: from }, hasMore: taken.length > limit }
}

function take(
  rows: IteratorObject<[string, string]>,
  most: number,
  isKnown: (id: string) => boolean,
): Entry[] {
  const taken: Entry[] = []
  for (const [id, packed] of rows) {
    if (!isKnown(id) || taken.length === most) break
    taken.push([id, packed])
  }
  return taken
}
