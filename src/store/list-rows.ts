import type { Range } from '../model/ranges.ts'
import { before, END, knownDownTo, knownUpTo, type Span, START } from './coverage.ts'
import type { Entry, Shelf } from './record-table.ts'

/** A part of a shelf, in ascending order of id. */
interface Rows {
  readonly entries: readonly Entry[]
  /** What had to be known for it. */
  readonly span: Span
  readonly hasMore: boolean
}

/**
 * The rows of a range, as far as they and the one beyond them are known since `notBefore`; undefined otherwise. Where it may be
 * cut, fewer rows do, as long as there are any.
 */
export function rowsOf(shelf: Shelf, range: Range, notBefore: number, mayBeCut: boolean): Rows | undefined {
  const read = range.direction === 'forwards' ? rowsUp : rowsDown
  return read(shelf, range, notBefore, mayBeCut)
}

function rowsUp(
  shelf: Shelf,
  { beyond = START, limit }: Range,
  notBefore: number,
  mayBeCut: boolean,
): Rows | undefined {
  const edge = knownUpTo(shelf.coverage, beyond, notBefore)
  const taken = take(shelf.after(beyond), limit + 1, (id) => id <= edge)
  const isCut = taken.length <= limit && edge !== END
  if (isCut && (!mayBeCut || taken.length === 0)) return undefined
  const entries = taken.slice(0, limit)
  const last = entries.length < limit && !isCut ? END : (entries.at(-1)?.[0] ?? END)
  return { entries, span: { after: beyond, upTo: last }, hasMore: isCut || taken.length > limit }
}

function rowsDown(
  shelf: Shelf,
  { beyond = END, limit }: Range,
  notBefore: number,
  mayBeCut: boolean,
): Rows | undefined {
  const from = before(beyond)
  const edge = knownDownTo(shelf.coverage, from, notBefore)
  const taken = take(shelf.downFrom(beyond), limit + 1, (id) => id > edge)
  const isCut = taken.length <= limit && edge !== START
  if (isCut && (!mayBeCut || taken.length === 0)) return undefined
  const entries = taken.slice(0, limit).reverse()
  const [first] = entries.at(0) ?? []
  const isToStart = entries.length < limit && !isCut
  const after = isToStart || first === undefined ? START : before(first)
  return { entries, span: { after, upTo: from }, hasMore: isCut || taken.length > limit }
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
