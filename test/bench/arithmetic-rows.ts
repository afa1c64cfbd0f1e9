import { rowOf } from '../../src/sandbox/api/page.ts'
import { roleOf, type User } from '../../src/sandbox/roster/records.ts'
import { lastNightlySync } from '../../src/sandbox/roster/sync-times.ts'
import { inventSchoolSystem } from '../../src/sandbox/school-system/school-system.ts'
import { type ArithmeticDistrict, MAX_ENTRIES, type Person, type PersonRole } from './arithmetic-people.ts'

/** People of the sandbox. The rows are made of them, in turn. */
const TEMPLATE_STUDENTS = 500
const SEED = 1

/** What differs between two rows of one template. Each has the length of its values, so that its places never move. */
const OWN_ID = 'own-id'.padEnd(24, '~')
const ENTRY_IDS = Array.from({ length: MAX_ENTRIES }, (_, entry) => `student-${entry}`.padEnd(24, '~'))
const NUMBER = 'number'.padEnd(7, '~')
const FIRST_NUMBER = 2_000_000
const DIGITS = Buffer.from('0123456789abcdef')

interface Template {
  readonly bytes: Buffer
  readonly ownIds: readonly number[]
  readonly numbers: readonly number[]
  /** One place for each relationship entry. */
  readonly entryIds: readonly number[]
}

const system = inventSchoolSystem({
  seed: SEED,
  index: 0,
  lastSync: lastNightlySync(Date.UTC(2026, 0, 1)),
  students: TEMPLATE_STUDENTS,
})
export const { schools, record } = system

export interface Rows {
  /** A user as one of a list of v3.1. Costs a few microseconds. */
  row(person: Person): Buffer
  /** The students that a contact names. */
  studentsOf(contact: Person): readonly Person[]
  /** The contacts that name a student. */
  contactsOf(student: Person): readonly Person[]
}

export function createRows(district: ArithmeticDistrict): Rows {
  const templatesOf = (role: PersonRole) =>
    system.users.filter((user) => roleOf(user) === role).map((user) => templateOf(user, district.id))
  const templates = { student: templatesOf('student'), contact: templatesOf('contact') }

  function templateFor({ role, index }: Person): Template {
    const ofRole = templates[role]
    const template = ofRole[index % ofRole.length]
    if (template === undefined) throw new RangeError(`no template for a ${role}`)
    return template
  }
  function studentsOf(contact: Person): readonly Person[] {
    return templateFor(contact).entryIds.map((_, entry) => district.studentOf(contact, entry))
  }
  return {
    row(person) {
      const { bytes, ownIds, numbers, entryIds } = templateFor(person)
      const row = Buffer.allocUnsafe(bytes.length)
      bytes.copy(row)
      for (const at of ownIds) writeId(row, at, person)
      for (const at of numbers) writeNumber(row, at, 7, FIRST_NUMBER + person.index, 10)
      for (let entry = 0; entry < entryIds.length; entry += 1)
        writeId(row, entryIds[entry] ?? 0, district.studentOf(person, entry))
      return row
    },
    studentsOf,
    contactsOf: (student) =>
      district
        .contactsNear(student)
        .filter((contact) => studentsOf(contact).some(({ id }) => id === student.id)),
  }
}

function templateOf(user: User, districtId: string): Template {
  const { student, contact } = user.roles
  const entries = contact?.student_relationships.slice(0, MAX_ENTRIES) ?? []
  const roles = {
    ...(student && {
      student: {
        ...student,
        sis_id: NUMBER,
        student_number: NUMBER,
        state_id: `45${NUMBER}`,
        ...(student.email && { email: emailOf(student.email) }),
      },
    }),
    ...(contact && {
      contact: {
        ...contact,
        ...(contact.phone && { phone: contact.phone.replace(/\d{3}\D?\d{4}$/, NUMBER) }),
        ...(contact.sis_id && { sis_id: `C${NUMBER}` }),
        student_relationships: entries.map((entry, nth) => ({ ...entry, student: ENTRY_IDS[nth] })),
      },
    }),
  }
  const email = user.email && { email: emailOf(user.email) }
  const bytes = rowOf({ ...user, ...email, district: districtId, id: OWN_ID, roles }, `/v3.1/users/${OWN_ID}`)
  return {
    bytes,
    ownIds: placesOf(bytes, OWN_ID),
    numbers: placesOf(bytes, NUMBER),
    entryIds: ENTRY_IDS.flatMap((id) => placesOf(bytes, id)),
  }
}

function emailOf(email: string): string {
  return email.replace('@', `${NUMBER}@`)
}

function placesOf(bytes: Buffer, hole: string): readonly number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(hole); at >= 0; at = bytes.indexOf(hole, at + 1)) places.push(at)
  return places
}

function writeId(row: Buffer, at: number, { second, salt, index }: Person) {
  writeNumber(row, at, 8, second, 16)
  writeNumber(row, at + 8, 10, salt, 16)
  writeNumber(row, at + 18, 6, index, 16)
}

/** Padded with zeros. As text, it would take most of the time of a row. */
function writeNumber(row: Buffer, at: number, width: number, value: number, base: number) {
  let left = value
  for (let place = at + width - 1; place >= at; place -= 1) {
    row[place] = DIGITS[left % base] ?? 0
    left = Math.floor(left / base)
  }
}
