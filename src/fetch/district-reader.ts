import type { CleverClient } from '../clever/client.ts'
import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import {
  CleverPathRefused,
  CleverRangeUnverified,
  CleverRefused,
  CleverTokenRefused,
} from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import { MAX_PAGE_ROWS, type Range, type RangePage, type Role } from '../model/ranges.ts'
import type { DistrictRecord, UserRecord } from '../model/records.ts'
import type { Schools } from '../model/schools.ts'
import type { Dated, DistrictStore } from '../store/district-store.ts'
import type { MemoryLimit } from '../store/memory-limit.ts'
import { partsOfPage } from '../store/range-page.ts'
import { storingTurns } from '../turns.ts'
import { FailureWarnings } from './failure-warnings.ts'
import { fullLoad } from './full-load.ts'
import { Outage } from './outage.ts'
import { createRangeCheck, type RangeCheck } from './range-check.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { createSharedCalls, type ShareCall } from './shared-calls.ts'

export type StudentsFilter = { readonly teacherId: UserId } | { readonly schoolId: UserId }

export interface DistrictReaderOptions {
  readonly client: CleverClient
  readonly store: DistrictStore
  readonly memoryLimit: MemoryLimit
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Called when the district has withdrawn its consent, after its store was cleared. */
  readonly onRefusal: (error: Error) => void
  /** The rows of a role, if their number is known or can be estimated. */
  readonly expectedRows: (role: Role) => number | undefined
  /** As in `Sizes`. */
  readonly learnRows: (role: Role, callContext: CallContext) => Promise<number | undefined>
  /** Called after each full load of a role. */
  readonly onWhole: (role: Role) => void
}

/** The number of ids that are remembered one by one. */
const MAX_REMEMBERED = 200
const ALWAYS = Number.NEGATIVE_INFINITY

/**
 * Reads one district from Clever. Each answer goes into the store, and requests that ask for the same share a call while
 * it is under way. `minAsOf` (ms since the epoch): a call that was sent earlier does not count. Throws the CleverErrors,
 * the error of the call allowance, and the signal's reason when the request has ended.
 */
export class DistrictReader {
  readonly #options: DistrictReaderOptions
  readonly #share: ShareCall
  readonly #refusals: Refusals
  readonly #ranges: RangeCheck
  readonly #outage: Outage
  readonly #warnings: FailureWarnings
  /** How many times the district has withdrawn its consent. */
  #refusalCount = 0

  constructor(options: DistrictReaderOptions) {
    const { client, store, clock, log, metrics } = options
    this.#options = options
    this.#share = createSharedCalls(clock.now)
    this.#outage = new Outage(clock)
    this.#warnings = new FailureWarnings(client.districtId, clock, log)
    this.#refusals = createRefusals(client, clock)
    this.#ranges = createRangeCheck(client, store, clock, (milliseconds) => {
      metrics.rangesBroken.inc()
      log.warn(
        { districtId: client.districtId, milliseconds },
        'a page from Clever is out of order, out of range or contradicted by another: ranges are paused',
      )
    })
  }

  user(id: UserId, callContext: CallContext, minAsOf: number): Promise<Dated<UserRecord | undefined>> {
    const { client, store } = this.#options
    return this.#share({ key: `user ${id}`, size: 1, minAsOf }, callContext, (all) =>
      this.#callAndStore(
        () => client.user(id, all),
        (user, asOf) => store.putUser(id, user, asOf),
      ),
    )
  }

  /** Throws CleverRangeUnverified too. */
  range(range: Range, callContext: CallContext, minAsOf: number): Promise<Dated<RangePage>> {
    const { role, direction, beyond, limit, wanted } = range
    const rows = wanted === undefined ? 'all' : [...wanted].join()
    const question = { key: `range ${role} ${direction} ${beyond} ${rows}`, size: limit, minAsOf }
    return this.#share(question, callContext, (all) => this.#readRange(range, all))
  }

  contactsOf(
    studentId: UserId,
    callContext: CallContext,
    minAsOf: number,
  ): Promise<Dated<readonly UserRecord[]>> {
    const { client, store } = this.#options
    return this.#share({ key: `contacts ${studentId}`, size: 1, minAsOf }, callContext, (all) =>
      this.#callAndStore(
        () => client.contactsOf(studentId, all),
        (users, asOf) => store.putContactsOf(studentId, users, asOf),
      ),
    )
  }

  /**
   * Loads everything of a role that has no as-of time of `minAsOf` or later, up to 8 pages at once. False if some of it
   * could not be stored. A call joins a full load that is under way, which then is as urgent as the call. `onPage` receives
   * the number of rows of each page, unless the call joins.
   */
  fullLoad(
    role: Role,
    callContext: CallContext,
    minAsOf: number,
    onPage: (rows: number) => void = () => {},
  ): Promise<boolean> {
    const { client, store, expectedRows, learnRows, onWhole } = this.#options
    return this.#share({ key: `full load ${role}`, size: 1, minAsOf }, callContext, async (all) => {
      const rows = expectedRows(role)
      if ((rows ?? 0) > MAX_PAGE_ROWS) client.expectLargePages()
      const isWhole = await fullLoad({
        role,
        minAsOf,
        ranges: this.ranges,
        expectedRows: rows,
        learnRows: () => learnRows(role, all),
        coverage: () => store.coverage(role),
        read: async (range) => {
          const page = await this.#loadPage(range, all, minAsOf)
          onPage(page.rows.length)
          return page
        },
      })
      if (isWhole) onWhole(role)
      return isWhole
    })
  }

  /** The students of a teacher, or of a school. */
  async studentsOf(filter: StudentsFilter, callContext: CallContext): Promise<readonly UserRecord[]> {
    const { client, store } = this.#options
    const { value } = await this.#callAndStore(
      () =>
        'teacherId' in filter
          ? client.studentsOf(filter.teacherId, callContext)
          : client.studentsOfSchool(filter.schoolId, callContext),
      (users, asOf) => {
        if (users.length > MAX_REMEMBERED) return
        for (const user of users) store.putUser(user.id, user, asOf)
      },
    )
    return value
  }

  schools(callContext: CallContext, minAsOf: number): Promise<Dated<Schools>> {
    const { client, store } = this.#options
    return this.#share({ key: 'schools', size: 1, minAsOf }, callContext, (all) =>
      this.#callAndStore(
        () => client.schools(all),
        (schools, asOf) => store.putSchools(schools, asOf),
      ),
    )
  }

  district(callContext: CallContext): Promise<DistrictRecord | undefined> {
    return this.#ask(
      this.#options.client.district(callContext).then((record) => {
        if (record === undefined) throw new CleverPathRefused('no record of the district', 404)
        return record
      }),
    )
  }

  /** The same as in the client. A refusal clears the district's store. Other failures change no records. */
  newestEvent(...args: Parameters<CleverClient['newestEvent']>): ReturnType<CleverClient['newestEvent']> {
    return this.#handleRefusal(this.#options.client.newestEvent(...args))
  }

  /** As `newestEvent`. */
  events(...args: Parameters<CleverClient['events']>): ReturnType<CleverClient['events']> {
    return this.#handleRefusal(this.#orOff(this.#options.client.events(...args)))
  }

  /** As the client's. */
  cleverNow(): number {
    return this.#options.client.cleverNow()
  }

  /** How many records of a role there are; undefined where Clever does not count. */
  count(role: Role, callContext: CallContext): Promise<number | undefined> {
    return this.#share({ key: `count ${role}`, size: 1, minAsOf: ALWAYS }, callContext, (all) =>
      this.#ask(this.#options.client.count(role, all)),
    )
  }

  get ranges(): RangeCheck['state'] {
    return this.#ranges.state
  }

  /** Whether Clever failed to answer a few seconds ago, and has not answered since. */
  get isDown(): boolean {
    return this.#outage.isDown
  }

  /** A page of a full load. Only a whole page can be freed, because requests do not share it. */
  async #loadPage(range: Range, all: CallContext, minAsOf: number): Promise<RangePage> {
    if (range.limit === MAX_PAGE_ROWS) return (await this.#readRange(range, all)).value
    const { free, ...page } = (await this.range(range, all, minAsOf)).value
    return page
  }

  async #readRange(range: Range, all: CallContext): Promise<Dated<RangePage>> {
    const { client, store, memoryLimit } = this.#options
    const read = async () => this.#ranges.check(range, await client.range(range, all), all)
    try {
      return await this.#callAndStore(read, async (page, asOf, isRefused) => {
        const parts = partsOfPage(range, page)
        for (const part of parts) {
          if (parts.length > 1) await storingTurns.wait()
          if (isRefused()) return
          store.putRange(part.range, part.page, asOf)
          memoryLimit.enforce(store)
        }
      })
    } catch (error) {
      if (error instanceof CleverRangeUnverified) this.#ranges.pause()
      throw error
    }
  }

  /**
   * Calls Clever, and puts the answer into the store as of the time of the call. An answer to a call before a refusal is
   * not stored after it.
   */
  async #callAndStore<Value>(
    call: () => Promise<Value>,
    put: (value: Value, asOf: number, isRefused: () => boolean) => void | Promise<void>,
  ): Promise<Dated<Value>> {
    const { clock, memoryLimit, store } = this.#options
    const asOf = clock.now()
    const before = this.#refusalCount
    const value = await this.#ask(call())
    const isRefused = () => before !== this.#refusalCount
    if (!isRefused()) await put(value, asOf, isRefused)
    memoryLimit.enforce(store)
    return { value, asOf }
  }

  async #ask<Value>(call: Promise<Value>): Promise<Value> {
    try {
      const value = await this.#handleRefusal(call)
      this.#outage.noteAnswer()
      return value
    } catch (error) {
      this.#outage.noteFailure(error)
      throw error
    }
  }

  /** When the district has withdrawn its consent, its store is cleared before the error is thrown. */
  async #handleRefusal<Value>(call: Promise<Value>): Promise<Value> {
    try {
      const answer = await call
      this.#warnings.noteAnswer()
      return answer
    } catch (error) {
      if (!(error instanceof CleverRefused)) {
        this.#warnings.noteFailure(error)
        throw error
      }
      const refusal = await this.#refusals.classify(error)
      this.#warnings.noteFailure(refusal)
      if (refusal instanceof CleverTokenRefused) {
        this.#refusalCount += 1
        this.#options.store.clear()
        this.#options.onRefusal(refusal)
      }
      throw refusal
    }
  }

  /** Clever answers 403 or 404 both if events are off and if the district no longer shares anything. */
  async #orOff<Value>(call: Promise<Value>): Promise<Value> {
    const answer = await call
    if (answer !== undefined) return answer
    const refusal = await this.#refusals.classify(new CleverPathRefused('no events'))
    if (refusal instanceof CleverTokenRefused) throw refusal
    return answer
  }
}
