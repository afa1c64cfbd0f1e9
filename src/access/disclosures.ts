import type { UserId } from '../clever/ids.ts'
import type { Because } from './decide.ts'
import type { Privilege } from './policy.ts'

/** That something of one student was told in one request: which contacts, by which right, and why. */
export interface Disclosure {
  readonly studentId: UserId
  readonly contactIds: readonly UserId[]
  readonly grounds: readonly { readonly privilege: Privilege; readonly because: Because }[]
}

export interface Disclosures {
  add(studentId: UserId, privilege: Privilege, because: Because, contactId?: UserId): void
  all(): readonly Disclosure[]
}

/** One for each student, however often a request tells of her. */
export function createDisclosures(): Disclosures {
  const students = new Map<UserId, { contactIds: Set<UserId>; grounds: Map<Privilege, Because> }>()
  return {
    add(studentId, privilege, because, contactId) {
      const entry = students.get(studentId) ?? { contactIds: new Set(), grounds: new Map() }
      students.set(studentId, entry)
      entry.grounds.set(privilege, because)
      if (contactId !== undefined) entry.contactIds.add(contactId)
    },
    all: () =>
      [...students].map(([studentId, { contactIds, grounds }]) => ({
        studentId,
        contactIds: [...contactIds],
        grounds: [...grounds].map(([privilege, because]) => ({ privilege, because })),
      })),
  }
}
