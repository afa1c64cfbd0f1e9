import type { Packed } from './codec.ts'
import {
  behind,
  type Coverage,
  cover,
  EVERYTHING,
  forget,
  forgetOlder,
  type Interval,
  NO_COVERAGE,
  oldest,
  renew,
  type Span,
  sinceOf,
} from './coverage.ts'
import { isOutdated, laterOf, type Newer, newerOf, newerOfLater, type Told } from './event-order.ts'
import { createSortedMap } from './sorted-map.ts'

/** Of a record that Clever has, and that cannot be read. */
export const UNREADABLE: Packed = ''

export type Entry = readonly [id: string, packed: Packed]

/** What holds one record beside its text: header, key, place in the tree. Measured; docs/performance.md has the figures. */
const RECORD_BYTES = 110
export const INTERVAL_BYTES = 160
const TOLD_BYTES = 180
/** Beyond this, counting would take longer than it helps. */
const MOST_COUNTED = 20_000
/** No call is answered later than this. ms */
const LONGEST_CALL = 180_000

type OnChange = (id: string, before: Packed | undefined, after: Packed | undefined) => void

/** All that is known of the records of one role in a district. Holds no record outside of its coverage. */
export class Shelf {
  readonly #onChange: OnChange
  readonly #records = createSortedMap<Packed>()
  readonly #told = createSortedMap<Told>()
  #toldBytes = 0
  #coverage = NO_COVERAGE
  #recordBytes = 0
  /** The coverage that `#wholeSince` was computed from. */
  #wholeOf = NO_COVERAGE
  #wholeSince: number | undefined

  /** `onChange` is called for each record that is added, removed or changed. */
  constructor(onChange: OnChange) {
    this.#onChange = onChange
  }

  get coverage(): Coverage {
    return this.#coverage
  }

  /** Since when all records of the role are known, in ms since the epoch; undefined if some are not. */
  get wholeSince(): number | undefined {
    if (this.#wholeOf !== this.#coverage) {
      this.#wholeOf = this.#coverage
      this.#wholeSince = oldest(this.#coverage, EVERYTHING)
    }
    return this.#wholeSince
  }

  get size(): number {
    return this.#records.size
  }

  get bytes(): number {
    return this.#recordBytes + this.#toldBytes + this.#coverage.length * INTERVAL_BYTES
  }

  /** The encoded record, of whatever age. */
  peek(id: string): Packed | undefined {
    return this.#records.get(id)
  }

  /** The records with ids above `after`, in ascending order. */
  after(after: string): IteratorObject<[string, Packed]> {
    return Iterator.from(this.#records.entries(`${after} `))
  }

  /** The records with ids below `before`, in descending order. */
  downFrom(before: string): IteratorObject<[string, Packed]> {
    return Iterator.from(this.#records.entriesReversed(before, undefined, true))
  }

  /** The highest id of a record. */
  get last(): string | undefined {
    return this.#records.maxKey()
  }

  /** How many records, of whatever age, lie in a span; undefined if not all of the span is known. */
  rowsIn(span: Span): number | undefined {
    if (oldest(this.#coverage, span) === undefined) return undefined
    let rows = 0
    for (const [id] of this.after(span.after)) {
      if (id > span.upTo || rows > MOST_COUNTED) break
      rows += 1
    }
    return rows
  }

  /**
   * Replaces the records of a span by those that Clever returned, in the order of their ids. Keeps what is known since later,
   * and what newer events have told. Returns the ids for which only Clever can answer which is newer.
   */
  write(interval: Interval, entries: readonly Entry[]): readonly string[] {
    const doubtful: string[] = []
    for (const span of behind(this.#coverage, interval, interval.since)) {
      const there = new Map(within(entries, span))
      this.#removeIn(span, there)
      for (const [id, packed] of there) this.#put(id, packed)
      for (const [id, event] of this.#told.getRange(span.after, span.upTo, true)) {
        if (id <= span.after) continue
        const newer = newerOfLater(event, there.get(id), interval.since)
        if (newer === 'EVENT') this.#put(id, event.packed)
        if (newer === 'UNKNOWN') doubtful.push(id)
      }
    }
    this.#coverage = cover(this.#coverage, interval)
    return doubtful
  }

  /**
   * Applies what an event tells of one id, if the id is known and the event is newer, and remembers it for the answers that
   * are under way. Returns which is newer; undefined if the id is not known.
   */
  tell(id: string, event: Told): Newer | undefined {
    const before = this.#told.get(id)
    const later = before === undefined ? event : laterOf(before, event)
    this.#toldBytes += sizeOfTold(later) - sizeOfTold(before)
    this.#told.set(id, later)
    const since = sinceOf(this.#coverage, id)
    // An event that became visible late may be older than one that was applied.
    if (since === undefined || later !== event) return undefined
    const newer = newerOf(event, this.#records.get(id), since)
    if (newer === 'EVENT') this.#put(id, event.packed)
    return newer
  }

  /** What an event has told of one id, as long as it is remembered. */
  told(id: string): Told | undefined {
    return this.#told.get(id)
  }

  /** What events have told since, in ms since the epoch; `packed` is undefined for a record that is gone. */
  toldSince(since: number): readonly (readonly [id: string, told: Told])[] {
    return this.#told.toArray().filter(([, event]) => !isOutdated(event, since))
  }

  forget(span: Span) {
    this.#removeIn(span)
    this.#coverage = forget(this.#coverage, span)
  }

  /** Forgets also what events have told. */
  forgetAll() {
    this.#removeIn(EVERYTHING)
    this.#coverage = NO_COVERAGE
    this.#told.clear()
    this.#toldBytes = 0
  }

  forgetOlder(notBefore: number) {
    for (const span of this.#coverage) if (span.since < notBefore) this.#removeIn(span)
    this.#coverage = forgetOlder(this.#coverage, notBefore)
  }

  renew(from: number, until: number) {
    this.#coverage = renew(this.#coverage, from, until)
  }

  /** Forgets each event once no call is under way that was sent before the event was heard. `now`: ms since the epoch */
  forgetTold(now: number) {
    for (const [id, event] of this.#told.toArray()) {
      if (event.heardAt >= now - LONGEST_CALL) continue
      this.#told.delete(id)
      this.#toldBytes -= sizeOfTold(event)
    }
  }

  #put(id: string, packed: Packed | undefined) {
    const before = this.#records.get(id)
    if (packed === before) return
    this.#recordBytes += sizeOf(packed) - sizeOf(before)
    if (packed === undefined) this.#records.delete(id)
    else this.#records.set(id, packed)
    this.#onChange(id, before, packed)
  }

  #removeIn({ after, upTo }: Span, but: ReadonlyMap<string, Packed> = new Map()) {
    for (const [id] of this.#records.getRange(after, upTo, true))
      if (id > after && !but.has(id)) this.#put(id, undefined)
  }
}

function sizeOfTold(event: Told | undefined): number {
  return event === undefined ? 0 : TOLD_BYTES + sizeOf(event.packed)
}

/** Of entries in the order of their ids. */
function within(entries: readonly Entry[], { after, upTo }: Span): readonly Entry[] {
  return entries.slice(firstAfter(entries, after), firstAfter(entries, upTo))
}

function firstAfter(entries: readonly Entry[], id: string): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((entries[middle]?.[0] ?? '') > id) high = middle
    else low = middle + 1
  }
  return low
}

/** One byte a character, or two where there is any that needs them. */
function sizeOf(packed: Packed | undefined): number {
  if (packed === undefined) return 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: V8 keeps a string of these in one byte each
  return RECORD_BYTES + packed.length * (/^[\x00-\xff]*$/.test(packed) ? 1 : 2)
}
