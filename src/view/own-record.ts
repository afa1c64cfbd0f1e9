import type { UserId } from '../model/ids.ts'
import { findContact } from './contacts.ts'
import { findStudent } from './students.ts'
import type { View } from './view.ts'

/** The viewer's own record in Clever, for display. */
export interface OwnRecord {
  readonly id: UserId
  readonly displayName: string | undefined
}

/**
 * The first contact of a guardian that exists, in the order of the token; the record of a student or of a
 * staff member who has the role of the token. Undefined for a service. Discloses the contact or the student.
 * Throws the errors of the view.
 */
export function ownRecord(view: View): OwnRecord | undefined {
  const { principal } = view.request.context
  switch (principal.kind) {
    case 'GUARDIAN': {
      for (const id of principal.contactIds) {
        const contact = findContact(view, { id })
        if (contact !== undefined) return contact
      }
      return undefined
    }
    case 'STUDENT':
      return findStudent(view, { id: principal.userId })
    case 'STAFF':
      return view.viewer.facts?.staff
    case 'SERVICE':
      return undefined
  }
}
