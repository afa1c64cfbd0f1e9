import type { ContactRecord, RelationshipEntry } from '../model/records.ts'
import type { Detail } from './viewer.ts'

/** The part of a contact that one viewer may see. */
export interface VisibleContact {
  readonly record: ContactRecord
  /** The relationships to students that the viewer may see. */
  readonly entries: readonly RelationshipEntry[]
  readonly detail: Detail
}

export type ChangedField = 'name' | 'email' | 'phone' | 'sisId' | 'legacyId' | 'relationships'

/** The fields of the schema that can change, each with the values that it is made of. */
const FIELDS: readonly (readonly [ChangedField, Detail, (contact: VisibleContact) => unknown])[] = [
  ['name', 'NAME', ({ record: { name } }) => [name.first, name.middle, name.last]],
  ['email', 'FULL', ({ record }) => record.email],
  ['phone', 'FULL', ({ record }) => [record.phone, record.phoneType.raw]],
  ['sisId', 'FULL', ({ record }) => record.sisId],
  ['legacyId', 'FULL', ({ record }) => record.legacyId],
  // In a fixed order, because Clever's order may vary.
  ['relationships', 'NAME', ({ entries }) => entries.map(wordsOf).sort()],
]

function wordsOf({ studentId, relationship, type }: RelationshipEntry): string {
  return JSON.stringify([studentId, relationship.raw, type.raw])
}

/** The visible fields that have changed. A field that differs only in hidden values counts as unchanged. */
export function changedFields(before: VisibleContact, after: VisibleContact): readonly ChangedField[] {
  const isFull = before.detail === 'FULL' && after.detail === 'FULL'
  return FIELDS.filter(
    ([, detail, read]) =>
      (isFull || detail === 'NAME') && JSON.stringify(read(before)) !== JSON.stringify(read(after)),
  ).map(([field]) => field)
}

/** Whether the viewer may see everything about a contact. */
export function isWhole({ record, entries, detail }: VisibleContact): boolean {
  return detail === 'FULL' && entries.length === record.relationships.length
}
