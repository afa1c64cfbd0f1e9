import type { CleverClient } from '../clever/client.ts'
import {
  CleverPathRefused,
  CleverRangeUnproven,
  CleverRefused,
  CleverTimedOut,
  CleverTokenRefused,
  CleverUnavailable,
} from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Range, RangePage, Role } from '../clever/ranges.ts'
import type { DistrictRecord, UserRecord } from '../clever/records.ts'
import type { Schools } from '../clever/schools.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Directory, Known } from './directory.ts'
import type { Memory } from './memory.ts'
import { createRangeCheck, type RangeCheck } from './range-check.ts'
import { createRefusals } from './refusals.ts'
import { createSharedCalls } from './shared-calls.ts'
import { sweep } from './sweep.ts'

/**
 * Clever's answers about one district, each learned by its directory, and each call shared by all who ask the same while
 * it is under way. `notBefore` (ms since the epoch): a call sent earlier will not do. Throws the CleverErrors, what the
 * caller's ledger throws, and the signal's reason when the caller has gone.
 */
export interface Reads {
  user(id: UserId, caller: Caller, notBefore: number): Promise<Known<UserRecord | undefined>>
  /** Throws CleverRangeUnproven too. */
  range(range: Range, caller: Caller, notBefore: number): Promise<Known<RangePage>>
  contactsOf(studentId: UserId, caller: Caller, notBefore: number): Promise<Known<readonly UserRecord[]>>
  /**
   * All of a role that is not known since `notBefore`; false when not all of it could be learned. `onPage` is told of the
   * rows of each page, unless somebody else's sweep is joined.
   */
  sweep(role: Role, caller: Caller, notBefore: number, onPage?: (rows: number) => void): Promise<boolean>
  /** The students of a teacher, or of a school. */
  studentsOf(whose: Whose, caller: Caller): Promise<readonly UserRecord[]>
  schools(caller: Caller, notBefore: number): Promise<Known<Schools>>
  district(caller: Caller): Promise<DistrictRecord | undefined>
  /** As the client's; like any other call, one that is refused makes the district be forgotten. */
  readonly newestEvent: CleverClient['newestEvent']
  readonly events: CleverClient['events']
  /** As the client's. */
  readonly cleverNow: CleverClient['cleverNow']
  /** How many records of a role there are; undefined where Clever does not count. */
  count(role: Role, caller: Caller): Promise<number | undefined>
  readonly ranges: RangeCheck['state']
  /** Whether Clever failed to answer a few seconds ago, and has not answered since. */
  readonly isDown: boolean
}

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

/** Until somebody tries again. ms */
const DOWN_FOR = 5_000
/** Time-outs in a row: one caller who was in a hurry, or one record that is slow, is no outage. */
const DOWN_AFTER = 3
/** More than these are not worth remembering one by one. */
const MOST_REMEMBERED = 200
const ALWAYS = Number.NEGATIVE_INFINITY

export function createReads(options: ReadsOptions): Reads {
  const { client, directory, memory, clock, log, metrics, onRefusal, onWhole } = options
  const share = createSharedCalls(clock.now)
  let downUntil = ALWAYS
  let failures = 0
  /** So many times the district has taken its consent back. */
  let refusals = 0
  const { judge } = createRefusals(client, clock)
  const ranges = createRangeCheck(client, directory, clock, (milliseconds) => {
    metrics.rangesBroken.inc()
    log.warn(
      { districtId: client.districtId, milliseconds },
      'a page from Clever is out of order, out of range or contradicted by another: ranges are paused',
    )
  })

  /** When the district has taken its consent back, all that is known of it is forgotten before the error is thrown. */
  async function heedRefusal<Value>(call: Promise<Value>): Promise<Value> {
    try {
      return await call
    } catch (error) {
      if (!(error instanceof CleverRefused)) throw error
      const refusal = await judge(error)
      if (refusal instanceof CleverTokenRefused) {
        refusals += 1
        directory.forgetAll()
        onRefusal(refusal)
      }
      throw refusal
    }
  }

  /** Clever answers 403 or 404 where events are off, and also where the district shares nothing any more. */
  async function orOff<Value>(call: Promise<Value>): Promise<Value> {
    const answer = await call
    if (answer !== undefined) return answer
    const refusal = await judge(new CleverPathRefused('no events'))
    if (refusal instanceof CleverTokenRefused) throw refusal
    return answer
  }

  async function ask<Value>(call: Promise<Value>): Promise<Value> {
    try {
      const value = await heedRefusal(call)
      downUntil = ALWAYS
      failures = 0
      return value
    } catch (error) {
      if (error instanceof CleverUnavailable) failures += DOWN_AFTER
      if (error instanceof CleverTimedOut) failures += 1
      if (failures >= DOWN_AFTER) downUntil = clock.elapsed() + DOWN_FOR
      throw error
    }
  }

  /** Asks, and learns the answer as of when it was asked for; what was sent before a refusal is not learned after it. */
  async function askAndLearn<Value>(
    call: () => Promise<Value>,
    teach: (value: Value, since: number) => void,
  ): Promise<Known<Value>> {
    const since = clock.now()
    const before = refusals
    const value = await ask(call())
    if (before === refusals) teach(value, since)
    memory.keepWithin(directory)
    return { value, since }
  }

  async function readRange(range: Range, all: Caller): Promise<Known<RangePage>> {
    try {
      return await askAndLearn(
        async () => {
          const page = await client.range(range, all)
          return ranges.check(range, page, all)
        },
        (page, since) => directory.learnRange(range, page, since),
      )
    } catch (error) {
      if (error instanceof CleverRangeUnproven) ranges.pause()
      throw error
    }
  }

  const reads: Reads = {
    user: (id, caller, notBefore) =>
      share({ key: `user ${id}`, size: 1, notBefore }, caller, (all) =>
        askAndLearn(
          () => client.user(id, all),
          (user, since) => directory.learnUser(id, user, since),
        ),
      ),

    range(range, caller, notBefore) {
      const { role, direction, beyond, limit } = range
      const question = { key: `range ${role} ${direction} ${beyond}`, size: limit, notBefore }
      return share(question, caller, (all) => readRange(range, all))
    },

    contactsOf: (studentId, caller, notBefore) =>
      share({ key: `contacts ${studentId}`, size: 1, notBefore }, caller, (all) =>
        askAndLearn(
          () => client.contactsOf(studentId, all),
          (users, since) => directory.learnContactsOf(studentId, users, since),
        ),
      ),

    async studentsOf(whose, caller) {
      const { value } = await askAndLearn(
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
    },

    schools: (caller, notBefore) =>
      share({ key: 'schools', size: 1, notBefore }, caller, (all) =>
        askAndLearn(
          () => client.schools(all),
          (schools, since) => directory.learnSchools(schools, since),
        ),
      ),

    district: (caller) =>
      ask(
        client.district(caller).then((record) => {
          if (record === undefined) throw new CleverPathRefused('no record of the district', 404)
          return record
        }),
      ),
    // That the feed fails says nothing of the records.
    newestEvent: (caller) => heedRefusal(client.newestEvent(caller)),
    events: (after, caller, isKnown) => heedRefusal(orOff(client.events(after, caller, isKnown))),
    cleverNow: client.cleverNow,

    sweep(role, caller, notBefore, onPage = () => {}) {
      // Who waits does not wait for what has time: the two share their pages.
      const isUrgent = caller.priority === 'INTERACTIVE' && ranges.state === 'USABLE'
      const from = isUrgent ? 'BOTH_ENDS' : 'START'
      return share({ key: `sweep ${role} ${from}`, size: 1, notBefore }, caller, async (all) => {
        const isWhole = await sweep({
          role,
          notBefore,
          from,
          coverage: () => directory.coverage(role),
          read: async (range) => {
            const { value } = await reads.range(range, all, notBefore)
            onPage(value.rows.length)
          },
        })
        if (isWhole) onWhole(role)
        return isWhole
      })
    },

    count: (role, caller) =>
      share({ key: `count ${role}`, size: 1, notBefore: ALWAYS }, caller, (all) =>
        ask(client.count(role, all)),
      ),

    get ranges() {
      return ranges.state
    },
    get isDown() {
      return clock.elapsed() < downUntil
    },
  }
  return reads
}
