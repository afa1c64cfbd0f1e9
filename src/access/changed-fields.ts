import type { ContactRecord, RelationshipEntry } from '../model/records.ts'
import type { Detail } from './viewer.ts'

/** As much of a contact as one viewer may see of it. */
export interface VisibleContact {
  readonly record: ContactRecord
  /** To students that the viewer may see. */
  readonly entries: readonly RelationshipEntry[]
  readonly detail: Detail
}

export type ChangedField = 'name' | 'email' | 'phone' | 'sisId' | 'legacyId' | 'relationships'

/** The fields of the schema that can change, each with what it is made of. */
const FIELDS: readonly (readonly [ChangedField, Detail, (contact: VisibleContact) => unknown])[] = [
  ['name', 'NAME', ({ record: { name } }) => [name.first, name.middle, name.last]],
  ['email', 'FULL', ({ record }) => record.email],
  ['phone', 'FULL', ({ record }) => [record.phone, record.phoneType.raw]],
  ['sisId', 'FULL', ({ record }) => record.sisId],
  ['legacyId', 'FULL', ({ record }) => record.legacyId],
  // In whichever order Clever lists them.
  ['relationships', 'NAME', ({ entries }) => entries.map(wordsOf).sort()],
]

function wordsOf({ studentId, relationship, type }: RelationshipEntry): string {
  return JSON.stringify([studentId, relationship.raw, type.raw])
}

/** Which of the fields that the viewer may see are not what they were. What differs only in what is hidden is the same. */
export function changedFields(before: VisibleContact, after: VisibleContact): readonly ChangedField[] {
  const isFull = before.detail === 'FULL' && after.detail === 'FULL'
  return FIELDS.filter(
    ([, detail, read]) =>
      (isFull || detail === 'NAME') && JSON.stringify(read(before)) !== JSON.stringify(read(after)),
  ).map(([field]) => field)
}

/** Whether the viewer may see all there is of a contact. */
export function isWhole({ record, entries, detail }: VisibleContact): boolean {
  return detail === 'FULL' && entries.length === record.relationships.length
}
