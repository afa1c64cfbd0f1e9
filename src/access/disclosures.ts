import type { UserId } from '../model/ids.ts'
import type { AccessReason } from './decide.ts'
import type { Privilege } from './policy.ts'

/** OWN_RECORD: guardians may always see their own records, even without a student. */
export type DisclosureReason = AccessReason | 'OWN_RECORD'

/** The students and contacts that an answer discloses by one privilege, for one reason. */
export interface Disclosure {
  readonly privilege: Privilege
  readonly reason: DisclosureReason
  /** By student: the contacts that are disclosed with the student, each once. */
  readonly students: ReadonlyMap<UserId, readonly UserId[]>
  /** Contacts that are disclosed without any student. */
  readonly contacts: ReadonlySet<UserId>
}

interface Group extends Disclosure {
  readonly students: Map<UserId, UserId[]>
  readonly contacts: Set<UserId>
}

/** A student without contacts: most students of an answer share it. */
const NONE: UserId[] = []

/** The disclosures of one answer, grouped by privilege and reason. There are few groups, and mostly one. */
export class Disclosures {
  readonly #groups: Group[] = []
  #last: Group | undefined

  get groups(): readonly Disclosure[] {
    return this.#groups
  }

  add(studentId: UserId, privilege: Privilege, reason: DisclosureReason, contactId?: UserId) {
    const { students } = this.#group(privilege, reason)
    const contactIds = students.get(studentId)
    if (contactIds === undefined || contactIds === NONE)
      students.set(studentId, contactId === undefined ? NONE : [contactId])
    else if (contactId !== undefined && !contactIds.includes(contactId)) contactIds.push(contactId)
  }

  /** A contact that is disclosed without any of its students. */
  addContact(contactId: UserId, privilege: Privilege, reason: DisclosureReason) {
    this.#group(privilege, reason).contacts.add(contactId)
  }

  #group(privilege: Privilege, reason: DisclosureReason): Group {
    const last = this.#last
    if (last !== undefined && last.privilege === privilege && last.reason === reason) return last
    for (const group of this.#groups) {
      if (group.privilege !== privilege || group.reason !== reason) continue
      this.#last = group
      return group
    }
    const group: Group = { privilege, reason, students: new Map(), contacts: new Set() }
    this.#groups.push(group)
    this.#last = group
    return group
  }
}
