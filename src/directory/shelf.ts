import {
  behind,
  type Coverage,
  cover,
  EVERYTHING,
  forget,
  forgetOlder,
  type Interval,
  NO_COVERAGE,
  renew,
  type Span,
  sinceOf,
} from './coverage.ts'
import { isOutdated, laterOf, type Newer, newerOf, newerOfLater, type Told } from './newer.ts'
import type { Packed } from './pack.ts'
import { createSortedMap } from './sorted-map.ts'

/** Of a record that Clever has, and that cannot be read. */
export const UNREADABLE: Packed = ''

export type Entry = readonly [id: string, packed: Packed]

/** What is known of one id. */
export interface Found {
  /** Undefined where Clever has nothing: an absence is knowledge too. */
  readonly packed: Packed | undefined
  readonly since: number
}

/** All that is known of the records of one role in a district. Holds no record outside of its coverage. */
export interface Shelf {
  readonly coverage: Coverage
  readonly size: number
  readonly bytes: number
  /** Undefined where nothing young enough is known. */
  find(id: string, notBefore: number): Found | undefined
  /** As it is, of whatever age. */
  peek(id: string): Packed | undefined
  /** Records in the order of their ids, from the one after `after` on, or from the one before `upTo` down. */
  after(after: string): IteratorObject<[string, Packed]>
  downFrom(before: string): IteratorObject<[string, Packed]>
  /**
   * The whole truth about a span, as Clever told it, in the order of the ids; what is known since later stays, and so does
   * what events have told that is newer. Returns the ids of which only Clever can answer what is newer.
   */
  write(told: Interval, records: readonly Entry[]): readonly string[]
  /**
   * What an event tells of one id. It is kept where the id is known and the event is newer, and remembered for the answers
   * that are under way. Returns which is newer; undefined where the id is not known.
   */
  tell(id: string, told: Told): Newer | undefined
  /** What an event has told of one id, as long as it is remembered. */
  told(id: string): Told | undefined
  /** What events have told since, in ms since the epoch; undefined for what is gone. */
  toldSince(since: number): readonly (readonly [id: string, told: Told])[]
  forget(span: Span): void
  /** Also what events have told. */
  forgetAll(): void
  forgetOlder(notBefore: number): void
  renew(from: number, until: number): void
  /** Once no call is under way that was sent before it was heard. `now`: ms since the epoch */
  forgetTold(now: number): void
}

/** What holds one record beside its text: header, key, place in the tree. Measured; docs/performance.md has the figures. */
const RECORD_BYTES = 110
export const INTERVAL_BYTES = 160
const TOLD_BYTES = 180
/** No call is answered later than this. ms */
const LONGEST_CALL = 180_000

/** `onChange` is told of each record that comes, goes or changes. */
export function createShelf(
  onChange: (id: string, before: Packed | undefined, after: Packed | undefined) => void,
): Shelf {
  const records = createSortedMap<Packed>()
  const told = createSortedMap<Told>()
  let toldBytes = 0
  let coverage = NO_COVERAGE
  let bytes = 0

  function put(id: string, packed: Packed | undefined) {
    const before = records.get(id)
    if (packed === before) return
    bytes += sizeOf(packed) - sizeOf(before)
    if (packed === undefined) records.delete(id)
    else records.set(id, packed)
    onChange(id, before, packed)
  }

  function removeIn({ after, upTo }: Span, but: ReadonlyMap<string, Packed> = new Map()) {
    for (const [id] of records.getRange(after, upTo, true)) if (id > after && !but.has(id)) put(id, undefined)
  }

  return {
    get coverage() {
      return coverage
    },
    get size() {
      return records.size
    },
    get bytes() {
      return bytes + toldBytes + coverage.length * INTERVAL_BYTES
    },
    find(id, notBefore) {
      const since = sinceOf(coverage, id)
      return since === undefined || since < notBefore ? undefined : { packed: records.get(id), since }
    },
    peek: (id) => records.get(id),
    after: (after) => Iterator.from(records.entries(`${after} `)),
    downFrom: (before) => Iterator.from(records.entriesReversed(before, undefined, true)),

    write(interval, entries) {
      const doubtful: string[] = []
      for (const span of behind(coverage, interval, interval.since)) {
        const there = new Map(within(entries, span))
        removeIn(span, there)
        for (const [id, packed] of there) put(id, packed)
        for (const [id, event] of told.getRange(span.after, span.upTo, true)) {
          if (id <= span.after) continue
          const newer = newerOfLater(event, there.get(id), interval.since)
          if (newer === 'EVENT') put(id, event.packed)
          if (newer === 'UNKNOWN') doubtful.push(id)
        }
      }
      coverage = cover(coverage, interval)
      return doubtful
    },

    tell(id, event) {
      const before = told.get(id)
      const later = before === undefined ? event : laterOf(before, event)
      toldBytes += sizeOfTold(later) - sizeOfTold(before)
      told.set(id, later)
      const since = sinceOf(coverage, id)
      // An event that became visible late may be older than one that was applied.
      if (since === undefined || later !== event) return undefined
      const newer = newerOf(event, records.get(id), since)
      if (newer === 'EVENT') put(id, event.packed)
      return newer
    },

    told: (id) => told.get(id),

    toldSince: (since) => told.toArray().filter(([, event]) => !isOutdated(event, since)),

    forget(span) {
      removeIn(span)
      coverage = forget(coverage, span)
    },

    forgetAll() {
      removeIn(EVERYTHING)
      coverage = NO_COVERAGE
      told.clear()
      toldBytes = 0
    },

    forgetOlder(notBefore) {
      for (const span of coverage) if (span.since < notBefore) removeIn(span)
      coverage = forgetOlder(coverage, notBefore)
    },

    renew(from, until) {
      coverage = renew(coverage, from, until)
    },

    forgetTold(now) {
      for (const [id, event] of told.toArray()) {
        if (event.heardAt >= now - LONGEST_CALL) continue
        told.delete(id)
        toldBytes -= sizeOfTold(event)
      }
    },
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
