import type { CleverClient } from '../clever/client.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import {
  CleverPathRefused,
  CleverRangeUnproven,
  CleverRefused,
  CleverTokenRefused,
} from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { Range, RangePage, Role } from '../model/ranges.ts'
import type { DistrictRecord, UserRecord } from '../model/records.ts'
import type { Schools } from '../model/schools.ts'
import type { Directory, Known } from '../store/district-store.ts'
import type { Memory } from '../store/memory-limit.ts'
import { sweep } from './full-load.ts'
import { Outage } from './outage.ts'
import { createRangeCheck, type RangeCheck } from './range-check.ts'
import { createRefusals, type Refusals } from './refusals.ts'
import { createSharedCalls, type ShareCall } from './shared-calls.ts'

export type Whose = { readonly teacherId: UserId } | { readonly schoolId: UserId }

export interface ReadsOptions {
  readonly client: CleverClient
  readonly directory: Directory
  readonly memory: Memory
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Told when the district has taken its consent back, after what was known of it has been forgotten. */
  readonly onRefusal: (error: Error) => void
  /** Told when all of a role has been read, whoever asked for it. */
  readonly onWhole: (role: Role) => void
}

/** More than these are not worth remembering one by one. */
const MOST_REMEMBERED = 200
const ALWAYS = Number.NEGATIVE_INFINITY

/**
 * Clever's answers about one district. The directory learns each, and all who ask the same share the call while it is under
 * way. `notBefore` (ms since the epoch): a call sent earlier will not do. Throws the CleverErrors, what the caller's ledger
 * throws, and the signal's reason when the caller has gone.
 */
export class Reads {
  readonly #options: ReadsOptions
  readonly #share: ShareCall
  readonly #refusals: Refusals
  readonly #ranges: RangeCheck
  readonly #outage: Outage
  /** How many times the district has taken its consent back. */
  #refusalCount = 0

  constructor(options: ReadsOptions) {
    const { client, directory, clock, log, metrics } = options
    this.#options = options
    this.#share = createSharedCalls(clock.now)
    this.#outage = new Outage(clock)
    this.#refusals = createRefusals(client, clock)
    this.#ranges = createRangeCheck(client, directory, clock, (milliseconds) => {
      metrics.rangesBroken.inc()
      log.warn(
        { districtId: client.districtId, milliseconds },
        'a page from Clever is out of order, out of range or contradicted by another: ranges are paused',
      )
    })
  }

  user(id: UserId, caller: Caller, notBefore: number): Promise<Known<UserRecord | undefined>> {
    const { client, directory } = this.#options
    return this.#share({ key: `user ${id}`, size: 1, notBefore }, caller, (all) =>
      this.#askAndLearn(
        () => client.user(id, all),
        (user, since) => directory.learnUser(id, user, since),
      ),
    )
  }

  /** Throws CleverRangeUnproven too. */
  range(range: Range, caller: Caller, notBefore: number): Promise<Known<RangePage>> {
    const { role, direction, beyond, limit } = range
    const question = { key: `range ${role} ${direction} ${beyond}`, size: limit, notBefore }
    return this.#share(question, caller, (all) => this.#readRange(range, all))
  }

  contactsOf(studentId: UserId, caller: Caller, notBefore: number): Promise<Known<readonly UserRecord[]>> {
    const { client, directory } = this.#options
    return this.#share({ key: `contacts ${studentId}`, size: 1, notBefore }, caller, (all) =>
      this.#askAndLearn(
        () => client.contactsOf(studentId, all),
        (users, since) => directory.learnContactsOf(studentId, users, since),
      ),
    )
  }

  /**
   * Reads all of a role that is not known since `notBefore`; false if not all of it could be learned. `onPage` is told the
   * rows of each page, unless the sweep of another caller is joined.
   */
  sweep(
    role: Role,
    caller: Caller,
    notBefore: number,
    onPage: (rows: number) => void = () => {},
  ): Promise<boolean> {
    const { directory, onWhole } = this.#options
    // A request does not wait for a background sweep: the two share their pages.
    const isUrgent = caller.priority === 'INTERACTIVE' && this.ranges === 'USABLE'
    const from = isUrgent ? 'BOTH_ENDS' : 'START'
    return this.#share({ key: `sweep ${role} ${from}`, size: 1, notBefore }, caller, async (all) => {
      const isWhole = await sweep({
        role,
        notBefore,
        from,
        coverage: () => directory.coverage(role),
        read: async (range) => {
          const { value } = await this.range(range, all, notBefore)
          onPage(value.rows.length)
        },
      })
      if (isWhole) onWhole(role)
      return isWhole
    })
  }

  /** The students of a teacher, or of a school. */
  async studentsOf(whose: Whose, caller: Caller): Promise<readonly UserRecord[]> {
    const { client, directory } = this.#options
    const { value } = await this.#askAndLearn(
      () =>
        'teacherId' in whose
          ? client.studentsOf(whose.teacherId, caller)
          : client.studentsOfSchool(whose.schoolId, caller),
      (users, since) => {
        if (users.length > MOST_REMEMBERED) return
        for (const user of users) directory.learnUser(user.id, user, since)
      },
    )
    return value
  }

  schools(caller: Caller, notBefore: number): Promise<Known<Schools>> {
    const { client, directory } = this.#options
    return this.#share({ key: 'schools', size: 1, notBefore }, caller, (all) =>
      this.#askAndLearn(
        () => client.schools(all),
        (schools, since) => directory.learnSchools(schools, since),
      ),
    )
  }

  district(caller: Caller): Promise<DistrictRecord | undefined> {
    return this.#ask(
      this.#options.client.district(caller).then((record) => {
        if (record === undefined) throw new CleverPathRefused('no record of the district', 404)
        return record
      }),
    )
  }

  /** As the client's. A refusal makes the district be forgotten; another failure tells nothing about the records. */
  newestEvent(...args: Parameters<CleverClient['newestEvent']>): ReturnType<CleverClient['newestEvent']> {
    return this.#heedRefusal(this.#options.client.newestEvent(...args))
  }

  /** As `newestEvent`. */
  events(...args: Parameters<CleverClient['events']>): ReturnType<CleverClient['events']> {
    return this.#heedRefusal(this.#orOff(this.#options.client.events(...args)))
  }

  /** As the client's. */
  cleverNow(): number {
    return this.#options.client.cleverNow()
  }

  /** How many records of a role there are; undefined where Clever does not count. */
  count(role: Role, caller: Caller): Promise<number | undefined> {
    return this.#share({ key: `count ${role}`, size: 1, notBefore: ALWAYS }, caller, (all) =>
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

  async #readRange(range: Range, all: Caller): Promise<Known<RangePage>> {
    const { client, directory } = this.#options
    try {
      return await this.#askAndLearn(
        async () => {
          const page = await client.range(range, all)
          return this.#ranges.check(range, page, all)
        },
        (page, since) => directory.learnRange(range, page, since),
      )
    } catch (error) {
      if (error instanceof CleverRangeUnproven) this.#ranges.pause()
      throw error
    }
  }

  /** Asks, and learns the answer as of when it was asked for; what was sent before a refusal is not learned after it. */
  async #askAndLearn<Value>(
    call: () => Promise<Value>,
    teach: (value: Value, since: number) => void,
  ): Promise<Known<Value>> {
    const { clock, memory, directory } = this.#options
    const since = clock.now()
    const before = this.#refusalCount
    const value = await this.#ask(call())
    if (before === this.#refusalCount) teach(value, since)
    memory.keepWithin(directory)
    return { value, since }
  }

  async #ask<Value>(call: Promise<Value>): Promise<Value> {
    try {
      const value = await this.#heedRefusal(call)
      this.#outage.noteAnswer()
      return value
    } catch (error) {
      this.#outage.noteFailure(error)
      throw error
    }
  }

  /** When the district has taken its consent back, all that is known of it is forgotten before the error is thrown. */
  async #heedRefusal<Value>(call: Promise<Value>): Promise<Value> {
    try {
      return await call
    } catch (error) {
      if (!(error instanceof CleverRefused)) throw error
      const refusal = await this.#refusals.judge(error)
      if (refusal instanceof CleverTokenRefused) {
        this.#refusalCount += 1
        this.#options.directory.forgetAll()
        this.#options.onRefusal(refusal)
      }
      throw refusal
    }
  }

  /** Clever answers 403 or 404 where events are off, and also where the district shares nothing any more. */
  async #orOff<Value>(call: Promise<Value>): Promise<Value> {
    const answer = await call
    if (answer !== undefined) return answer
    const refusal = await this.#refusals.judge(new CleverPathRefused('no events'))
    if (refusal instanceof CleverTokenRefused) throw refusal
    return answer
  }
}
