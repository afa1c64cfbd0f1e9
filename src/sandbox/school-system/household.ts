import type { StudentRelationship, User } from '../roster/records.ts'
import { type FamilyNames, type Gender, inventFamilyNames, inventGender } from './names.ts'
import { inventPhone } from './phones.ts'
import type { Random } from './random.ts'
import { inventStudent } from './students.ts'
import type { Workshop } from './workshop.ts'

/**
 * A contact in the school's own system: one person, with an entry for each time that a student lists the
 * person.
 */
export interface Guardian {
  name?: string
  email?: string
  phone?: string
  phoneType?: string
  sisId?: string
  /** Not sent to Clever. */
  readonly gender?: Gender
  entries: StudentRelationship[]
}

export interface Household {
  readonly students: readonly User[]
  readonly guardians: Guardian[]
}

interface Kin {
  readonly gender: Gender
  readonly relationship: string
  readonly type: string
  readonly hasFamilyName?: false
}

export const kin = {
  mother: { gender: 'F', relationship: 'Parent', type: 'Parent/Guardian' },
  father: { gender: 'M', relationship: 'Parent', type: 'Parent/Guardian' },
  stepparent: { gender: 'X', relationship: 'Parent', type: 'Secondary', hasFamilyName: false },
  grandmother: { gender: 'F', relationship: 'Grandparent', type: 'Family' },
  grandfather: { gender: 'M', relationship: 'Grandparent', type: 'Primary' },
  aunt: { gender: 'F', relationship: 'Aunt/Uncle', type: 'Family' },
  uncle: { gender: 'M', relationship: 'Aunt/Uncle', type: 'Emergency' },
  sibling: { gender: 'X', relationship: 'Sibling', type: 'Emergency' },
  neighbor: { gender: 'X', relationship: 'Other', type: 'Emergency', hasFamilyName: false },
  caseworker: { gender: 'F', relationship: 'Other', type: 'Other', hasFamilyName: false },
} as const satisfies Record<string, Kin>

/** The adults of a household. A row that occurs twice is twice as common. */
const shapes: readonly (readonly (keyof typeof kin)[])[] = [
  ['mother', 'father'],
  ['mother', 'father'],
  ['father', 'mother'],
  ['mother', 'father', 'neighbor'],
  ['mother', 'father', 'grandmother'],
  ['mother', 'grandmother'],
  ['mother', 'uncle'],
  ['mother'],
  ['mother', 'father', 'grandmother', 'aunt'],
  ['mother', 'father', 'stepparent'],
  ['father', 'aunt'],
  ['grandmother', 'grandfather'],
  ['mother', 'father', 'sibling'],
  ['mother', 'father', 'grandfather', 'neighbor', 'aunt'],
  ['caseworker', 'aunt'],
]

/** A family with one to three students, at most `mostStudents`. */
export function inventHousehold(workshop: Workshop, maxStudents: number): Household {
  const { random } = workshop
  const names = inventFamilyNames(random)
  const size = Math.min(maxStudents, random.pick([1, 1, 1, 2, 2, 3]))
  const students = Array.from({ length: size }, () => {
    const gender = inventGender(random)
    return inventStudent(workshop, { given: names.given(gender), family: names.family, gender })
  })
  const members = random.pick(shapes).map((member) => inventGuardian(workshop, names, kin[member], students))
  return { students, guardians: members }
}

export function inventGuardian(
  { random, mailboxes }: Workshop,
  names: FamilyNames,
  { gender, relationship, type, hasFamilyName }: Kin,
  students: readonly User[],
): Guardian {
  const given = names.given(gender)
  const family = hasFamilyName === false || random.chance(0.25) ? names.otherFamily() : names.family
  return {
    name: `${given} ${family}`,
    email: mailboxes(given, family),
    phone: inventPhone(random),
    phoneType: random.pick(phoneTypes),
    sisId: inventSisId(random),
    gender,
    entries: students.map(({ id }) => ({ relationship, student: id, type })),
  }
}

const phoneTypes = ['Cell', 'Cell', 'Cell', 'Home', 'Work', 'Other', '']

/** Only some school systems give ids to contacts, and not to all of them. */
function inventSisId(random: Random): string {
  return random.chance(0.5) ? `C${random.digits(8)}` : ''
}
