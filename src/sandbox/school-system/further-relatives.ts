import type { User } from '../roster/records.ts'
import { createContactBook } from './contact-book.ts'
import { forget } from './dirt.ts'
import { inventGuardian, kin } from './household.ts'
import { inventFamilyNames } from './names.ts'
import type { Population } from './population.ts'
import type { Workshop } from './workshop.ts'

const circle = [kin.grandmother, kin.grandfather, kin.aunt, kin.uncle, kin.neighbor, kin.neighbor]
const types = ['Emergency', 'Family', 'Other']

/**
 * The given number of contacts outside of the households, each listed for one or two students. Throws RangeError if no
 * student has room for another contact.
 */
export function inventFurtherRelatives(
  workshop: Workshop,
  { students, contacts, sisExport }: Pick<Population, 'students' | 'contacts' | 'sisExport'>,
  count: number,
): User[] {
  const { districtId, random, modified } = workshop
  const book = createContactBook(districtId, random, modified, contacts)
  const open = students.filter(({ id }) => sisExport.room(id) > 0)
  // The places that are left after each relative has taken one. A relative of two students takes a second
  // one.
  let spare = open.reduce((sum, { id }) => sum + sisExport.room(id), -count)
  while (book.size() < count) {
    if (open.length === 0) {
      throw new RangeError(
        `at most ${contacts.length + book.size()} contacts, as no student may have another`,
      )
    }
    const at = random.below(open.length)
    // Neighboring students are often siblings, because students are in the order of households.
    const related = open.slice(at, at + Math.min(1 + random.below(2), 1 + Math.max(0, spare)))
    spare -= related.length - 1
    const names = inventFamilyNames(random)
    const family = related[0]?.name.last ?? names.family
    const relative = { ...random.pick(circle), type: random.pick(types) }
    const guardian = inventGuardian(workshop, { ...names, family }, relative, related)
    forget(guardian, random)
    book.add(sisExport.tell(guardian))
    const left = related.filter(({ id }) => sisExport.room(id) > 0)
    if (left.length < related.length) open.splice(at, related.length, ...left)
  }
  return book.contacts()
}
