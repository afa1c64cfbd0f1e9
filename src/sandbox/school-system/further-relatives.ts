import type { User } from '../roster/records.ts'
import { createContactBook } from './contact-book.ts'
import { forget } from './dirt.ts'
import { inventGuardian, kin } from './household.ts'
import { inventFamilyNames } from './names.ts'
import type { Population } from './population.ts'
import type { Random } from './random.ts'
import type { Workshop } from './workshop.ts'

const circle = [kin.grandmother, kin.grandfather, kin.aunt, kin.uncle, kin.neighbor, kin.neighbor]
const types = ['Emergency', 'Family', 'Other']

/** So many contacts whom no house holds: whoever else may be called for one or two of the students. */
export function inventFurtherRelatives(
  workshop: Workshop,
  { students, contacts }: Pick<Population, 'students' | 'contacts'>,
  count: number,
): User[] {
  const { districtId, random, modified } = workshop
  const book = createContactBook(districtId, random, modified, contacts)
  while (book.size() < count) {
    const related = pickRelated(students, random)
    const names = inventFamilyNames(random)
    const family = related[0]?.name.last ?? names.family
    const relative = { ...random.pick(circle), type: random.pick(types) }
    const guardian = inventGuardian(workshop, { ...names, family }, relative, related)
    forget(guardian, random)
    book.add(guardian)
  }
  return book.contacts()
}

/** Students next to each other are often brothers and sisters, as long as they are in the order of houses. */
function pickRelated(students: readonly User[], random: Random): readonly User[] {
  const at = random.below(students.length)
  return students.slice(at, at + 1 + random.below(2))
}
