import type { UserId } from '../model/ids.ts'
import type { ContactRecord, StudentRecord } from '../model/records.ts'
import type { Purpose } from '../store/ages.ts'
import type { Dated } from '../store/district-store.ts'
import type { CacheMisses } from './planner.ts'

/** A read that the store could not answer. `minAsOf`, ms since the epoch: an older answer does not count. */
export interface CacheMiss {
  readonly kind: CacheMissKind
  readonly id: UserId
  readonly purpose: Purpose
  readonly minAsOf: number
}

export type CacheMissKind = 'student' | 'contact' | 'contactsOf'

/** The kind of value: a user of a known or unknown role, or the contacts of a student. */
export type FetchedValue = Dated<StudentRecord | ContactRecord | readonly ContactRecord[] | undefined>

/** Misses, until all have their answers. */
export interface OpenCacheMisses {
  /** Undefined when none is left. */
  left(): CacheMisses | undefined
  isOpen(kind: CacheMissKind, id: UserId): boolean
  /** Only the first answer counts. */
  answer(kind: CacheMissKind, id: UserId, answer: FetchedValue | Error): void
  readonly answers: ReadonlyMap<CacheMiss, FetchedValue | Error>
}

export function createOpenCacheMisses(misses: readonly CacheMiss[]): OpenCacheMisses {
  const answers = new Map<CacheMiss, FetchedValue | Error>()
  const open = {
    student: byId(misses, 'student'),
    contact: byId(misses, 'contact'),
    contactsOf: byId(misses, 'contactsOf'),
  }
  return {
    left() {
      if (answers.size === misses.length) return undefined
      return {
        students: [...open.student.keys()],
        contacts: [...open.contact.keys()],
        contactsOf: [...open.contactsOf.keys()],
      }
    },
    isOpen: (kind, id) => open[kind].has(id),
    answer(kind, id, answer) {
      for (const miss of open[kind].get(id) ?? []) answers.set(miss, answer)
      open[kind].delete(id)
    },
    answers,
  }
}

/** The same id may be missed for display and for a decision. */
function byId(misses: readonly CacheMiss[], kind: CacheMissKind): Map<UserId, CacheMiss[]> {
  return Map.groupBy(
    misses.filter((miss) => miss.kind === kind),
    ({ id }) => id,
  )
}
