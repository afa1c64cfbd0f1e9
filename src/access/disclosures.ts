import type { UserId } from '../clever/ids.ts'
import type { Because } from './decide.ts'
import type { Privilege } from './policy.ts'

/** The students of whom an answer discloses something by one privilege, for one reason. */
export interface Disclosure {
  readonly privilege: Privilege
  readonly reason: Because
  /** By student: the contacts that are disclosed with the student, each once. */
  readonly students: ReadonlyMap<UserId, readonly UserId[]>
}

interface Group extends Disclosure {
  readonly students: Map<UserId, UserId[]>
}

/** What one answer discloses, grouped by privilege and reason. There are few groups, and mostly one. */
export class Disclosures {
  readonly #groups: Group[] = []
  #last: Group | undefined

  get groups(): readonly Disclosure[] {
    return this.#groups
  }

  add(studentId: UserId, privilege: Privilege, reason: Because, contactId?: UserId) {
    const { students } = this.#group(privilege, reason)
    const contactIds = students.get(studentId)
    if (contactIds === undefined) students.set(studentId, contactId === undefined ? [] : [contactId])
    else if (contactId !== undefined && !contactIds.includes(contactId)) contactIds.push(contactId)
  }

  #group(privilege: Privilege, reason: Because): Group {
    const last = this.#last
    if (last !== undefined && last.privilege === privilege && last.reason === reason) return last
    let group = this.#groups.find((each) => each.privilege === privilege && each.reason === reason)
    if (group === undefined) {
      group = { privilege, reason, students: new Map() }
      this.#groups.push(group)
    }
    this.#last = group
    return group
  }
}
