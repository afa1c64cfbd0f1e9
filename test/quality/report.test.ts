import { array, assert as check, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTally, REQUIRABLE, type Requirable } from '../../src/quality/report.ts'
import { WARNINGS, warningsOf } from '../../src/quality/warnings.ts'
import { anyContact } from './anybody.ts'
import { contact, OTHER_STUDENT, STUDENT } from './people.ts'

const FIELDS = Object.keys(REQUIRABLE) as Requirable[]

function reportOf(contacts: readonly ReturnType<typeof contact>[], required: readonly Requirable[] = []) {
  const tally = createTally(required)
  for (const each of contacts) tally.add(each, warningsOf(each, { defaultCountry: 'US' }))
  return tally.report()
}

describe('a report', () => {
  it('of no contacts is empty, and names the fields that are required all the same', () => {
    expect(reportOf([], ['email'])).toEqual({
      contacts: 0,
      withWarnings: 0,
      warnings: [],
      missing: [{ field: 'email', contacts: 0 }],
    })
  })

  it('counts each contact once for a warning, however many entries it is about', () => {
    const entries = [STUDENT, OTHER_STUDENT].map((student) => ({ student, relationship: 'Neighbor' }))
    const { warnings } = reportOf([contact({ entries }), contact({ entries })])
    expect(warnings).toContainEqual({ code: 'UNKNOWN_RELATIONSHIP', contacts: 2 })
    expect(warnings).toContainEqual({ code: 'MISSING_TYPE', contacts: 2 })
  })

  it.each<[Requirable, Parameters<typeof contact>[0]]>([
    ['name', { last: 'Aaron' }],
    ['email', { email: 'not an address' }],
    ['phone', { phone: 'call' }],
    ['sisId', { sisId: '1' }],
    ['relationship', { entries: [{ student: STUDENT, relationship: 'Neighbor' }] }],
    ['type', { entries: [{ student: STUDENT, type: 'Neighbor' }] }],
  ])('takes %s for there when anything is written', (field, person) => {
    expect(reportOf([contact(person)], [field]).missing).toEqual([{ field, contacts: 0 }])
    expect(reportOf([contact({ last: '\u200b', email: ' ' })], [field]).missing).toEqual([
      { field, contacts: 1 },
    ])
  })

  it('takes a relationship for missing when one of several entries lacks it', () => {
    const entries = [{ student: STUDENT, relationship: 'Parent' }, { student: STUDENT }]
    expect(reportOf([contact({ entries })], ['relationship']).missing).toEqual([
      { field: 'relationship', contacts: 1 },
    ])
  })

  it('is what one would count by hand, in the order of the table', () => {
    check(
      property(array(anyContact, { maxLength: 8 }), (contacts) => {
        const { withWarnings, warnings, missing, ...report } = reportOf(contacts, FIELDS)
        const each = contacts.map((one) => warningsOf(one, { defaultCountry: 'US' }).map(({ code }) => code))
        const count = (code: string) => each.filter((codes) => codes.some((one) => one === code)).length
        const expected = Object.keys(WARNINGS).map((code) => ({ code, contacts: count(code) }))
        expect(report).toEqual({ contacts: contacts.length })
        expect(withWarnings).toBe(each.filter((codes) => codes.length > 0).length)
        expect(warnings).toEqual(expected.filter((one) => one.contacts > 0))
        expect(missing).toEqual(
          FIELDS.map((field) => ({
            field,
            contacts: contacts.filter((one) => !REQUIRABLE[field](one)).length,
          })),
        )
      }),
    )
  })
})
