import type { User } from '../roster/records.ts'
import type { DirtSources } from './dirt.ts'
import { inventGuardian, kin } from './household.ts'
import { inventFamilyNames } from './names.ts'
import { inventStudent } from './students.ts'
import type { Workshop } from './workshop.ts'

/** Students that are invented here but not shared are added to `unshared`. */
export function createDirtSources(
  workshop: Workshop,
  unshared: User[],
  teachers: readonly User[],
): DirtSources {
  const { random } = workshop
  let bareName: string | undefined
  return {
    random,
    unsharedSibling({ students: [sibling] }) {
      const names = inventFamilyNames(random)
      const family = sibling?.name.last ?? names.family
      const student = inventStudent(workshop, { given: names.given('X'), family, gender: 'X' })
      unshared.push(student)
      return student.id
    },
    otherParent: ({ students }) => inventGuardian(workshop, inventFamilyNames(random), kin.father, students),
    teacher: () => random.pick(teachers),
    bareName() {
      const names = inventFamilyNames(random)
      const name = bareName ?? `${names.given('X')} ${names.family}`
      bareName = bareName === undefined ? name : undefined
      return name
    },
  }
}
