import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { createSharedCalls, type ShareCall } from '../fetch/shared-calls.ts'
import type { IdChange, IdHistory } from '../identity/id-history.ts'
import { CleverError } from '../model/clever-errors.ts'
import { type EventPage, timeOfEvent, type UserEvent } from '../model/events.ts'
import { PAST_EVERY_ID } from '../model/ids.ts'
import { EventsMeanwhile } from './events-meanwhile.ts'

export interface EventBackfillOptions {
  readonly reader: Pick<DistrictReader, 'events' | 'cleverNow'>
  readonly idHistory: IdHistory
  readonly clock: Clock
  /** How late an event may be reported. ms */
  readonly lagMs: number
  /** Whether the district is polled for events. Without polls the id history would not stay complete. */
  readonly isPolled: () => boolean
  /** Called with id changes that are settled, after the feed has applied their events. */
  readonly onIdChanges: (idChanges: readonly IdChange[]) => void
}

/** The background leaves time for its other work after so many pages. */
export const PAGES_PER_RUN = 10
/**
 * The maximum number of pages, of 1,000 events each. Clever lists events from the oldest, so the backfill
 * cannot begin later.
 */
export const MAX_BACKFILL_PAGES = 100
/** The pause after a failure. It doubles with each further one. ms */
const FIRST_PAUSE_MS = 30_000
const MAX_PAUSE_MS = 600_000
/** A page that its requests did not wait for counts as a failure if it took longer. ms */
const SLOW_PAGE_MS = 3_000
/** How long events of a page may block the event loop: an event of a contact takes up to 0.2 ms. ms */
const SLICE_MS = 8
const ALWAYS = Number.NEGATIVE_INFINITY

/**
 * Reads the past events of a district into its id history, when they are wanted for the first time: the store does not need them.
 * Then adds the events of the feed. Nothing is read twice, and the next page begins where the last one ended, also after a failure.
 */
export class EventBackfill {
  readonly #options: EventBackfillOptions
  readonly #share: ShareCall
  #isWanted = false
  #isGivenUp = false
  #pages = 0
  readonly #meanwhile = new EventsMeanwhile()
  /** When events went missing, by Clever's clock, before the id history has come so far. ms since the epoch */
  readonly #gaps: number[] = []
  #failures = 0
  #retryAt = ALWAYS
  #clearCount = 0
  /** The time up to which the feed has applied all events. ms since the epoch */
  #appliedUntil = ALWAYS
  /** Settled before the feed has applied their events. */
  readonly #early: IdChange[] = []

  constructor(options: EventBackfillOptions) {
    this.#options = options
    this.#share = createSharedCalls(options.clock.now)
  }

  /** Whether past events are missing, and can be read now. */
  get isNeeded(): boolean {
    const { idHistory, isPolled, clock } = this.#options
    return !idHistory.isStarted && isPolled() && clock.elapsed() >= this.#retryAt
  }

  /** Whether there were too many events, so that only id changes after the backfill are followed. */
  get isGivenUp(): boolean {
    return this.#isGivenUp
  }

  /** From now on, the background reads what requests leave. */
  want() {
    this.#isWanted = true
  }

  /**
   * Reads the next page, together with all requests that want it. Throws the CleverErrors, the error of the call allowance, and the
   * signal's reason when the request has ended.
   */
  readPage(callContext: CallContext): Promise<void> {
    const question = { key: 'next page', size: 1, minAsOf: ALWAYS }
    return this.#share(question, callContext, (all) => this.#read(all))
  }

  /** Reads some pages if they are wanted. Throws the CleverErrors. */
  async readOn(callContext: CallContext): Promise<void> {
    for (let page = 1; page <= PAGES_PER_RUN && this.#isWanted && this.isNeeded; page += 1)
      await this.readPage(callContext)
  }

  /** Adds an event that the feed is about to apply. Until the backfill is complete, most are left to it: it reads them in their order. */
  addEvent(event: UserEvent) {
    const { idHistory, onIdChanges } = this.#options
    if (idHistory.isStarted) onIdChanges(idHistory.addEvent(event))
    else if (this.#meanwhile.isReading) this.#meanwhile.add(event)
    else if (event.id <= (idHistory.lastId ?? '')) this.#add(event)
  }

  /** The feed has applied all events until this time, by Clever's clock. */
  completeUntil(until: number) {
    const { idHistory } = this.#options
    this.#appliedUntil = until
    const settled = idHistory.isStarted ? idHistory.completeUntil(until) : []
    this.#publish([...this.#early.splice(0), ...settled])
  }

  /** The feed has missed events up to now. */
  eventsMissed() {
    const { idHistory, reader } = this.#options
    if (idHistory.isStarted) idHistory.reset()
    else this.#gaps.push(reader.cleverNow())
  }

  /** Clears the id history too. */
  clear() {
    this.#options.idHistory.clear()
    this.#clearCount += 1
    this.#isGivenUp = false
    this.#pages = 0
    this.#gaps.length = 0
    this.#early.length = 0
    this.#meanwhile.clear()
  }

  async #read(all: CallContext): Promise<void> {
    const { reader, idHistory, clock } = this.#options
    const [{ lastId }, clearCount] = [idHistory, this.#clearCount]
    const [sentAt, startedAt] = [reader.cleverNow(), clock.elapsed()]
    this.#meanwhile.begin()
    try {
      const page = await reader.events(lastId, all)
      // The id history was cleared, or has the page already.
      const isLate = clearCount !== this.#clearCount || idHistory.lastId !== lastId || idHistory.isStarted
      if (isLate) return
      // Events were switched off, and the next poll will find that too.
      if (page === undefined) return this.#pause()
      this.#failures = 0
      await this.#take(page, sentAt)
    } catch (error) {
      const isSlow = clock.elapsed() - startedAt > SLOW_PAGE_MS
      if (error instanceof CleverError && (isSlow || !all.signal.aborted)) this.#pause()
      throw error
    } finally {
      this.#meanwhile.end()
      for (const event of this.#meanwhile.take(idHistory.lastId ?? '')) this.#add(event)
    }
  }

  #pause() {
    this.#retryAt =
      this.#options.clock.elapsed() + Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, MAX_PAUSE_MS)
    this.#failures += 1
  }

  async #take({ events, unreadable, lastId, isLast }: EventPage, sentAt: number) {
    const { idHistory } = this.#options
    const [before, clearCount] = [idHistory.lastId, this.#clearCount]
    const upTo = isLast ? PAST_EVERY_ID : (lastId ?? '')
    const all = [...events, ...this.#meanwhile.take(upTo)].sort((a, b) => (a.id < b.id ? -1 : 1))
    let startedAt = performance.now()
    for (const event of all) {
      this.#add(event)
      if (performance.now() - startedAt < SLICE_MS) continue
      await nextTurn()
      if (clearCount !== this.#clearCount) return
      startedAt = performance.now()
    }
    for (const event of this.#meanwhile.take(upTo)) this.#add(event)
    if (unreadable.length > 0) idHistory.reset()
    idHistory.skipTo(lastId)
    this.#pages += 1
    if (isLast) this.#complete(sentAt)
    else if (idHistory.lastId === before || this.#pages === MAX_BACKFILL_PAGES) this.#giveUp()
  }

  #add(event: UserEvent) {
    this.#passGaps(timeOfEvent(event.id))
    this.#publish(this.#options.idHistory.addEvent(event))
  }

  #passGaps(until: number) {
    const { idHistory } = this.#options
    while ((this.#gaps[0] ?? Number.POSITIVE_INFINITY) <= until) {
      this.#gaps.shift()
      idHistory.reset()
    }
  }

  #complete(sentAt: number) {
    const { idHistory, reader, lagMs } = this.#options
    this.#passGaps(Number.MAX_VALUE)
    this.#pages = 0
    idHistory.start()
    this.#publish(idHistory.completeUntil(Math.min(sentAt, reader.cleverNow()) - lagMs))
  }

  #giveUp() {
    const { idHistory } = this.#options
    this.#isGivenUp = true
    this.#pages = 0
    this.#gaps.length = 0
    idHistory.reset()
    idHistory.start()
  }

  /** No subscriber receives an id change before its events. */
  #publish(settled: readonly IdChange[]) {
    const { lagMs, onIdChanges } = this.#options
    const isDue = ({ settledAt }: IdChange) => settledAt <= this.#appliedUntil + lagMs
    this.#early.push(...settled.filter((idChange) => !isDue(idChange)))
    onIdChanges(settled.filter(isDue))
  }
}
