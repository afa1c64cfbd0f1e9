import { describe, expect, it } from 'vitest'
import { decideForContacts, privilegesOf, type Rules } from '../../src/access/decide.ts'
import { createOverrides, overridesFile } from '../../src/access/overrides.ts'
import { contact, NOW, overridesOf, type Person, privilege, SHIPPED_POLICY, user } from './people.ts'

const STUDENT = '1'.repeat(24)
const OTHER_STUDENT = '2'.repeat(24)
const ID = 'a'.repeat(24)
const OTHER_ID = 'b'.repeat(24)

const DENIED = {
  id: ID,
  legacyId: 'legacy-1',
  sisId: 'SIS-1',
  name: 'José Luis García Soto',
  email: 'Garcia.Family@example.org',
  phone: '(330) 555-0142',
}

/** Another person in everything but that she is listed for the same student. */
const ELSE: Person = {
  id: OTHER_ID,
  first: 'Marta',
  last: 'Lindqvist',
  email: 'marta@example.org',
  phone: '999 555 0100',
  sisId: 'SIS-2',
  legacyId: 'legacy-2',
}
const NAMED = { first: 'José Luis', last: 'García Soto' }

function denial(more: object = {}) {
  return {
    effect: 'DENY',
    student: STUDENT,
    privileges: 'ALL',
    reason: 'court order',
    contact: DENIED,
    ...more,
  }
}

function verdict(person: Person, by: object = denial(), name = 'PICK_UP', student = STUDENT, now = NOW) {
  const denied = createOverrides(overridesOf(by)).denial(contact(person), user(student), privilege(name), now)
  if (denied === undefined) return 'let be'
  return denied.isUncertain ? 'denied in doubt' : 'denied'
}

describe('a denial', () => {
  it.each<[string, Person, string]>([
    ['by the Clever id alone', { ...ELSE, id: ID }, 'denied'],
    ['by the legacy id alone', { ...ELSE, legacyId: 'legacy-1' }, 'denied'],
    ['by the sisId alone', { ...ELSE, sisId: 'SIS-1' }, 'denied'],
    ['by the name with the e-mail', { ...ELSE, ...NAMED, email: DENIED.email }, 'denied'],
    [
      'by the name with the e-mail in other case',
      { ...ELSE, ...NAMED, email: ' garcia.FAMILY@EXAMPLE.ORG ' },
      'denied',
    ],
    ['by the name with the phone', { ...ELSE, ...NAMED, phone: '330.555.0142' }, 'denied'],
    [
      'by the name with the phone and a country code',
      { ...ELSE, ...NAMED, phone: '+1 330 555 0142' },
      'denied',
    ],
    [
      'by the name without accents',
      { ...ELSE, first: 'JOSE LUIS', last: 'GARCIA SOTO', email: DENIED.email },
      'denied',
    ],
    [
      'by the name in decomposed letters',
      { ...ELSE, last: 'José Luis García Soto'.normalize('NFD'), first: '', email: DENIED.email },
      'denied',
    ],
    [
      'by the name all in one field, surname first',
      { ...ELSE, first: undefined, last: 'García Soto, José Luis', email: DENIED.email },
      'denied',
    ],
    [
      'by the name with the parts in other fields',
      { ...ELSE, first: 'José', middle: 'Luis', last: 'García Soto', phone: DENIED.phone },
      'denied',
    ],
    ['in doubt by the name alone', { ...ELSE, ...NAMED }, 'denied in doubt'],
    ['in doubt by the name, where nothing else is known', { id: OTHER_ID, ...NAMED }, 'denied in doubt'],
    [
      'in doubt with a middle initial',
      { ...ELSE, first: 'José Luis', middle: 'M', last: 'García Soto', email: DENIED.email },
      'denied in doubt',
    ],
    [
      'in doubt with a part of the name left out',
      { ...ELSE, first: 'José', last: 'García', email: DENIED.email },
      'denied in doubt',
    ],
    [
      'in doubt with a typing error',
      { ...ELSE, first: 'José Luis', last: 'Garcìa Sotto', email: DENIED.email },
      'denied in doubt',
    ],
    [
      'in doubt with two letters changed, by the phone',
      { ...ELSE, first: 'Jose Louis', last: 'Garcia Sotto', phone: DENIED.phone },
      'denied in doubt',
    ],
    [
      'in doubt with both e-mail and phone under another name',
      { ...ELSE, email: DENIED.email, phone: DENIED.phone },
      'denied in doubt',
    ],
    ['not: a wife with the e-mail of the family', { ...ELSE, email: DENIED.email }, 'let be'],
    ['not: somebody at the same number', { ...ELSE, phone: DENIED.phone }, 'let be'],
    [
      'not: a relative with a like name and nothing else',
      { ...ELSE, first: 'José', last: 'García' },
      'let be',
    ],
    [
      'not: a daughter with the name of the family and the number of her own',
      { ...ELSE, first: 'Lucía', last: 'García Soto' },
      'let be',
    ],
    ['not: somebody else altogether', ELSE, 'let be'],
    ['not: somebody without name, e-mail and phone', { id: OTHER_ID }, 'let be'],
  ])('%s', (_what, person, expected) => {
    expect(verdict(person)).toBe(expected)
  })

  const of = (contact: object) => denial({ contact })
  it.each<[string, Person, object, string]>([
    [
      'a first letter corrected',
      { ...ELSE, first: 'Catherine', last: 'Hill', email: 'k@example.org' },
      of({ name: 'Katherine Hill', email: 'k@example.org' }),
      'denied in doubt',
    ],
    [
      'an apostrophe left out',
      { ...ELSE, first: 'Pat', last: 'OBrien', email: 'p@example.org' },
      of({ name: "Pat O'Brien", email: 'p@example.org' }),
      'denied in doubt',
    ],
    [
      'a hyphen left out',
      { ...ELSE, first: 'Annemarie', last: 'Vogt', email: 'a@example.org' },
      of({ name: 'Anne-Marie Vogt', email: 'a@example.org' }),
      'denied in doubt',
    ],
    [
      'a space put in',
      { ...ELSE, first: 'Maria', last: 'De La Cruz', phone: '330 555 0199' },
      of({ name: 'Maria Delacruz', phone: '3305550199' }),
      'denied in doubt',
    ],
    [
      'a name that is gone, with the e-mail',
      { id: OTHER_ID, email: 'k@example.org' },
      of({ name: 'Katherine Hill', email: 'k@example.org' }),
      'denied in doubt',
    ],
    [
      'a phone with an extension, under a like name',
      { ...ELSE, first: 'Katharine', last: 'Hill', phone: '318-555-0105 x05' },
      of({ name: 'Katherine Hill', phone: '318-555-0105' }),
      'denied in doubt',
    ],
    ['a sisId with a space before it', { ...ELSE, sisId: ' SIS-1 ' }, of({ sisId: 'SIS-1' }), 'denied'],
  ])('holds through what a school office does to a record: %s', (_what, person, by, expected) => {
    expect(verdict(person, by)).toBe(expected)
  })

  it('holds for its student alone', () => {
    expect(verdict({ ...ELSE, id: ID }, denial(), 'PICK_UP', OTHER_STUDENT)).toBe('let be')
  })

  it('holds for ALL privileges, or for those it lists', () => {
    const listed = denial({ privileges: ['PICK_UP', 'GIVE_CONSENT'] })
    const person = { ...ELSE, id: ID }
    expect(verdict(person, denial(), 'ANY_OTHER')).toBe('denied')
    expect(verdict(person, listed, 'PICK_UP')).toBe('denied')
    expect(verdict(person, listed, 'GIVE_CONSENT')).toBe('denied')
    expect(verdict(person, listed, 'VIEW_STUDENT')).toBe('let be')
  })

  it('holds until the instant it expires, in any time zone', () => {
    const person = { ...ELSE, id: ID }
    for (const expires of ['2026-11-22T12:00:00Z', '2026-11-22T13:00:00+01:00']) {
      const until = (now: number) => verdict(person, denial({ expires }), 'PICK_UP', STUDENT, now)
      expect([until(NOW - 1), until(NOW), until(NOW + 1)]).toEqual(['denied', 'let be', 'let be'])
    }
  })

  it('that is certain outweighs an uncertain one', () => {
    const doubtful = denial({ contact: { name: 'José Luis García Soto', email: 'x@example.org' } })
    const overrides = createOverrides(overridesOf(doubtful, denial(), doubtful))
    const person = contact({ ...ELSE, ...NAMED, id: ID })
    expect(overrides.denial(person, user(STUDENT), privilege('PICK_UP'), NOW)).toEqual({ isUncertain: false })
  })
})

describe('a grant', () => {
  const grant = (contact: object, more: object = {}) => ({
    effect: 'GRANT',
    student: STUDENT,
    privileges: ['PICK_UP'],
    reason: 'grandmother fetches on Mondays',
    contact,
    ...more,
  })
  const related: Person = { ...ELSE, entries: [{ student: STUDENT, relationship: 'Other', type: 'Other' }] }
  const rules = (...overrides: object[]): Rules => ({
    policy: SHIPPED_POLICY,
    overrides: createOverrides(overridesOf(...overrides)),
    now: NOW,
    maxAge: 60_000,
  })
  const decision = (person: Person, name: string, ...overrides: object[]) =>
    decideForContacts([contact(person)], user(STUDENT), privilege(name), rules(...overrides))

  it('gives what it lists, and says so', () => {
    expect(decision(related, 'PICK_UP')).toEqual({ allowed: false, reason: 'POLICY_GRANTS_NOTHING' })
    expect(decision(related, 'PICK_UP', grant({ id: OTHER_ID }))).toEqual({
      allowed: true,
      reason: 'OVERRIDE_GRANTS',
    })
    expect(decision(related, 'PICK_UP', grant({ sisId: 'SIS-2' })).allowed).toBe(true)
    expect(decision(related, 'GIVE_CONSENT', grant({ id: OTHER_ID })).allowed).toBe(false)
  })

  it('gives nothing to a contact without a relationship to the student', () => {
    expect(decision({ ...ELSE, entries: [] }, 'PICK_UP', grant({ id: OTHER_ID }))).toEqual({
      allowed: false,
      reason: 'NO_RELATIONSHIP',
    })
  })

  it('gives nothing to another id, nor after it has expired', () => {
    expect(decision({ ...related, id: ID }, 'PICK_UP', grant({ id: OTHER_ID })).allowed).toBe(false)
    const expired = grant({ id: OTHER_ID }, { expires: '2026-11-22T12:00:00Z' })
    expect(decision(related, 'PICK_UP', expired).allowed).toBe(false)
  })

  it('loses against a denial, in whichever order, also an uncertain one', () => {
    const doubtful = denial({ contact: { name: 'Marta Lindqvist', email: 'old@example.org' } })
    for (const all of [
      [grant({ id: OTHER_ID }), doubtful],
      [doubtful, grant({ id: OTHER_ID })],
    ]) {
      expect(decision(related, 'PICK_UP', ...all)).toEqual({
        allowed: false,
        reason: 'OVERRIDE_DENIES',
        isUncertain: true,
      })
      const record = contact(related)
      const [entry] = record.relationships
      expect(entry && privilegesOf(record, entry, rules(...all))).toEqual([])
    }
  })

  it('of one who is two contacts is no way round the denial of the other', () => {
    const both = [
      contact(related),
      contact({ ...ELSE, id: ID, email: 'x@example.org', first: 'Martha', entries: [] }),
    ]
    const denied = denial({ contact: { id: ID, name: 'Nobody Atall', email: 'n@example.org' } })
    expect(
      decideForContacts(both, user(STUDENT), privilege('PICK_UP'), rules(grant({ id: OTHER_ID }), denied)),
    ).toEqual({ allowed: false, reason: 'OVERRIDE_DENIES' })
  })
})

describe('a file of overrides', () => {
  const accepts = (override: object) => overridesFile.safeParse({ overrides: [override] }).success

  it.each([
    ['only a Clever id, which may change', { id: ID }],
    ['only a Clever id and a legacy id', { id: ID, legacyId: 'legacy-1' }],
    ['only a name', { name: 'Aaron Collins' }],
    ['only an e-mail', { email: 'a@example.org' }],
    ['a name of spaces', { name: '  ', email: 'a@example.org' }],
    ['nobody', {}],
    ['something nobody knows', { sisId: 'SIS-1', nickname: 'Al' }],
    ['a name that says nothing', { name: 'N/A', email: 'a@example.org' }],
    ['a name of punctuation', { name: '---', email: 'a@example.org' }],
    ['a name that cannot be seen', { name: '\u200b', email: 'a@example.org' }],
    ['a sisId that a spreadsheet rounded', { sisId: '1.23457E+11' }],
    ['a sisId that is an error of a spreadsheet', { sisId: '#REF!' }],
    ['a phone that a spreadsheet rounded', { name: 'Aaron Collins', phone: '3.3028E+09' }],
    ['a Clever id in capitals', { id: 'A'.repeat(24), sisId: 'SIS-1' }],
  ])('is refused when a denial names %s', (_what, contact) => {
    expect(accepts(denial({ contact }))).toBe(false)
  })

  it.each([
    ['the sisId', { sisId: 'SIS-1' }],
    ['name and e-mail', { name: 'Aaron Collins', email: 'a@example.org' }],
    ['name and phone', { name: 'Aaron Collins', phone: '555' }],
    ['a sisId that only looks like a rounded number', { sisId: '12E4' }],
    ['a sisId of which a spreadsheet lost no digit', { sisId: '1.23456789E+08' }],
  ])('is accepted when a denial names %s', (_what, contact) => {
    expect(accepts(denial({ contact }))).toBe(true)
  })

  it.each([
    ['a grant by a name', denial({ effect: 'GRANT', contact: { name: 'A B', email: 'a@example.org' } })],
    ['a grant by id and sisId at once', denial({ effect: 'GRANT', contact: { id: ID, sisId: 'SIS-1' } })],
    ['a grant by a sisId that many may have', denial({ effect: 'GRANT', contact: { sisId: '0' } })],
    ['a grant by a sisId that says nothing', denial({ effect: 'GRANT', contact: { sisId: 'N/A' } })],
    ['an unknown effect', denial({ effect: 'ALLOW' })],
    ['no privileges', denial({ privileges: [] })],
    ['no reason', denial({ reason: ' ' })],
    ['a student in capitals', denial({ student: 'A'.repeat(24) })],
    ['a date without a time', denial({ expires: '2026-11-22' })],
    ['a time without a zone', denial({ expires: '2026-11-22T12:00:00' })],
    ['something nobody knows', denial({ until: '2026-11-22T12:00:00Z' })],
  ])('is refused with %s', (_what, override) => {
    expect(accepts(override)).toBe(false)
  })
})
