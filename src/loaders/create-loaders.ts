import DataLoader from 'dataloader'
import pLimit from 'p-limit'
import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { ContactRecord, DistrictRecord, UserRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { notBefore, type Purpose } from '../directory/ages.ts'
import type { Known, Listed, RecordOf } from '../directory/directory.ts'
import type { KnownDistricts } from '../directory/districts.ts'
import type { Whose } from '../directory/reads.ts'
import { type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { Freshness } from './freshness.ts'
import { createLookUp, type LookUp } from './look-up.ts'
import { SIDE_BY_SIDE } from './plan.ts'
import type { PageRange } from './read-page.ts'
import type { ScanFrom } from './scan.ts'

/**
 * What one request may ask for; throws the CleverErrors and AllowanceSpent. What the directories know is there at once.
 * What they learn stays for other requests, as records: nothing here knows who may see them.
 */
export interface Loaders {
  /** Without a district the id is looked for in all of them. */
  record<R extends Role>(
    role: R,
    where: Where,
    purpose?: Purpose,
  ): MaybePromise<Known<RecordOf<R> | undefined>>
  /** Somebody of whatever role, asked of Clever each time. */
  user(id: UserId): Promise<UserRecord | undefined>
  /** The contacts of a student, each with all its relationships; empty for a student that is not shared. */
  contactsOf(studentId: UserId, districtId: DistrictId): MaybePromise<Known<readonly ContactRecord[]>>
  /** The students of a teacher; empty for somebody who is none. */
  studentsOf(teacherId: UserId, districtId: DistrictId): Promise<readonly UserId[]>
  studentsOfSchool(schoolId: UserId, districtId: DistrictId): Promise<readonly UserId[]>
  district(id: DistrictId): Promise<DistrictRecord | undefined>
  /** Who came in the place of a contact, as far as events told. Costs no call, nor do the previous ids. */
  successorOf(where: Where): MaybePromise<Where | undefined>
  /** Of a contact, the latest first. */
  previousIds(contact: Pick<ContactRecord, 'id' | 'districtId'>): MaybePromise<readonly UserId[]>
  page<R extends Role>(client: CleverClient, range: PageRange<R>): MaybePromise<Known<Listed<R>>>
  /** All records beyond a cursor, some at a time and as many as are taken. */
  scan<R extends Role>(client: CleverClient, from: ScanFrom<R>): AsyncIterable<Known<readonly RecordOf<R>[]>>
  count(client: CleverClient, role: Role): MaybePromise<number | undefined>
  /** In the windows of the tokens that were asked for: the fewest. Undefined where none was. */
  callsLeft(): number | undefined
}

/** Where to look for an id: in one district, or in all that the caller reaches. */
export interface Where {
  readonly id: UserId
  readonly districtId?: DistrictId | undefined
}

export interface LoadersOptions {
  readonly districts: Districts
  readonly known: KnownDistricts
  readonly caller: Caller
  readonly freshness: Freshness
  readonly clock: Clock
}

export function createLoaders({ districts, known, caller, freshness, clock }: LoadersOptions): Loaders {
  const { ages } = known
  const sideBySide = pLimit(SIDE_BY_SIDE)
  const lookUps = new Map<CleverClient, LookUp>()

  const users = new DataLoader<UserId, UserRecord | undefined>((ids) => Promise.all(ids.map(findUser)))
  const districtRecords = new DataLoader<DistrictId, DistrictRecord | undefined>((ids) =>
    Promise.all(ids.map((id) => sideBySide(() => readDistrict(id)).catch((error) => error))),
  )

  function lookUpIn(client: CleverClient): LookUp {
    const lookUp =
      lookUps.get(client) ??
      createLookUp({ district: known.of(client), ages, caller, freshness, clock, sideBySide })
    lookUps.set(client, lookUp)
    return lookUp
  }

  function* findRecord<R extends Role>(role: R, { id, districtId }: Where, purpose: Purpose) {
    if (districtId !== undefined) {
      const client = yield* wait(districts.one(districtId))
      return client === undefined ? nobody() : yield* wait(lookUpIn(client).record(role, id, purpose))
    }
    const lookUps = (yield* wait(districts.all())).map(lookUpIn)
    const answers = lookUps.map((lookUp) => lookUp.known(role, id, purpose))
    const there = answers.find((answer) => answer?.value !== undefined)
    if (there !== undefined) return there
    const open = lookUps.filter((_lookUp, i) => answers[i] === undefined)
    if (open.length === 0) return answers[0] ?? nobody()
    return yield* wait(firstFound(open.map((lookUp) => lookUp.record(role, id, purpose))))
  }

  /** Absent since now: no district is no district. */
  const nobody = () => ({ value: undefined, since: clock.now() })

  async function findUser(id: UserId): Promise<UserRecord | undefined | Error> {
    try {
      const clients = await districts.all()
      const since = notBefore('DECISION', ages, clock)
      const reads = clients.map((client) => sideBySide(() => known.of(client).reads.user(id, caller, since)))
      return (await firstFound(reads)).value
    } catch (error) {
      return error instanceof Error ? error : new Error('not an error', { cause: error })
    }
  }

  function* readContactsOf(
    studentId: UserId,
    districtId: DistrictId,
  ): Steps<Known<readonly ContactRecord[]>> {
    const client = yield* wait(districts.one(districtId))
    return client === undefined
      ? { value: [], since: clock.now() }
      : yield* wait(lookUpIn(client).contactsOf(studentId))
  }

  function* findSuccessor({ id, districtId }: Where): Steps<Where | undefined> {
    const clients =
      districtId === undefined ? yield* wait(districts.all()) : [yield* wait(districts.one(districtId))]
    for (const client of clients) {
      const successor = client && known.of(client).successions.successorOf(id)
      if (successor !== undefined) return { id: successor, districtId: client?.districtId }
    }
    return undefined
  }

  function* findPreviousIds(id: UserId, districtId: DistrictId): Steps<readonly UserId[]> {
    const client = yield* wait(districts.one(districtId))
    return client === undefined ? [] : known.of(client).successions.previousIds(id)
  }

  async function readDistrict(id: DistrictId) {
    const client = await districts.one(id)
    return client && known.of(client).reads.district(caller)
  }

  async function readStudents(districtId: DistrictId, whose: Whose): Promise<readonly UserId[]> {
    const client = await districts.one(districtId)
    if (client === undefined) return []
    const students = await sideBySide(() => known.of(client).reads.studentsOf(whose, caller))
    return students.map(({ id }) => id)
  }

  return {
    record: (role, where, purpose = 'DISPLAY') => run(findRecord(role, where, purpose)),
    user: (id) => users.load(id),
    contactsOf: (studentId, districtId) => run(readContactsOf(studentId, districtId)),
    studentsOf: (teacherId, districtId) => readStudents(districtId, { teacherId }),
    studentsOfSchool: (schoolId, districtId) => readStudents(districtId, { schoolId }),
    district: (id) => districtRecords.load(id),
    successorOf: (where) => run(findSuccessor(where)),
    previousIds: ({ id, districtId }) => run(findPreviousIds(id, districtId)),
    page: (client, range) => lookUpIn(client).page(range),
    scan: (client, from) => lookUpIn(client).scan(from),
    count: (client, role) => lookUpIn(client).count(role),
    callsLeft: () =>
      lookUps.size === 0 ? undefined : Math.min(...[...lookUps.keys()].map((client) => client.callsLeft())),
  }
}

/** Ids are unique over all districts, so one find settles it; an absence is only known when every district answered. */
async function firstFound<Value>(
  answers: readonly MaybePromise<Known<Value | undefined>>[],
): Promise<Known<Value | undefined>> {
  const absences: Known<Value | undefined>[] = []
  try {
    return await Promise.any(
      answers.map(async (answer) => {
        const known = await answer
        if (known.value !== undefined) return known
        absences.push(known)
        throw ABSENT
      }),
    )
  } catch (error) {
    const failures = error instanceof AggregateError ? error.errors : [error]
    const failure = failures.find((each) => each !== ABSENT)
    if (failure !== undefined) throw failure
    const since = Math.min(...absences.map((absence) => absence.since))
    return { value: undefined, since }
  }
}

const ABSENT = Symbol('absent')
