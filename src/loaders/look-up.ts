import DataLoader from 'dataloader'
import type { LimitFunction } from 'p-limit'
import {
  CleverAnswerInvalid,
  CleverRateLimited,
  CleverTimedOut,
  CleverUnavailable,
} from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { type Ages, notBefore, type Purpose } from '../directory/ages.ts'
import type { Answer, Known, Listed, RecordOf } from '../directory/directory.ts'
import type { District } from '../directory/districts.ts'
import { type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import { answerMisses } from './answer-misses.ts'
import type { Freshness } from './freshness.ts'
import type { Answered, Miss } from './open-misses.ts'
import { type PageRange, readPage } from './read-page.ts'
import { type ScanFrom, scan } from './scan.ts'

/** One district, as one request asks it. Throws the CleverErrors and AllowanceSpent, for what was asked alone. */
export interface LookUp {
  /** What the directory knows; undefined where only Clever does. */
  known<R extends Role>(role: R, id: UserId, purpose: Purpose): Known<RecordOf<R> | undefined> | undefined
  /** At once where the directory knows; undefined where there is none. */
  record<R extends Role>(role: R, id: UserId, purpose: Purpose): MaybePromise<Known<RecordOf<R> | undefined>>
  /** For display, as are the others. */
  contactsOf(studentId: UserId): MaybePromise<Known<readonly ContactRecord[]>>
  page<R extends Role>(range: PageRange<R>): MaybePromise<Known<Listed<R>>>
  /** All records beyond a cursor, as many as are taken. */
  scan<R extends Role>(from: ScanFrom<R>): AsyncIterable<Known<readonly RecordOf<R>[]>>
  /** Of all records of a role; undefined where Clever does not count. */
  count(role: Role): MaybePromise<number | undefined>
}

export interface LookUpOptions {
  readonly district: District
  readonly ages: Ages
  readonly caller: Caller
  readonly freshness: Freshness
  readonly clock: Clock
  /** For the calls of one request. */
  readonly sideBySide: LimitFunction
}

/** Failures that older knowledge helps over. A refused token is none of them. */
const OUTAGES = [CleverUnavailable, CleverTimedOut, CleverRateLimited]

function isOutage(error: unknown): boolean {
  return OUTAGES.some((outage) => error instanceof outage)
}

export function createLookUp(options: LookUpOptions): LookUp {
  const { district, ages, caller, freshness, clock, sideBySide } = options
  const { directory, interest, reads } = district
  const noted = new Set<Role>()

  const misses = new DataLoader<Miss, Answered, string>(
    async (batch) => {
      const answers = await answerMisses(district, batch, caller, clock, sideBySide)
      return batch.map((miss) => answers.get(miss) ?? new Error('a miss without an answer'))
    },
    { cacheKeyFn: ({ kind, id, purpose }) => `${kind} ${id} ${purpose}` },
  )

  /** Whatever is asked for more than a few times is worth knowing as a whole. */
  function note(role: Role) {
    if (noted.has(role)) return
    noted.add(role)
    interest.note(role)
  }

  /** For display, what is known may be older while Clever is down. */
  const youngEnough = (purpose: Purpose) => notBefore(purpose, ages, clock, reads.isDown)

  function told<Value>(known: Known<Value>): Known<Value> {
    if (known.since < clock.now() - ages.display) freshness.noteStale(known.since)
    else freshness.note(known.since)
    return known
  }

  /** What Clever cannot say now may be known from before, if only for display. */
  async function ask<Value>(
    call: Promise<Known<Value>>,
    remembered: (notBefore: number) => Known<Value> | undefined,
  ): Promise<Known<Value>> {
    try {
      const known = await call
      freshness.note(known.since)
      return known
    } catch (error) {
      const known = isOutage(error) ? remembered(clock.now() - ages.displayAtMost) : undefined
      if (known === undefined) throw error
      return told(known)
    }
  }

  /** A miss is answered in its own kind. */
  const load = <Value>(miss: Miss) => misses.load(miss) as Promise<Known<Value>>

  function* findRecord<R extends Role>(role: R, id: UserId, purpose: Purpose) {
    const known = lookUp.known(role, id, purpose) ?? (yield* wait(loadRecord(role, id, purpose)))
    // Only what is there is worth knowing as a whole: whoever looks for nobody shall not make a district be swept.
    if (known.value !== undefined && purpose === 'DISPLAY') note(role)
    return known
  }

  function loadRecord<R extends Role>(role: R, id: UserId, purpose: Purpose) {
    const miss: Miss = { kind: role, id, purpose, notBefore: youngEnough(purpose) }
    const older = (since: number) =>
      purpose === 'DISPLAY' ? readable(directory.find(role, id, since)) : undefined
    return ask(load<RecordOf<R> | undefined>(miss), older)
  }

  function* findContactsOf(studentId: UserId): Steps<Known<readonly ContactRecord[]>> {
    note('contact')
    const since = youngEnough('DISPLAY')
    const known = directory.contactsOf(studentId, since)
    if (known !== undefined) return told(known)
    // Of a student who is not shared there are no contacts, whatever contacts say.
    const student = yield* findRecord('student', studentId, 'DISPLAY')
    if (student.value === undefined) return { value: [], since: student.since }
    const nowKnown = directory.contactsOf(studentId, since)
    if (nowKnown !== undefined) return told(nowKnown)
    const miss: Miss = { kind: 'contactsOf', id: studentId, purpose: 'DISPLAY', notBefore: since }
    const older = (notBefore: number) => directory.contactsOf(studentId, notBefore)
    return yield* wait(ask(load<readonly ContactRecord[]>(miss), older))
  }

  function* findPage<R extends Role>(range: PageRange<R>): Steps<Known<Listed<R>>> {
    note(range.role)
    const since = youngEnough('DISPLAY')
    const known = directory.list(range, since)
    if (known !== undefined) return told(known)
    const page = sideBySide(() => readPage(district, range, caller, since))
    return yield* wait(ask(page, (older) => directory.list(range, older)))
  }

  function* findCount(role: Role): Steps<number | undefined> {
    const known = directory.count(role, youngEnough('DISPLAY'))
    if (known !== undefined) return told(known).value
    const count = sideBySide(() => reads.count(role, caller)).then((value) => ({ value, since: clock.now() }))
    return (yield* wait(ask(count, (older) => directory.count(role, older)))).value
  }

  const lookUp: LookUp = {
    known(role, id, purpose) {
      const known = readable(directory.find(role, id, youngEnough(purpose)))
      return known && told(known)
    },
    record: (role, id, purpose) => run(findRecord(role, id, purpose)),
    contactsOf: (studentId) => run(findContactsOf(studentId)),
    page: (range) => run(findPage(range)),
    scan(from) {
      note(from.role)
      const since = youngEnough('DISPLAY')
      return scan(from, {
        district,
        caller,
        notBefore: since,
        known(range) {
          const known = directory.list(range, since)
          return known && told(known)
        },
        read: (range) => run(findPage(range)),
      })
    },
    count: (role) => run(findCount(role)),
  }
  return lookUp
}

/** Throws CleverAnswerInvalid for a record that Clever has and nobody can read. */
function readable<R extends Role>(
  known: Known<Answer<R>> | undefined,
): Known<RecordOf<R> | undefined> | undefined {
  if (known?.value === 'UNREADABLE') throw new CleverAnswerInvalid('the record could not be read')
  return known as Known<RecordOf<R> | undefined> | undefined
}
