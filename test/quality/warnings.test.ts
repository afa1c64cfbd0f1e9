import { describe, expect, it } from 'vitest'
import { WARNINGS, type WarningCode, type WarningContext, warningsOf } from '../../src/quality/warnings.ts'
import { contact, OTHER_STUDENT, type Person, STUDENT } from './people.ts'

const CONTEXT: WarningContext = { defaultCountry: 'US' }
const PARENT = { student: STUDENT, relationship: 'Parent', type: 'Parent/Guardian' }
const FAULTLESS: Person = {
  last: 'Aaron Collins',
  email: 'aaron@example.org',
  phone: '1-(330) 280-1898',
  sisId: 'S-1',
  entries: [PARENT],
}

function codes(person: Person, context: Partial<WarningContext> = {}) {
  return warningsOf(contact({ ...FAULTLESS, ...person }), { ...CONTEXT, ...context }).map(({ code }) => code)
}

describe('a contact without fault', () => {
  it('is not warned of', () => {
    expect(codes({})).toEqual([])
    expect(codes({}, { isKnownStudent: () => true, hasLookAlike: () => false })).toEqual([])
  })

  it('may have several entries for one student that say different things', () => {
    expect(codes({ entries: [PARENT, { ...PARENT, type: 'Emergency' }] })).toEqual([])
  })

  it('may be the same to several students', () => {
    expect(codes({ entries: [PARENT, { ...PARENT, student: OTHER_STUDENT }] })).toEqual([])
  })
})

describe('a contact is warned of', () => {
  const bare = { email: '', phone: '', sisId: '' }

  it.each<[WarningCode, string, Person, WarningCode[]]>([
    ['MISSING_EMAIL', 'an empty e-mail', { email: '' }, []],
    ['MISSING_EMAIL', 'an e-mail that cannot be seen', { email: '\u200b' }, []],
    ['MISSING_PHONE', 'no phone', { phone: undefined }, []],
    ['UNREACHABLE', 'neither', { email: '', phone: '' }, ['MISSING_EMAIL', 'MISSING_PHONE']],
    ['INVALID_EMAIL', 'an e-mail without @', { email: 'seth_schoen.example.org' }, []],
    ['INVALID_PHONE', 'a phone without area code', { phone: '555-0100' }, []],
    ['MISSING_RELATIONSHIP', 'no relationship', { entries: [{ ...PARENT, relationship: '' }] }, []],
    [
      'UNKNOWN_RELATIONSHIP',
      'the word of PowerSchool districts',
      { entries: [{ ...PARENT, relationship: 'Guardian' }] },
      [],
    ],
    [
      'RELATIONSHIP_IN_WRONG_FIELD',
      'a mother in the type',
      { entries: [{ ...PARENT, relationship: '', type: 'Mother' }] },
      [],
    ],
    ['MISSING_TYPE', 'no type', { entries: [{ ...PARENT, type: undefined }] }, []],
    ['UNKNOWN_TYPE', 'a type nobody knows', { entries: [{ ...PARENT, type: 'Pick-up' }] }, []],
    ['DUPLICATE_ENTRY', 'the same entry twice', { entries: [PARENT, PARENT] }, []],
    [
      'DUPLICATE_ENTRY',
      'the same entry in other case',
      { entries: [PARENT, { ...PARENT, relationship: 'PARENT ' }] },
      [],
    ],
    ['UNSTABLE_ID', 'an id that rests on name and e-mail', { sisId: '' }, []],
    [
      'COLLISION_RISK',
      'a bare name and two students',
      { ...bare, entries: [PARENT, { ...PARENT, student: OTHER_STUDENT }] },
      ['MISSING_EMAIL', 'MISSING_PHONE', 'UNREACHABLE', 'UNSTABLE_ID'],
    ],
  ])('%s for %s', (code, _, person, others) => {
    expect(codes(person)).toEqual(order([code, ...others]))
  })

  it('UNKNOWN_STUDENT when it is known that there is none', () => {
    expect(codes({}, { isKnownStudent: () => false })).toEqual(['UNKNOWN_STUDENT'])
    expect(codes({}, { isKnownStudent: () => undefined })).toEqual([])
  })

  it('UNKNOWN_STUDENT for the student in question', () => {
    const entries = [PARENT, { ...PARENT, student: OTHER_STUDENT }]
    expect(codes({ entries }, { isKnownStudent: (id) => id !== OTHER_STUDENT })).toEqual(['UNKNOWN_STUDENT'])
  })

  it('POSSIBLE_DUPLICATE when another one looks alike', () => {
    expect(codes({}, { hasLookAlike: ({ email }) => email === FAULTLESS.email })).toEqual([
      'POSSIBLE_DUPLICATE',
    ])
    expect(codes({}, { hasLookAlike: () => undefined })).toEqual([])
  })

  it('once for each code, however many entries have it', () => {
    const entries = Array.from({ length: 5 }, (_, n) => ({ ...PARENT, type: `Type ${n}`, relationship: '' }))
    expect(codes({ entries })).toEqual(['MISSING_RELATIONSHIP', 'UNKNOWN_TYPE'])
  })
})

describe('entries that differ only in what is not seen', () => {
  it('are duplicates also when neither says anything', () => {
    const nothing = { student: STUDENT }
    expect(codes({ entries: [nothing, { ...nothing, type: '\u200b' }] })).toContain('DUPLICATE_ENTRY')
  })
})

describe('a phone', () => {
  it('is one of the country of the district', () => {
    expect(codes({ phone: '020 7946 0958' }, { defaultCountry: 'GB' })).toEqual([])
    expect(codes({ phone: '020 7946 0958' })).toEqual(['INVALID_PHONE'])
  })
})

describe('an entry', () => {
  it('is warned of by its word and by its student', () => {
    expect(
      codes({ entries: [{ ...PARENT, relationship: 'Guardian' }] }, { isKnownStudent: () => false }),
    ).toEqual(['UNKNOWN_RELATIONSHIP', 'UNKNOWN_STUDENT'])
  })
})

describe('a message', () => {
  it('is the description of its code, and so holds no personal data', () => {
    const person = {
      ...FAULTLESS,
      email: 'Zoltan',
      phone: 'Zoltan',
      entries: [{ ...PARENT, type: 'Zoltan' }],
    }
    const warnings = warningsOf(contact(person), CONTEXT)
    expect(warnings).not.toEqual([])
    for (const { code, field, message } of warnings)
      expect([field, message]).toEqual([WARNINGS[code].field, WARNINGS[code].description])
    expect(JSON.stringify(warnings)).not.toContain('Zoltan')
  })
})

function order(wanted: readonly WarningCode[]): readonly string[] {
  return Object.keys(WARNINGS).filter((code) => wanted.some((each) => each === code))
}
