import { nextPhone } from '../school-system/phones.ts'
import { deriveContactIds } from './contact-identity.ts'
import type { ContactRole, StudentRelationship, User } from './records.ts'

/** A user that has the contact role. */
export interface ContactUser extends User {
  readonly roles: { readonly contact: ContactRole }
}

export function isContact(user: User | undefined): user is ContactUser {
  return user?.roles.contact !== undefined
}

export function withEntries(contact: ContactUser, entries: readonly StudentRelationship[]): ContactUser {
  return { ...contact, roles: { contact: { ...contact.roles.contact, student_relationships: entries } } }
}

/** Whether the contact's id is independent of the phone. */
export function keepsIdWithAnyPhone({ email, roles }: ContactUser): boolean {
  return Boolean(roles.contact.sis_id || email)
}

export function withNextPhone(contact: ContactUser): ContactUser {
  const phone = nextPhone(contact.roles.contact.phone ?? '')
  return { ...contact, roles: { contact: { ...contact.roles.contact, phone } } }
}

/** The same person under the id that Clever derives from the current values. */
export function reidentified(contact: ContactUser): ContactUser {
  const { phone, phone_type, sis_id, student_relationships } = contact.roles.contact
  const { id, legacyId } = deriveContactIds(contact.district, {
    name: contact.name.last,
    email: contact.email,
    phone,
    phoneType: phone_type,
    sisId: sis_id,
    firstEntry: student_relationships[0],
  })
  return { ...contact, id, roles: { contact: { ...contact.roles.contact, legacy_id: legacyId } } }
}

/** Two contacts with the same identity are merged into one, with the entries of both. */
export function merged(held: ContactUser, arriving: ContactUser): ContactUser {
  return withEntries(held, [
    ...held.roles.contact.student_relationships,
    ...arriving.roles.contact.student_relationships,
  ])
}
