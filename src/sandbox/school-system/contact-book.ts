import { deriveContactIds } from '../roster/contact-identity.ts'
import type { StudentRelationship, User } from '../roster/records.ts'
import type { Guardian } from './household.ts'
import type { Random } from './random.ts'
import { createdAt } from './students.ts'

/** Turns a school's own entries into Clever contacts. Entries with the same identity become one contact. */
export interface ContactBook {
  add(guardian: Guardian): void
  /** How many contacts there are so far. */
  size(): number
  contacts(): User[]
}

interface Page {
  readonly ids: { readonly id: string; readonly legacyId: string }
  readonly guardian: Guardian
  readonly entries: StudentRelationship[]
}

/** Skips entries of a contact that is in `known`, the contacts of another book. */
export function createContactBook(
  districtId: string,
  random: Random,
  modified: string,
  known: readonly User[] = [],
): ContactBook {
  const knownIds = new Set(known.map(({ id }) => id))
  const pages = new Map<string, Page>()
  return {
    add(guardian) {
      const ids = deriveContactIds(districtId, { ...guardian, firstEntry: guardian.entries[0] })
      if (knownIds.has(ids.id)) return
      const page = pages.get(ids.id)
      if (page) page.entries.push(...guardian.entries)
      else pages.set(ids.id, { ids, guardian, entries: [...guardian.entries] })
    },
    size: () => pages.size,
    contacts: () =>
      [...pages.values()].map(({ ids, guardian, entries }) => ({
        created: createdAt(ids.id, random),
        district: districtId,
        ...(guardian.email === undefined ? {} : { email: guardian.email }),
        last_modified: modified,
        // Clever keeps the whole name of a contact in `last`.
        name: guardian.name === undefined ? {} : { last: guardian.name },
        id: ids.id,
        roles: {
          contact: {
            ...(guardian.phone === undefined ? {} : { phone: guardian.phone }),
            ...(guardian.phoneType === undefined ? {} : { phone_type: guardian.phoneType }),
            ...(guardian.sisId === undefined ? {} : { sis_id: guardian.sisId }),
            student_relationships: entries,
            legacy_id: ids.legacyId,
          },
        },
      })),
  }
}
