import pLimit from 'p-limit'
import { CleverRangeUnverified } from '../model/clever-errors.ts'
import { MAX_PAGE_ROWS, type Range, type RangePage, type Role } from '../model/ranges.ts'
import { countUpTo } from '../model/sorted-ids.ts'
import {
  addInterval,
  type Coverage,
  coveredUpTo,
  END,
  EVERYTHING,
  gaps,
  idBefore,
  NO_COVERAGE,
  type Span,
  START,
} from '../store/coverage.ts'
import { spanOfPage } from '../store/range-page.ts'
import {
  cutByDensity,
  cutSpan,
  type Density,
  densityOf,
  firstRowsOf,
  lengthOf,
  MAX_LANES,
  rowsOfSlice,
} from './cut-spans.ts'

export interface FullLoadOptions {
  readonly role: Role
  /** Parts with this as-of time or a later one are not read again. ms since the epoch */
  readonly minAsOf: number
  /** PAUSED: pages are read one after the other, each beyond the last record of the one before. */
  readonly ranges: 'USABLE' | 'PAUSED'
  /** The rows of the role, if their number is known or can be estimated. */
  readonly expectedRows: number | undefined
  /** Counts the rows, if their number is not known and one page does not have them all. */
  readonly learnRows: () => Promise<number | undefined>
  readonly coverage: () => Coverage
  /** Reads a page and puts it into the store. */
  readonly read: (range: Range) => Promise<RangePage>
  /** The maximum number of rows on a page. */
  readonly pageRows?: number
}

/** Ids that an event made uncertain while they were read are read again. */
const MAX_PASSES = 3
/** To look where so few slices become sparse would cost as many calls as it saves. */
const FEW_SLICES = 4
/** Ids are dense where the next row is within a tenth of a slice. */
const DENSE_WITHIN = 10n

/**
 * Reads the missing parts of a whole role, up to 8 pages at once. False if some of it could not be stored, or was evicted
 * for lack of memory. Throws the first error of `read`, after which no call is sent. Pages that were read before stay in
 * the store.
 *
 * Clever compares a cursor with the ids, and an id begins with the time of its creation. So the ids between the first
 * and the last record are cut into slices of 95 % of a page by time, and each is read by itself. A page that reaches into
 * the next slice covers that part too; a slice that needs another page is cut by the density that its first page shows.
 *
 * Calls: one for a role that fits on a page. Otherwise one for each 9,500 rows, the first records and the last one, and the
 * number of records if it is not known.
 * Ids that lie unevenly cost some more: calls of one row, which show where ids become sparse, and pages of which another
 * lane reads a part.
 */
export function fullLoad(options: FullLoadOptions): Promise<boolean> {
  return new FullLoad(options).run()
}

class FullLoad {
  readonly #options: FullLoadOptions
  readonly #pageRows: number
  readonly #limitCalls = pLimit(MAX_LANES)
  /** What the pages of this load have covered. */
  #covered = NO_COVERAGE
  #rowsRead = 0
  /** The number of all rows, if it is known. */
  #rows: number | undefined
  #failure: { readonly error: unknown } | undefined
  /** Whether a part was not stored, or was evicted. */
  #isLacking = false

  constructor(options: FullLoadOptions) {
    this.#options = options
    this.#pageRows = options.pageRows ?? MAX_PAGE_ROWS
    this.#rows = options.expectedRows
  }

  async run(): Promise<boolean> {
    const { ranges } = this.#options
    if (ranges === 'USABLE') await this.#loadInLanes()
    const mayCut = ranges === 'USABLE' && !(this.#failure?.error instanceof CleverRangeUnverified)
    if (!mayCut) {
      this.#failure = undefined
      await this.#loadInTurn()
    }
    if (this.#failure !== undefined) throw this.#failure.error
    return this.#gapsIn(EVERYTHING) === undefined
  }

  async #loadInTurn() {
    for (let open = this.#nextOpen(); open !== undefined; open = this.#nextOpen())
      await this.#readFirst(open, this.#pageRows)
  }

  async #loadInLanes() {
    const open = this.#nextOpen()
    if (open === undefined) return
    const rows = this.#rowsLeft ?? 0
    const isLarge = rows > this.#pageRows
    const firstRows = isLarge ? firstRowsOf(rows, this.#pageRows) : this.#pageRows
    const [nearby] = await Promise.all([
      this.#readFirst(open, firstRows),
      isLarge ? this.#readLast(open) : undefined,
    ])
    if (nearby === undefined || this.#nextOpen() === undefined) return
    if (!isLarge) await Promise.all([this.#readLast(open), this.#learnRows()])
    for (let pass = 1; pass <= MAX_PASSES; pass += 1) {
      const rest = this.#nextOpen()
      if (rest === undefined) return
      const slices = cutSpan(rest, nearby, rowsOfSlice(this.#pageRows), this.#rowsLeft)
      await this.#loadAll(await this.#joinSparse(slices))
    }
  }

  /**
   * The same slices, but those that begin where ids have become sparse are part of the last one. Most users of a school
   * year come with one import. Where it ends, all lanes would otherwise read the same page. Costs one call of one row if
   * the last slice is a long rest, and up to three more if the ids become sparse.
   */
  async #joinSparse(slices: readonly Span[]): Promise<readonly Span[]> {
    const [first, rest] = [slices.at(0), slices.at(-1)]
    if (first === undefined || rest === undefined || slices.length <= FEW_SLICES) return slices
    const length = lengthOf(first)
    if (lengthOf(rest) <= length) return slices
    const end = slices.length - 1
    let [low, high] = [1, end]
    while (low < high) {
      const at = high === end ? end : Math.ceil((low + high) / 2)
      if (await this.#hasRowWithin(length / DENSE_WITHIN, slices[at]?.after ?? END)) low = at
      else high = at - 1
    }
    return [...slices.slice(0, low), { after: slices[low]?.after ?? rest.after, upTo: rest.upTo }]
  }

  async #hasRowWithin(length: bigint, after: string): Promise<boolean> {
    if (this.#nextOpen() === undefined) return false
    const page = await this.#read({ direction: 'forwards', beyond: after, limit: 1 })
    const next = page?.rows.at(0)?.id
    return next !== undefined && lengthOf({ after, upTo: next }) < length
  }

  /** Reads the slices side by side, and the slices that they are cut into. */
  async #loadAll(slices: readonly Span[]): Promise<void> {
    await Promise.all(
      slices.map(async (slice) => this.#loadAll(await this.#limitCalls(() => this.#readSlice(slice)))),
    )
  }

  /** Reads one page of a slice, unless other lanes have covered it. Returns what is left of the slice, in slices. */
  async #readSlice(slice: Span): Promise<readonly Span[]> {
    const open = this.#openIn(slice)
    const nearby = open && (await this.#readFirst(open, this.#pageRows))
    const rest = this.#openIn(slice)
    if (nearby === undefined || rest === undefined) return []
    return this.#joinSparse(cutByDensity(rest, nearby, rowsOfSlice(this.#pageRows), this.#rowsLeft))
  }

  /** Reads a page from the beginning of an open span. Returns the density at its end; undefined if it has no rows. */
  async #readFirst({ after }: Span, limit: number): Promise<Density | undefined> {
    const beyond = after === START ? undefined : after
    const page = await this.#read({ direction: 'forwards', beyond, limit })
    if (page === undefined) return undefined
    this.#isLacking ||= coveredUpTo(this.#options.coverage(), after, this.#options.minAsOf) === after
    const density = densityOf(page.rows, after)
    page.free?.()
    return density
  }

  /** The last record shows where the ids end. */
  async #readLast({ upTo }: Span) {
    if (upTo === END) await this.#read({ direction: 'backwards', beyond: undefined, limit: 1 })
  }

  async #learnRows() {
    this.#rows = await this.#options.learnRows()
  }

  async #read(part: Omit<Range, 'role'>): Promise<RangePage | undefined> {
    const range = { role: this.#options.role, ...part }
    try {
      const page = await this.#options.read(range)
      this.#note(spanOfPage(range, page), page)
      this.#isLacking ||= this.#isEvicted()
      return page
    } catch (error) {
      this.#failure ??= { error }
      return undefined
    }
  }

  #note(span: Span, { rows }: RangePage) {
    for (const { after, upTo } of gaps(this.#covered, span, 0))
      this.#rowsRead += countUpTo(rows, upTo) - countUpTo(rows, after)
    this.#covered = addInterval(this.#covered, { ...span, asOf: 0 })
  }

  #nextOpen(): Span | undefined {
    return this.#openIn(EVERYTHING)
  }

  /** From the first gap to the last one in a span. Undefined if there is none, or the load must end. */
  #openIn(span: Span): Span | undefined {
    return this.#isLacking || this.#failure !== undefined ? undefined : this.#gapsIn(span)
  }

  #gapsIn(span: Span): Span | undefined {
    const open = gaps(this.#options.coverage(), span, this.#options.minAsOf)
    const [first, last] = [open.at(0), open.at(-1)]
    return first && last && { after: first.after, upTo: last.upTo }
  }

  /** The rows that were not read yet, if the number of all rows is known and not out of date. A span has no more rows. */
  get #rowsLeft(): number | undefined {
    return this.#rows === undefined || this.#rows < this.#rowsRead ? undefined : this.#rows - this.#rowsRead
  }

  /** Whether the store lacks more than single ids of what was read. An event may make an id uncertain. */
  #isEvicted(): boolean {
    const { coverage, minAsOf } = this.#options
    return this.#covered
      .flatMap((span) => gaps(coverage(), span, minAsOf))
      .some(({ after, upTo }) => after !== idBefore(upTo))
  }
}
