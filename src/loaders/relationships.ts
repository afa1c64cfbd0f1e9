import { hash } from 'node:crypto'
import { parseUserId, type UserId } from '../clever/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../clever/records.ts'

/** One contact's relationship to one student: the only way from either to the other. */
export interface RelationshipRecord {
  readonly id: string
  readonly contact: ContactRecord
  readonly entry: RelationshipEntry
}

/** What the contact is to each of its students, in Clever's order. Costs no call. */
export function relationshipsOf(contact: ContactRecord): readonly RelationshipRecord[] {
  const seen = new Map<string, number>()
  return contact.relationships.map((entry) => {
    const key = `${contact.id}-${entry.studentId}-${digest(entry)}`
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    return { id: occurrence === 1 ? key : `${key}.${occurrence}`, contact, entry }
  })
}

/** Undefined for what cannot be the id of a relationship. */
export function idsIn(relationshipId: string): { contactId: UserId; studentId: UserId } | undefined {
  const [contact = '', student = ''] = relationshipId.split('-', 2)
  const [contactId, studentId] = [parseUserId(contact), parseUserId(student)]
  return contactId && studentId && { contactId, studentId }
}

/** The id survives a re-read, as it comes from what the entry says; equal entries of one pair are numbered. */
function digest({ relationship, type }: RelationshipEntry): string {
  return hash('sha256', JSON.stringify([type.raw, relationship.raw]), 'base64url').slice(0, 8)
}
