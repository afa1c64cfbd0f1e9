import { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'
import type { UserId } from '../model/ids.ts'
import type { ContactRecord, StudentRecord } from '../model/records.ts'
import type { Dated } from '../store/district-store.ts'
import type { Facts } from './decide.ts'
import {
  type GuardianPrincipal,
  type Principal,
  principalKey,
  type StaffPrincipal,
  type StudentPrincipal,
} from './principal.ts'

/**
 * The facts for a decision cannot be read. The decision is no, with this error. An older yes is never used.
 */
export class FactsUnavailable extends Error {
  override readonly name = 'FactsUnavailable'
}

/** How facts are read in one attempt. The reads throw when the value is not known yet. */
export interface FactReads {
  readonly principal: Principal
  readonly now: number
  /** A contact record that is fresh enough for a decision. */
  contact(id: UserId): Dated<ContactRecord | undefined>
  student(id: UserId): Dated<StudentRecord | undefined>
  staff(): Dated<Facts>
  /** Whether an error says that a value is being fetched. */
  isMissing(error: unknown): boolean
}

export interface FactSource {
  /**
   * Undefined for a principal whose decisions need no facts. Throws FactsUnavailable and the errors of the
   * reads.
   */
  read(reads: FactReads): Facts | undefined
  /** Keeps the facts of a staff member for the requests that follow. */
  keep(principal: StaffPrincipal, facts: Facts): void
}

const NO_STUDENTS: ReadonlySet<UserId> = new Set()
/** The maximum number of staff members whose facts are kept. */
const MAX_STAFF = 10_000

/**
 * A guardian's facts are records, which the store knows or reads. The facts of staff, which students they teach or work
 * with, are kept here for `maxAge` ms, counted from before the calls that brought them; with 0 they are not kept.
 */
export function createFactSource(clock: Clock, maxAge: number): FactSource {
  const kept = new LRUCache<string, Facts>({ max: MAX_STAFF })
  const own = new WeakMap<Principal, ReadonlySet<UserId>>()

  function recall(key: string): Facts | undefined {
    const known = kept.get(key)
    const age = known === undefined ? Number.NaN : clock.now() - known.readAt
    // If the clock was set back, they would seem fresh for too long.
    return age >= 0 && age < maxAge ? known : undefined
  }

  function studentInPerson(principal: StudentPrincipal): ReadonlySet<UserId> {
    const known = own.get(principal) ?? new Set([principal.userId])
    own.set(principal, known)
    return known
  }

  /** A token says who a person is; Clever says whether the record of that id is a student's. */
  function readStudent(principal: StudentPrincipal, reads: FactReads): Facts {
    const { value, asOf } = reads.student(principal.userId)
    const students = value === undefined ? NO_STUDENTS : studentInPerson(principal)
    return { readAt: Math.min(reads.now, asOf), contacts: [], students }
  }

  function readFacts(reads: FactReads): Facts | undefined {
    const { principal } = reads
    switch (principal.kind) {
      case 'SERVICE':
        return undefined
      case 'STUDENT':
        return readStudent(principal, reads)
      case 'GUARDIAN':
        return readGuardian(principal, reads)
      case 'STAFF':
        return recall(factsKey(principal)) ?? reads.staff().value
    }
  }

  return {
    read(reads) {
      try {
        return readFacts(reads)
      } catch (error) {
        if (reads.isMissing(error) || (error instanceof Error && error.name === 'AbortError')) throw error
        throw new FactsUnavailable('the facts for a decision cannot be read', { cause: error })
      }
    },
    keep: (principal, facts) => void kept.set(factsKey(principal), facts),
  }
}

/**
 * All records of the guardian are requested before a missing one ends the attempt, so that one round fetches
 * them.
 */
function readGuardian({ contactIds }: GuardianPrincipal, reads: FactReads): Facts {
  const known: Dated<ContactRecord | undefined>[] = []
  let missing: unknown
  for (const id of contactIds) {
    try {
      known.push(reads.contact(id))
    } catch (error) {
      if (!reads.isMissing(error)) throw error
      missing = error
    }
  }
  if (missing !== undefined) throw missing
  return {
    readAt: Math.min(reads.now, ...known.map(({ asOf }) => asOf)),
    contacts: known.map(({ value }) => value).filter((contact) => contact !== undefined),
    students: NO_STUDENTS,
  }
}

/** Two tokens of one person may name different districts, and so different facts. */
function factsKey(principal: StaffPrincipal): string {
  return `${principalKey(principal)}@${[...principal.districtIds].sort().join('+')}`
}
