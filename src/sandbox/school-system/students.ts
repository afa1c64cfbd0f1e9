import type { User } from '../roster/records.ts'
import { plain } from './mailboxes.ts'
import type { Gender } from './names.ts'
import type { Random } from './random.ts'
import { grades } from './schools.ts'
import type { Workshop } from './workshop.ts'

export interface StudentWish {
  readonly given: string
  readonly family: string
  readonly gender: Gender
  /** Only the documented students come with an id. */
  readonly id?: string
}

const races = [
  'Caucasian',
  'Asian',
  'Black or African American',
  'American Indian',
  'Hawaiian or Other Pacific Islander',
  'Two or More Races',
  'Unknown',
  '',
]

/** A student enrolled in a random grade, at one school that teaches it. */
export function inventStudent(workshop: Workshop, { given, family, gender, id }: StudentWish): User {
  const { random, schoolsByGrade } = workshop
  const gradeIndex = random.below(grades.length)
  const grade = grades[gradeIndex] ?? ''
  const school = random.pick(schoolsByGrade.get(grade) ?? []).id
  const number = random.digits(7)
  const email = workshop.mailboxes(given, family)
  const studentId = id ?? workshop.nextId()
  return {
    created: createdAt(studentId, random),
    district: workshop.districtId,
    email,
    last_modified: workshop.modified,
    name: { first: given, last: family, middle: random.chance(0.8) ? random.pick(initials) : '' },
    id: studentId,
    roles: {
      student: {
        credentials: { district_username: `${plain(given)}${plain(family).charAt(0)}${random.digits(2)}` },
        dob: `${1 + random.below(12)}/${1 + random.below(28)}/${2020 - gradeIndex}`,
        enrollments: [],
        ext: {},
        gender,
        grade,
        graduation_year: '',
        hispanic_ethnicity: random.pick(['Y', 'N', '']),
        location: { address: '', city: '', state: '', zip: `45${random.digits(3)}` },
        race: random.pick(races),
        school,
        schools: [school],
        sis_id: number,
        state_id: random.digits(9),
        student_number: number,
        email,
        ...addedInV31(studentId, given),
      },
    },
  }
}

const languages = ['Spanish', 'Vietnamese', 'Arabic', 'Chinese']

/**
 * Student fields that v3.1 added: a preferred name for one student in four, and the language at home. Derived
 * from the id, so that they do not change the other random values.
 */
function addedInV31(studentId: string, given: string) {
  const number = Number.parseInt(studentId.slice(-4), 16)
  return {
    home_language: number % 3 === 0 ? languages[number % languages.length] : 'English',
    ...(number % 4 === 0 && { preferred_name: { first: `${given.charAt(0)}J` } }),
  }
}

const initials = [...'ABCDEFGHIJKLMNOPRSTVWYZ']

/** A record is created in the second that the first four bytes of its id hold. */
export function createdAt(objectId: string, random: Random): string {
  const seconds = Number.parseInt(objectId.slice(0, 8), 16)
  return new Date(seconds * 1000 + random.below(1000)).toISOString()
}
