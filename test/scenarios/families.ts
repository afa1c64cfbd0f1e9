import type { SandboxDistrict } from '../../src/sandbox/roster/district.ts'
import type { User } from '../../src/sandbox/roster/records.ts'

export const PARENT = { relationship: 'Parent', type: 'Parent/Guardian' } as const

export function entriesOf(user: User | undefined) {
  return user?.roles.contact?.student_relationships ?? []
}

/** A student, a parent of the student alone who has all privileges, and another contact of the student alone. */
export function findFamily(district: SandboxDistrict) {
  for (const contact of district.roster.users('contact')) {
    const [entry, ...more] = entriesOf(contact)
    if (entry === undefined || more.length > 0) continue
    if (entry.relationship !== PARENT.relationship || entry.type !== PARENT.type) continue
    const other = district.roster
      .contactsOf(entry.student)
      .find((each) => each.id !== contact.id && entriesOf(each).length === 1)
    if (district.students.includes(entry.student) && other !== undefined)
      return { student: entry.student, contact, other }
  }
  throw new Error('the sandbox has no such family')
}

/** A shared student who is in no class and no school of these teachers' students. */
export function strangerTo(district: SandboxDistrict, student: string): string {
  const teachers = new Set(district.roster.teachersOf(student).map(({ id }) => id))
  const schools = schoolsOf(district, student)
  const stranger = district.students.find(
    (id) =>
      id !== student &&
      !district.roster.teachersOf(id).some((teacher) => teachers.has(teacher.id)) &&
      !schoolsOf(district, id).some((school) => schools.includes(school)),
  )
  if (stranger === undefined) throw new Error('the sandbox has no such student')
  return stranger
}

function schoolsOf(district: SandboxDistrict, student: string): readonly string[] {
  return district.roster.user(student)?.roles.student?.schools ?? []
}
