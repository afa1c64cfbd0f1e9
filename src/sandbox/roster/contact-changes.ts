import { type ContactUser, isContact, merged, reidentified, withEntries } from './contact-edits.ts'
import type { StudentRelationship } from './records.ts'
import { type RosterView, UnknownRecordError } from './roster.ts'
import type { RosterWriter } from './roster-writer.ts'

/**
 * The changes that a district's sync can make to contacts. Each throws UnknownRecordError for an id that is
 * not that of a contact.
 */
export interface ContactChanges {
  /** Drops every entry between the two; a contact without entries left is removed. */
  endRelationship(contactId: string, studentId: string): void
  addRelationship(contactId: string, entry: StudentRelationship): void
  /**
   * Writes fields of the record and of its contact role as given, including values that no SIS would send.
   * `role` must keep a list of `student_relationships`.
   */
  editContact(contactId: string, fields: Fields, role?: Fields): void
  /** Returns the contact's new id. It differs from the old one if the contact has no SIS id. */
  correctEmail(contactId: string, email: string): string
  /** The contact's school starts to export an id for it. Returns the contact's new id. */
  assignSisId(contactId: string, sisId: string): string
  removeContact(contactId: string): void
}

type Fields = Readonly<Record<string, unknown>>

export function createContactChanges(
  roster: RosterView,
  { put, create, remove }: RosterWriter,
): ContactChanges {
  function contact(id: string): ContactUser {
    const user = roster.user(id)
    if (!isContact(user)) throw new UnknownRecordError(`no contact ${id}`)
    return user
  }
  function setEntries(of: ContactUser, entries: readonly StudentRelationship[]) {
    // Clever knows a contact only through the students it belongs to.
    if (entries.length === 0) remove(of)
    else put(withEntries(of, entries))
  }
  function move(from: ContactUser, to: ContactUser): string {
    if (to.id === from.id) {
      put(to)
      return to.id
    }
    remove(from)
    const held = roster.user(to.id)
    if (isContact(held)) put(merged(held, to))
    else create(to)
    return to.id
  }
  return {
    endRelationship(contactId, studentId) {
      const held = contact(contactId)
      const entries = held.roles.contact.student_relationships
      const left = entries.filter((entry) => entry.student !== studentId)
      if (left.length === entries.length)
        throw new UnknownRecordError(`${contactId} is not related to ${studentId}`)
      setEntries(held, left)
    },
    addRelationship(contactId, entry) {
      const held = contact(contactId)
      setEntries(held, [...held.roles.contact.student_relationships, entry])
    },
    editContact(contactId, fields, role = {}) {
      const held = contact(contactId)
      put({ ...held, ...fields, id: held.id, roles: { contact: { ...held.roles.contact, ...role } } })
    },
    correctEmail(contactId, email) {
      const held = contact(contactId)
      if (held.email === email) return contactId
      const corrected = { ...held, email }
      return move(held, held.roles.contact.sis_id ? corrected : reidentified(corrected))
    },
    assignSisId(contactId, sisId) {
      const held = contact(contactId)
      return move(
        held,
        reidentified({ ...held, roles: { contact: { ...held.roles.contact, sis_id: sisId } } }),
      )
    },
    removeContact: (contactId) => remove(contact(contactId)),
  }
}
