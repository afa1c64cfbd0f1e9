import { LRUCache } from 'lru-cache'
import type { Districts } from '../clever/districts.ts'
import type { UserId } from '../clever/ids.ts'
import type { Clock } from '../clock.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { Facts } from './decide.ts'
import { type Guardian, type Principal, principalKey, type Staff, type StudentInPerson } from './principal.ts'

/** What the decision rests on cannot be read: then the answer is no, with this error, and never an older yes. */
export class FactsUnavailable extends Error {
  override readonly name = 'FactsUnavailable'
}

export interface FactSource {
  /** Undefined for a principal who needs none. Throws FactsUnavailable, as a rejected promise. */
  read(principal: Principal, districts: Districts, loaders: Loaders): MaybePromise<Facts | undefined>
}

const NOBODY: ReadonlySet<UserId> = new Set()
const MOST_PRINCIPALS = 10_000

/**
 * A token says who a person is; Clever says which role the record of that id has, and only that gives rights. The facts
 * of guardians and students are their records, which the directory knows or reads. Those of staff, their role and their
 * students, are remembered here for `maxAge` ms, counted from before the calls that brought them; at 0, not at all.
 */
export function createFactSource(clock: Clock, maxAge: number): FactSource {
  const remembered = new LRUCache<string, Facts>({ max: MOST_PRINCIPALS })

  function recall(key: string): Facts | undefined {
    const known = remembered.get(key)
    const age = known === undefined ? Number.NaN : clock.now() - known.readAt
    // A clock that was set back would make them young for ever.
    return age >= 0 && age < maxAge ? known : undefined
  }

  async function readStaff(principal: Staff, districts: Districts, loaders: Loaders): Promise<Facts> {
    const readAt = clock.now()
    const facts = { readAt, contacts: [], students: await studentsOf(principal, districts, loaders) }
    remembered.set(factsKey(principal), facts)
    return facts
  }

  function* read(principal: Principal, districts: Districts, loaders: Loaders): Steps<Facts | undefined> {
    switch (principal.kind) {
      case 'SERVICE':
        return undefined
      case 'STUDENT':
        return yield* readStudent(principal, loaders)
      case 'GUARDIAN':
        return yield* readGuardian(principal, loaders)
      case 'STAFF': {
        const known = recall(factsKey(principal))
        return known ?? (yield* wait(readStaff(principal, districts, loaders)))
      }
    }
  }

  function* readGuardian({ contactIds }: Guardian, loaders: Loaders): Steps<Facts> {
    const known = yield* wait(all(contactIds.map((id) => loaders.record('contact', { id }, 'DECISION'))))
    return {
      readAt: Math.min(clock.now(), ...known.map(({ since }) => since)),
      contacts: known.map(({ value }) => value).filter((contact) => contact !== undefined),
      students: NOBODY,
    }
  }

  function* readStudent({ userId: id }: StudentInPerson, loaders: Loaders): Steps<Facts> {
    const { value, since } = yield* wait(loaders.record('student', { id }, 'DECISION'))
    return {
      readAt: Math.min(clock.now(), since),
      contacts: [],
      students: value === undefined ? NOBODY : new Set([id]),
    }
  }

  function* readOrRefuse(...asked: Parameters<FactSource['read']>): Steps<Facts | undefined> {
    try {
      return yield* read(...asked)
    } catch (error) {
      if (error instanceof Error && error.name === 'AbortError') throw error
      throw new FactsUnavailable('the facts for a decision cannot be read', { cause: error })
    }
  }

  return { read: (...asked) => run(readOrRefuse(...asked)) }
}

/** Two tokens of one person may name different districts, and so different facts. */
function factsKey(principal: Staff): string {
  return `${principalKey(principal)}@${[...principal.districtIds].sort().join('+')}`
}

/** None for a record that does not have the role, or not any more: Clever lists the students of contacts as those of teachers. */
async function studentsOf(
  { role, userId }: Staff,
  districts: Districts,
  loaders: Loaders,
): Promise<ReadonlySet<UserId> | 'EVERY'> {
  if (role === 'TEACHER') {
    const clients = await districts.all()
    const [user, students] = await Promise.all([
      loaders.user(userId),
      idsOf(clients.map(({ districtId }) => loaders.studentsOf(userId, districtId))),
    ])
    return user?.isTeacher ? students : NOBODY
  }
  const user = await loaders.user(userId)
  if (role === 'DISTRICT_ADMIN') return user?.isDistrictAdmin ? 'EVERY' : NOBODY
  const { districtId, schoolIds = [] } = user?.staff ?? {}
  if (districtId === undefined) return NOBODY
  return idsOf(schoolIds.map((schoolId) => loaders.studentsOfSchool(schoolId, districtId)))
}

async function idsOf(lists: readonly Promise<readonly UserId[]>[]): Promise<ReadonlySet<UserId>> {
  return new Set((await Promise.all(lists)).flat())
}
