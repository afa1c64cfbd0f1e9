import { parseUserId, type UserId } from './ids.ts'
import type { ContactRecord, RelationshipEntry } from './records.ts'
import { type RelationshipWords, wordsOf } from './relationship-words.ts'

/** One relationship entry of a contact, with its id and the meaning of its words. */
export interface Relationship {
  readonly id: string
  readonly entry: RelationshipEntry
  readonly words: RelationshipWords
}

/**
 * The entries of a contact in Clever's order. An id survives a new read of the record, because it comes from the contact,
 * the student and the words; equal entries of one pair are numbered.
 */
export function relationshipsOf({
  id,
  relationships,
}: Pick<ContactRecord, 'id' | 'relationships'>): readonly Relationship[] {
  const seen = new Map<string, number>()
  return relationships.map((entry) => {
    const words = wordsOf(entry)
    const key = `${id}-${entry.studentId}-${words.digest}`
    const occurrence = (seen.get(key) ?? 0) + 1
    seen.set(key, occurrence)
    return { id: occurrence === 1 ? key : `${key}.${occurrence}`, entry, words }
  })
}

/** The contact and the student in a relationship id; undefined if the text cannot be such an id. */
export function idsIn(relationshipId: string): { contactId: UserId; studentId: UserId } | undefined {
  const [contact = '', student = ''] = relationshipId.split('-', 2)
  const [contactId, studentId] = [parseUserId(contact), parseUserId(student)]
  return contactId && studentId && { contactId, studentId }
}
