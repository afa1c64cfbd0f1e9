import type { EncodedRecord } from '../model/codec.ts'
import { bisect } from '../model/sorted-ids.ts'
import {
  addInterval,
  asOfTime,
  type Coverage,
  END,
  EVERYTHING,
  type Interval,
  NO_COVERAGE,
  oldestAsOf,
  removeOlder,
  removeSpan,
  renew,
  type Span,
  singleId,
  spansNotNewerThan,
} from './coverage.ts'
import { EncodedRecords, type EncodedRow } from './encoded-records.ts'
import {
  type EventVersion,
  isOutdated,
  latestVersion,
  type NewerSource,
  newerSource,
  newerSourceForLaterRead,
} from './event-order.ts'
import { createSortedMap } from './sorted-map.ts'

export const INTERVAL_BYTES = 160
const EVENT_BYTES = 180
/** The maximum time from a call to its answer. ms */
const MAX_CALL_MS = 180_000

type OnChange = (id: string, before: EncodedRecord | undefined, after: EncodedRecord | undefined) => void

/** The records of one role in a district. Holds no record outside of its coverage. */
export class RecordTable {
  readonly #onChange: OnChange
  readonly #records = new EncodedRecords()
  readonly #events = createSortedMap<EventVersion>()
  #eventBytes = 0
  #coverage = NO_COVERAGE
  /** The coverage that `#wholeAsOf` was computed from. */
  #wholeOf = NO_COVERAGE
  #wholeAsOf: number | undefined

  /** `onChange` is called for each record that is added, removed or changed. */
  constructor(onChange: OnChange) {
    this.#onChange = onChange
  }

  get coverage(): Coverage {
    return this.#coverage
  }

  /** The as-of time of all records of the role, in ms since the epoch; undefined if some are not covered. */
  get wholeAsOf(): number | undefined {
    if (this.#wholeOf !== this.#coverage) {
      this.#wholeOf = this.#coverage
      this.#wholeAsOf = oldestAsOf(this.#coverage, EVERYTHING)
    }
    return this.#wholeAsOf
  }

  get size(): number {
    return this.#records.size
  }

  get bytes(): number {
    return this.#records.bytes + this.#eventBytes + this.#coverage.length * INTERVAL_BYTES
  }

  /** The encoded record of any age. */
  peek(id: string): EncodedRecord | undefined {
    return this.#records.get(id)
  }

  /** Ascending ids above `after`. */
  idsAfter(after: string): IteratorObject<string> {
    return this.#records.idsAfter(after)
  }

  /** The records with ids above `after`, in ascending order. */
  ascendingAfter(after: string): IteratorObject<EncodedRow> {
    return this.#records.ascendingAfter(after)
  }

  /** The records with ids below `before`, in descending order. */
  descendingBefore(before: string): IteratorObject<EncodedRow> {
    return this.#records.descendingBefore(before)
  }

  /** The highest id of a record. */
  get last(): string | undefined {
    return this.#records.lastId
  }

  /** The number of records of any age in a span; undefined if not all of the span is known. */
  rowCountIn(span: Span): number | undefined {
    return oldestAsOf(this.#coverage, span) === undefined ? undefined : this.#records.countIn(span)
  }

  /**
   * Replaces the records of a span by those that Clever returned, in the order of their ids, each id once. Keeps data with a later
   * as-of time, and newer events. Returns the ids for which only Clever can say which is newer.
   */
  write(interval: Interval, entries: readonly EncodedRow[]): readonly string[] {
    const uncertain: string[] = []
    for (const span of spansNotNewerThan(this.#coverage, interval, interval.asOf)) {
      const there = within(entries, span)
      this.#replaceIn(span, there)
      for (const [id, event] of this.#events.getRange(span.after, span.upTo, true)) {
        if (id <= span.after) continue
        const [, read] = within(there, singleId(id)).at(0) ?? []
        const newer = newerSourceForLaterRead(event, read, interval.asOf)
        if (newer === 'EVENT') this.#put(id, event.encoded)
        if (newer === 'UNKNOWN') uncertain.push(id)
      }
    }
    this.#coverage = addInterval(this.#coverage, interval)
    return uncertain
  }

  /**
   * Applies an event to one id, if the id is covered and the event is newer, and remembers it for the answers that are
   * under way. Returns which of the two is newer; undefined if the id is not covered.
   */
  applyEvent(id: string, event: EventVersion): NewerSource | undefined {
    const before = this.#events.get(id)
    const later = before === undefined ? event : latestVersion(before, event)
    this.#eventBytes += sizeOfEvent(later) - sizeOfEvent(before)
    this.#events.set(id, later)
    const asOf = asOfTime(this.#coverage, id)
    // An event that became visible late may be older than one that was applied.
    if (asOf === undefined || later !== event) return undefined
    const newer = newerSource(event, this.#records.get(id), asOf)
    if (newer === 'EVENT') this.#put(id, event.encoded)
    return newer
  }

  /** The latest event of one id, while it is remembered. */
  recentEvent(id: string): EventVersion | undefined {
    return this.#events.get(id)
  }

  /** The events that the answer to a call that was sent at `asOf` may lack. A deleted record has no version. */
  eventsNewerThan(asOf: number): readonly (readonly [id: string, version: EventVersion])[] {
    return this.#events.toArray().filter(([, event]) => event.receivedAt > asOf && !isOutdated(event, asOf))
  }

  removeSpan(span: Span) {
    this.#removeIn(span)
    this.#coverage = removeSpan(this.#coverage, span)
  }

  /** Also removes the remembered events. */
  clear() {
    this.#removeIn(EVERYTHING)
    this.#coverage = NO_COVERAGE
    this.#events.clear()
    this.#eventBytes = 0
  }

  evictOlder(minAsOf: number) {
    for (const span of this.#coverage) if (span.asOf < minAsOf) this.#removeIn(span)
    this.#coverage = removeOlder(this.#coverage, minAsOf)
  }

  renew(from: number, until: number) {
    this.#coverage = renew(this.#coverage, from, until)
  }

  /** Drops each event once no call is under way that was sent before the event was received. `now`: ms since the epoch */
  dropOldEvents(now: number) {
    for (const [id, event] of this.#events.toArray()) {
      if (event.receivedAt >= now - MAX_CALL_MS) continue
      this.#events.delete(id)
      this.#eventBytes -= sizeOfEvent(event)
    }
  }

  #put(id: string, encoded: EncodedRecord | undefined) {
    this.#change(id, this.#records.get(id), encoded)
  }

  #change(id: string, before: EncodedRecord | undefined, encoded: EncodedRecord | undefined) {
    if (encoded === before) return
    if (encoded === undefined) this.#records.delete(id)
    else this.#records.set(id, encoded)
    this.#onChange(id, before, encoded)
  }

  #removeIn(span: Span) {
    this.#replaceIn(span, [])
  }

  #replaceIn(span: Span, there: readonly EncodedRow[]) {
    // A load of a new district finds no record in its span. To look each one up would take 1 µs.
    if (this.#records.countIn(span) === 0)
      for (const [id, encoded] of there) this.#change(id, undefined, encoded)
    else this.#replaceRecords(this.#records.idsIn(span), there)
  }

  /** Both are in the order of their ids. A Set of the ids would take longer than all the rest, because V8 must hash each one. */
  #replaceRecords(held: readonly string[], there: readonly EncodedRow[]) {
    let next = 0
    for (const id of held) {
      while ((there[next]?.[0] ?? END) < id) next += 1
      if (there[next]?.[0] !== id) this.#put(id, undefined)
    }
    for (const [id, encoded] of there) this.#put(id, encoded)
  }
}

function sizeOfEvent(event: EventVersion | undefined): number {
  return event === undefined ? 0 : EVENT_BYTES + sizeOf(event.encoded)
}

/** The entries within a span, from entries in the order of their ids. */
function within(entries: readonly EncodedRow[], { after, upTo }: Span): readonly EncodedRow[] {
  const countUpTo = (id: string) => bisect(entries.length, (at) => (entries[at]?.[0] ?? '') <= id)
  return entries.slice(countUpTo(after), countUpTo(upTo))
}

/** At most two bytes for each character. */
function sizeOf(encoded: EncodedRecord | undefined): number {
  return encoded === undefined ? 0 : 2 * encoded.length
}
