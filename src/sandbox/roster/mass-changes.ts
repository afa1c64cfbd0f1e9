import { type ContactUser, isContact, keepsIdWithAnyPhone, withNextPhone } from './contact-edits.ts'
import type { RosterView } from './roster.ts'
import type { RosterWriter } from './roster-writer.ts'

/**
 * Changes of many contacts in one sync. A share is a part of all contacts, from 0 to 1. The chosen contacts
 * are spread evenly over the ids, and are the same for the same roster.
 */
export interface MassChanges {
  /**
   * Gives the chosen contacts another phone, and returns their number. Skips a contact whose id depends on
   * the phone, and takes another contact instead, if there is one.
   */
  changeContacts(share: number): number
  /** Returns how many were removed. */
  removeContacts(share: number): number
}

/** The changes throw RangeError for a share outside of this range. */
export function createMassChanges(roster: RosterView, { put, removeAll }: RosterWriter): MassChanges {
  const contacts = () => roster.users('contact').filter(isContact)
  return {
    changeContacts(share) {
      const all = contacts()
      const chosen = spread(all.filter(keepsIdWithAnyPhone), countOf(share, all))
      for (const contact of chosen) put(withNextPhone(contact))
      return chosen.length
    },
    removeContacts(share) {
      const all = contacts()
      const chosen = spread(all, countOf(share, all))
      removeAll(chosen)
      return chosen.length
    },
  }
}

function countOf(share: number, { length }: readonly ContactUser[]): number {
  if (!(share >= 0 && share <= 1)) throw new RangeError(`a share is from 0 to 1, not ${share}`)
  return Math.round(share * length)
}

/** `count` elements of the list at equal distances, or the whole list if it has fewer. */
function spread<T>(list: readonly T[], count: number): readonly T[] {
  if (count >= list.length) return list
  return Array.from({ length: count }, (_, at) => Math.floor(((at + 0.5) * list.length) / count)).flatMap(
    (at) => list[at] ?? [],
  )
}
