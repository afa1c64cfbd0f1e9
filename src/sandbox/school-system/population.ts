import type { User } from '../roster/records.ts'
import { type SisExport, wholeExport } from '../sis/sis-export.ts'
import { createContactBook } from './contact-book.ts'
import { guaranteedHouseholds, soil } from './dirt.ts'
import { createDirtSources } from './dirt-sources.ts'
import { createDocumentedFamily, documentedDistrictId } from './documented-family.ts'
import { type Guardian, type Household, inventHousehold } from './household.ts'
import type { Workshop } from './workshop.ts'

export interface Population {
  readonly students: readonly User[]
  readonly unshared: readonly User[]
  readonly contacts: readonly User[]
  /** How many of the contacts, from the first on, are of the documented family. */
  readonly documentedContacts: number
  /** The other contacts, one by one, as in the school's own system. */
  readonly guardians: readonly Guardian[]
  /** How the district syncs with Clever, if that is set. */
  readonly sisExport: SisExport
}

/** Invents `count` shared students, household by household, and the people who look after them. */
export function inventPopulation(workshop: Workshop, count: number, teachers: readonly User[]): Population {
  const { districtId, random, modified } = workshop
  const book = createContactBook(districtId, random, modified)
  const students: User[] = []
  const unshared: User[] = []
  const contacts: User[] = []
  const guardians: Guardian[] = []
  let documentedContacts = 0
  const sources = createDirtSources(workshop, unshared, teachers)

  function settle(household: Household) {
    students.push(...household.students)
    for (const guardian of household.guardians) book.add(guardian)
  }
  if (districtId === documentedDistrictId && count >= 3) {
    const { contact, ...family } = createDocumentedFamily(workshop)
    settle(family)
    contacts.push(contact)
    documentedContacts = contacts.length + book.size()
  }
  let neighbors: Household | undefined
  for (let index = 0; students.length < count; index += 1) {
    // Until every kind of dirty data has a household, no household may take all remaining students.
    const kept = Math.max(0, guaranteedHouseholds - 1 - index)
    const household = inventHousehold(workshop, Math.max(1, count - students.length - kept))
    if (neighbors && random.chance(0.04)) relate(household, neighbors)
    soil(household, index, sources)
    settle(household)
    guardians.push(...household.guardians)
    neighbors = household
  }
  return {
    students,
    unshared,
    contacts: [...contacts, ...book.contacts()],
    documentedContacts,
    guardians,
    sisExport: wholeExport,
  }
}

/** A parent in one household who is an aunt or uncle in another: one contact with different relationships. */
function relate({ guardians: [parent] }: Household, { students }: Household) {
  const entries = students.map(({ id }) => ({ relationship: 'Aunt/Uncle', student: id, type: 'Family' }))
  parent?.entries.push(...entries)
}
