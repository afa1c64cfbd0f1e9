import { createContactBook } from '../school-system/contact-book.ts'
import type { Population } from '../school-system/population.ts'
import type { Random } from '../school-system/random.ts'
import type { Workshop } from '../school-system/workshop.ts'
import { createSisExport } from './sis-export.ts'
import type { WayOfSyncing } from './ways-of-syncing.ts'

/**
 * The population with its contacts as this way of syncing delivers them. The documented family does not
 * change, because examples need it. Only this function uses `random`, so that the rest of the district does
 * not change.
 */
export function listBySis(
  { districtId, modified }: Workshop,
  population: Population,
  way: WayOfSyncing,
  random: Random,
): Population {
  const documented = population.contacts.slice(0, population.documentedContacts)
  const sisExport = createSisExport(way, random, documented)
  const book = createContactBook(districtId, random, modified, documented)
  for (const guardian of population.guardians) {
    const told = sisExport.tell(guardian)
    if (told.entries.length > 0) book.add(told)
  }
  return { ...population, contacts: [...documented, ...book.contacts()], sisExport }
}
