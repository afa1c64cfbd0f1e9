import { countBefore, type Items } from '../../src/sandbox/roster/sorted-list.ts'
import { hex } from '../../src/sandbox/school-system/object-ids.ts'

export type PersonRole = 'student' | 'contact'

/** A user of whom nothing is kept: everything follows from its place among the users of its role. */
export class Person {
  readonly role: PersonRole
  readonly index: number
  /** The parts of its id, an ObjectId: the second, what tells two lists apart, and the index. */
  readonly second: number
  readonly salt: number

  constructor({ role, index, second, salt }: Pick<Person, 'role' | 'index' | 'second' | 'salt'>) {
    this.role = role
    this.index = index
    this.second = second
    this.salt = salt
  }

  get id(): string {
    return hex(this.second, 8) + hex(this.salt, 10) + hex(this.index, 6)
  }
}

/** The users of one role. */
export interface People extends Items<Person> {
  of(id: string): Person | undefined
}

/** Two contacts for each student. */
export interface ArithmeticDistrict {
  readonly id: string
  readonly students: People
  readonly contacts: People
  /** The student of one relationship entry of a contact. */
  studentOf(contact: Person, entry: number): Person
  /** The contacts that may have an entry for a student, by `studentOf`. */
  contactsNear(student: Person): readonly Person[]
}

/** The most relationship entries of one contact. */
export const MAX_ENTRIES = 5
/** The students of one contact are not neighbors among the ids. */
const ENTRY_STRIDE = 997

/** 2021-07-28 */
const FIRST_SECOND = 1_627_430_400
const YEARS = 4
const YEAR_SECONDS = 365 * 86_400
/** Most users of a year arrive in the hour of its first sync. */
const BURST = { share: 0.8, seconds: 3_600 }

/** `number` tells districts apart, from 0. `records`: students and contacts together. */
export function createArithmeticDistrict(number: number, records: number): ArithmeticDistrict {
  const studentCount = Math.round(records / 3)
  const students = createPeople('student', studentCount, 2 * number)
  const contacts = createPeople('contact', records - studentCount, 2 * number + 1)
  const perStudent = contacts.length / students.length

  return {
    id: hex(FIRST_SECOND, 8) + hex(number, 16),
    students,
    contacts,
    studentOf({ index }, entry) {
      const at = (Math.floor(index / perStudent) + entry * ENTRY_STRIDE) % students.length
      const student = students.at(at)
      if (student === undefined) throw new RangeError(`no student ${at}`)
      return student
    },
    contactsNear({ index }) {
      return Array.from({ length: MAX_ENTRIES }, (_, entry) => {
        const at = (index - entry * ENTRY_STRIDE) % students.length
        const first = at < 0 ? at + students.length : at
        return contacts.slice(Math.ceil(first * perStudent), Math.ceil((first + 1) * perStudent))
      }).flat()
    },
  }
}

function createPeople(role: PersonRole, length: number, salt: number): People {
  const person = (index: number) => new Person({ role, index, second: secondOf(index / length), salt })
  const people: Items<Person> = {
    length,
    at: (index) => (index >= 0 && index < length ? person(index) : undefined),
    slice(start, end) {
      const from = Math.max(0, start)
      return Array.from({ length: Math.max(0, Math.min(end, length) - from) }, (_, nth) => person(from + nth))
    },
  }
  return {
    ...people,
    of(id) {
      const found = people.at(countBefore(people, id))
      return found?.id === id ? found : undefined
    },
  }
}

/** The second in which a user arrived, by its share of all that came before. It ascends. */
function secondOf(share: number): number {
  const years = share * YEARS
  const ofYear = years % 1
  const intoYear =
    ofYear < BURST.share
      ? (ofYear / BURST.share) * BURST.seconds
      : BURST.seconds + ((ofYear - BURST.share) / (1 - BURST.share)) * (YEAR_SECONDS - BURST.seconds)
  return FIRST_SECOND + Math.floor(years) * YEAR_SECONDS + Math.floor(intoYear)
}
