import type { User } from '../roster/records.ts'
import { inventFurtherRelatives } from './further-relatives.ts'
import type { Population } from './population.ts'
import type { Workshop } from './workshop.ts'

/**
 * Brings the population to this number of contacts: drops the last ones, or invents more. Throws RangeError
 * if the documented family alone has more, or if no student has room for another contact.
 */
export function contactsInNumber(workshop: Workshop, population: Population, count: number): readonly User[] {
  const { contacts, documentedContacts, students } = population
  if (count < documentedContacts) {
    throw new RangeError(
      `at least ${documentedContacts} contacts, those of the documented family, not ${count}`,
    )
  }
  if (count <= contacts.length) return contacts.slice(0, count)
  if (students.length === 0) throw new RangeError(`no ${count} contacts without a student`)
  return [...contacts, ...inventFurtherRelatives(workshop, population, count - contacts.length)]
}
