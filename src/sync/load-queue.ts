/** The memory of all stores, in records. */
export interface MemoryRoom {
  /** How many records fit altogether. */
  readonly records: number
  /** How many more fit without evicting any. */
  readonly left: number
}

/** What is known of a load when it is offered. */
export interface LoadOffer {
  /** The expected number of records; undefined if it is not known. */
  readonly rows: number | undefined
  /** How many of them are in memory already. */
  readonly held: number
  /** The time of the last request or subscriber for the district; undefined if there was none. */
  readonly askedAt: number | undefined
}

export type LoadState =
  | { readonly kind: 'LOADING' | 'WAITING' }
  /** The last attempt failed. */
  | { readonly kind: 'PAUSED'; readonly until: number }

export type LoadEnd = 'DONE' | 'YIELDED' | 'FAILED'

interface Entry {
  rows: number | undefined
  held: number
  askedAt: number | undefined
  /** Undefined while there is nothing to load. */
  waitingSince: number | undefined
  /** In a row, without a page in between. */
  failures: number
  notBefore: number
  place: 'NONE' | 'TAKEN' | 'YIELDING'
  /** Whether it took its place because it had waited longest. It keeps the place then. */
  isOverdue: boolean
}

/** A district without requests for this long counts as not asked for. ms */
export const ASKED_MS = 3_600_000
/** A load that has waited for this long may go before those that were asked for. ms */
export const OVERDUE_MS = 600_000
/** At least so many loads start in order between two that go first because they are overdue. */
export const STARTS_BETWEEN_OVERDUE = 3
export const MAX_PAUSE_MS = 600_000
/** A page: the least that a load of unknown size will need beside other loads. */
const UNKNOWN_ROWS = 10_000

/**
 * The order of full loads, one for each district. At most `places` of them run at one time:
 *
 * - Districts that a request or a subscriber has asked for come first, the latest first. Then small ones come before large ones.
 * - When a load has waited for ten minutes, every fourth start is of the one that has waited longest, so that none starves.
 * - A load that nothing has asked for starts only if its records fit into the memory that is left. One that was asked for may evict
 *   others, but two loads at one time never need more than all memory.
 * - A load that nothing has asked for yields its place, after a page, to one that was asked for.
 * - After a failure, a load pauses without a place, twice as long after each further one.
 *
 * Pure and synchronous. All times are `clock.elapsed()`, in ms. Each method takes time in proportion to the districts, except for `ask`.
 */
export class LoadQueue<Key> {
  readonly #places: number
  readonly #firstPauseMs: number
  readonly #entries = new Map<Key, Entry>()
  #startsInOrder = 0

  /** `firstPauseMs`: the longest pause after a first failure. */
  constructor(places: number, firstPauseMs: number) {
    this.#places = places
    this.#firstPauseMs = firstPauseMs
  }

  /** Adds a load, or updates what is known of it. It keeps the time since which it waits. */
  offer(key: Key, { rows, held, askedAt }: LoadOffer, now: number) {
    const entry = this.#entries.get(key)
    if (entry === undefined) {
      const idle = { failures: 0, notBefore: now, place: 'NONE', isOverdue: false } as const
      this.#entries.set(key, { rows, held, askedAt, waitingSince: now, ...idle })
      return
    }
    entry.askedAt = askedAt === undefined ? entry.askedAt : Math.max(askedAt, entry.askedAt ?? askedAt)
    entry.waitingSince ??= now
    if (entry.place === 'NONE') Object.assign(entry, { rows, held })
  }

  /** There is nothing to load now. A load that has its place keeps it. */
  withdraw(key: Key) {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.waitingSince = undefined
  }

  /** A request or a subscriber has asked for the district. True if that may let the load start. */
  ask(key: Key, now: number): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined) return false
    const wasAsked = isAsked(entry, now)
    entry.askedAt = now
    return !wasAsked && entry.place === 'NONE' && isReady(entry, now)
  }

  /** Gives a place to the next load. Undefined if none may start now. */
  start(now: number, memory: MemoryRoom): Key | undefined {
    const running = this.#running()
    if (running.length >= this.#places) return undefined
    const able = this.#ready(now).filter(([, entry]) => isAsked(entry, now) || fits(entry, running, memory))
    const overdue = this.#overdue(able, now)
    const next = overdue ?? able.toSorted(([, a], [, b]) => compare(a, b, now))[0]
    // It waits until the running loads have ended. If others started meanwhile, it could wait forever.
    if (next === undefined || !fitsTogether(next[1], running, memory)) return undefined
    const [key, entry] = next
    entry.place = 'TAKEN'
    entry.isOverdue = overdue !== undefined
    this.#startsInOrder = entry.isOverdue ? 0 : this.#startsInOrder + 1
    return key
  }

  /** Notes a page of a running load. True if the load must now end as YIELDED. */
  mustYield(key: Key, rows: number, now: number): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.place === 'NONE') return false
    entry.held += rows
    entry.failures = 0
    if (entry.place === 'TAKEN' && !entry.isOverdue && !isAsked(entry, now)) {
      const waiting = this.#ready(now).filter(([, other]) => isAsked(other, now)).length
      const yielding = this.#running().filter(({ place }) => place === 'YIELDING').length
      if (waiting > yielding) entry.place = 'YIELDING'
    }
    return entry.place === 'YIELDING'
  }

  /** Frees the place of a load. `random`: in [0, 1). Returns the pause until the next attempt; undefined if the load did not fail. */
  end(key: Key, how: LoadEnd, now: number, random: number): number | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    entry.place = 'NONE'
    entry.isOverdue = false
    if (how === 'DONE') this.#entries.delete(key)
    if (how !== 'FAILED') return undefined
    entry.failures += 1
    const pause = Math.min(this.#firstPauseMs * 2 ** (entry.failures - 1), MAX_PAUSE_MS) * (0.5 + random / 2)
    entry.notBefore = now + pause
    if (entry.waitingSince !== undefined) entry.waitingSince = entry.notBefore
    return pause
  }

  /** Ends the pause after a failure: Clever answers again. */
  resume(key: Key, now: number) {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.notBefore = Math.min(entry.notBefore, now)
  }

  /** Undefined if there is nothing to load. */
  state(key: Key, now: number): LoadState | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.place !== 'NONE') return { kind: 'LOADING' }
    if (entry.waitingSince === undefined) return undefined
    return entry.notBefore > now ? { kind: 'PAUSED', until: entry.notBefore } : { kind: 'WAITING' }
  }

  /** Whether nothing has asked for the load, and the memory that is left is too small for it. */
  lacksMemory(key: Key, now: number, memory: MemoryRoom): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && isReady(entry, now) && !isAsked(entry, now) && !fits(entry, [], memory)
  }

  /** The load that has waited longest, if that was too long and it is its turn. */
  #overdue(waiting: readonly (readonly [Key, Entry])[], now: number) {
    if (this.#startsInOrder < STARTS_BETWEEN_OVERDUE) return undefined
    const [longest] = waiting.toSorted(([, a], [, b]) => since(a) - since(b))
    return longest !== undefined && now - since(longest[1]) >= OVERDUE_MS ? longest : undefined
  }

  #ready(now: number): readonly (readonly [Key, Entry])[] {
    return [...this.#entries].filter(([, entry]) => entry.place === 'NONE' && isReady(entry, now))
  }

  #running(): readonly Entry[] {
    return [...this.#entries.values()].filter(({ place }) => place !== 'NONE')
  }
}

function isReady({ waitingSince, notBefore }: Entry, now: number): boolean {
  return waitingSince !== undefined && notBefore <= now
}

function isAsked({ askedAt }: Entry, now: number): boolean {
  return askedAt !== undefined && now - askedAt < ASKED_MS
}

function compare(a: Entry, b: Entry, now: number): number {
  const [askedA, askedB] = [isAsked(a, now), isAsked(b, now)]
  if (askedA !== askedB) return askedA ? -1 : 1
  const byAsked = askedA ? (b.askedAt ?? 0) - (a.askedAt ?? 0) : 0
  return byAsked || sizeOf(a) - sizeOf(b) || since(a) - since(b)
}

/** Unknown sizes come last. */
function sizeOf({ rows }: Entry): number {
  return rows ?? Number.MAX_SAFE_INTEGER
}

function since({ waitingSince }: Entry): number {
  return waitingSince ?? Number.POSITIVE_INFINITY
}

/** Whether the load fits into the memory that is left, beside what the running loads still need. */
function fits(entry: Entry, running: readonly Entry[], { left }: MemoryRoom): boolean {
  const missing = (of: Entry) => Math.max(rowsOf(of, running) - of.held, 0)
  return sum([...running, entry], missing) <= left
}

/** Whether these loads fit into all memory. A load by itself may try. */
function fitsTogether(entry: Entry, running: readonly Entry[], { records }: MemoryRoom): boolean {
  return running.length === 0 || sum([...running, entry], (of) => rowsOf(of, running)) <= records
}

function rowsOf({ rows, held }: Entry, running: readonly Entry[]): number {
  // Without other loads, one of unknown size shows how much fits.
  return rows ?? Math.max(held, running.length === 0 ? 1 : UNKNOWN_ROWS)
}

function sum(entries: readonly Entry[], amount: (entry: Entry) => number): number {
  return entries.reduce((all, entry) => all + amount(entry), 0)
}
