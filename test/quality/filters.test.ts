import { array, boolean, assert as check, constantFrom, option, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ContactFilter,
  matchesContact,
  matchesStudent,
  type StudentFilter,
} from '../../src/quality/filters.ts'
import { readSearch } from '../../src/quality/search.ts'
import { student } from './any-student.ts'
import { anyContact, anyText } from './anybody.ts'
import { contact, OTHER_STUDENT, STUDENT, user } from './people.ts'

const ALL: ContactFilter = {
  relationships: undefined,
  types: undefined,
  hasEmail: undefined,
  hasPhone: undefined,
  search: undefined,
}
const ALL_STUDENTS: StudentFilter = { grade: undefined, schoolId: undefined, search: undefined }

const perhaps = { nil: undefined }
const anyFilter = record({
  relationships: option(array(constantFrom('PARENT', 'GRANDPARENT', 'OTHER', 'UNSPECIFIED')), perhaps),
  types: option(array(constantFrom('PARENT_GUARDIAN', 'PRIMARY', 'EMERGENCY', 'UNSPECIFIED')), perhaps),
  hasEmail: option(boolean(), perhaps),
  hasPhone: option(boolean(), perhaps),
  search: option(
    constantFrom('a', 'collins', '330').map((text) => readSearch(text, 'US')),
    perhaps,
  ),
})

describe('a filter of contacts', () => {
  it('leaves no record out if it says nothing', () => {
    check(property(anyContact, (one) => matchesContact(one, ALL)))
  })

  it('never finds more with a condition more', () => {
    const names = constantFrom(...(Object.keys(ALL) as (keyof ContactFilter)[]))
    check(
      property(anyContact, anyFilter, names, (one, filter, name) => {
        if (matchesContact(one, filter))
          expect(matchesContact(one, { ...filter, [name]: undefined })).toBe(true)
      }),
    )
  })

  it('finds each contact with and without an address, and none twice', () => {
    check(
      property(anyContact, constantFrom('hasEmail', 'hasPhone'), (one, has) => {
        const [yes, no] = [true, false].map((wanted) => matchesContact(one, { ...ALL, [has]: wanted }))
        expect(yes).toBe(!no)
      }),
    )
  })

  it('takes what shows nothing for no address', () => {
    const blank = contact({ email: ' \u200b', phone: '\u00a0' })
    expect(matchesContact(blank, { ...ALL, hasEmail: false, hasPhone: false })).toBe(true)
  })

  it('finds relationship and type in one entry, not each in another', () => {
    const one = contact({
      entries: [
        { student: STUDENT, relationship: 'Parent', type: 'Primary' },
        { student: OTHER_STUDENT, relationship: 'Aunt/Uncle', type: 'Emergency' },
      ],
    })
    const isFound = (relationships: string[] | undefined, types: string[] | undefined) =>
      matchesContact(one, { ...ALL, relationships, types })
    expect(isFound(['PARENT'], ['PRIMARY'])).toBe(true)
    expect(isFound(['PARENT'], ['EMERGENCY'])).toBe(false)
    expect(isFound(['PARENT', 'AUNT_UNCLE'], ['EMERGENCY'])).toBe(true)
    expect(isFound(['PARENT'], undefined)).toBe(true)
    expect(isFound(undefined, ['EMERGENCY'])).toBe(true)
    expect(isFound([], undefined)).toBe(false)
  })

  it('goes by what is shown, also where it was inferred', () => {
    const mother = contact({ entries: [{ student: STUDENT, relationship: 'Mother', type: 'Guardian' }] })
    expect(matchesContact(mother, { ...ALL, relationships: ['PARENT'], types: ['PARENT_GUARDIAN'] })).toBe(
      true,
    )
    expect(matchesContact(contact(), { ...ALL, relationships: ['UNSPECIFIED'] })).toBe(true)
  })
})

describe('a filter of students', () => {
  const [main, other] = [user('5'.repeat(24)), user('6'.repeat(24))]

  it('leaves no record out if it says nothing', () => {
    check(property(anyText, (last) => matchesStudent(student({ last }), ALL_STUDENTS)))
  })

  it('finds a grade in any case', () => {
    const one = student({ grade: 'Kindergarten' })
    expect(matchesStudent(one, { ...ALL_STUDENTS, grade: 'kindergarten' })).toBe(true)
    expect(matchesStudent(one, { ...ALL_STUDENTS, grade: 'Kinder' })).toBe(false)
    expect(matchesStudent(student({}), { ...ALL_STUDENTS, grade: '' })).toBe(false)
  })

  it("finds each of a student's schools", () => {
    const one = student({ school: main, schools: [main, other] })
    for (const schoolId of [main, other])
      expect(matchesStudent(one, { ...ALL_STUDENTS, schoolId })).toBe(true)
    expect(matchesStudent(student({ school: main }), { ...ALL_STUDENTS, schoolId: main })).toBe(true)
    expect(matchesStudent(student({ school: main }), { ...ALL_STUDENTS, schoolId: other })).toBe(false)
  })
})
