import type { UserId } from '../model/ids.ts'
import type { ContactRecord, StudentRecord } from '../model/records.ts'
import type { Purpose } from '../store/ages.ts'
import type { Known } from '../store/district-store.ts'
import type { Misses } from './planner.ts'

/** What the directory could not answer. `notBefore`, ms since the epoch: an older answer will not do. */
export interface Miss {
  readonly kind: MissKind
  readonly id: UserId
  readonly purpose: Purpose
  readonly notBefore: number
}

export type MissKind = 'student' | 'contact' | 'contactsOf'

/** A student or a contact or neither, or the contacts of a student. */
export type Answered = Known<StudentRecord | ContactRecord | readonly ContactRecord[] | undefined>

/** Misses, until all have their answers. */
export interface OpenMisses {
  /** Undefined when none is left. */
  left(): Misses | undefined
  isOpen(kind: MissKind, id: UserId): boolean
  /** The first answer counts. */
  answer(kind: MissKind, id: UserId, answer: Answered | Error): void
  readonly answers: ReadonlyMap<Miss, Answered | Error>
}

export function createOpenMisses(misses: readonly Miss[]): OpenMisses {
  const answers = new Map<Miss, Answered | Error>()
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
function byId(misses: readonly Miss[], kind: MissKind): Map<UserId, Miss[]> {
  return Map.groupBy(
    misses.filter((miss) => miss.kind === kind),
    ({ id }) => id,
  )
}
