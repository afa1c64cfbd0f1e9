import type { UserId } from '../clever/ids.ts'
import type { Because } from './decide.ts'
import type { Privilege } from './policy.ts'

/** The students of whom a request discloses something by one privilege, for one reason. */
export interface Disclosure {
  readonly privilege: Privilege
  readonly reason: Because
  /** By student: the contacts that are disclosed with the student, if any. */
  readonly students: Readonly<Record<UserId, readonly UserId[]>>
}

export interface Disclosures {
  add(studentId: UserId, privilege: Privilege, reason: Because, contactId?: UserId): void
  all(): readonly Disclosure[]
}

interface Group {
  readonly privilege: Privilege
  readonly reason: Because
  readonly students: Map<UserId, Set<UserId>>
}

/** Each student and each contact once a privilege and reason, however often a request discloses them. */
export function createDisclosures(): Disclosures {
  const groups = new Map<string, Group>()
  return {
    add(studentId, privilege, reason, contactId) {
      const key = `${privilege} ${reason}`
      const group = groups.get(key) ?? { privilege, reason, students: new Map() }
      groups.set(key, group)
      const contactIds = group.students.get(studentId) ?? new Set()
      group.students.set(studentId, contactIds)
      if (contactId !== undefined) contactIds.add(contactId)
    },
    all: () =>
      [...groups.values()].map(({ privilege, reason, students }) => ({
        privilege,
        reason,
        students: Object.fromEntries([...students].map(([id, contactIds]) => [id, [...contactIds]])),
      })),
  }
}
