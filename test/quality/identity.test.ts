import { describe, expect, it } from 'vitest'
import { identityOf } from '../../src/quality/identity.ts'
import { contact, OTHER_STUDENT, type Person, STUDENT } from './people.ts'

const COLLINS = { last: 'Aaron Collins', email: 'aaron@example.org', phone: '330-280-1898' }
const TWO_STUDENTS = [{ student: STUDENT }, { student: OTHER_STUDENT }]

describe("Clever's documented rules on the ids of contacts", () => {
  it.each<[string, Person, string, boolean]>([
    ['with a sis_id the id rests on it and is stable', { ...COLLINS, sisId: 'S-1' }, 'SIS_ID', true],
    [
      'with a sis_id the id rests on it also when there is nothing else',
      { last: 'Aaron Collins', sisId: 'S-1' },
      'SIS_ID',
      true,
    ],
    ['without a sis_id it rests on name and e-mail', COLLINS, 'NAME_EMAIL', false],
    ['a sis_id that is empty is none', { ...COLLINS, sisId: '' }, 'NAME_EMAIL', false],
    ['without an e-mail it rests on name and phone', { ...COLLINS, email: '' }, 'NAME_PHONE', false],
    [
      'with neither it rests on name, type, relationship and phone type',
      { last: 'Aaron Collins', phone: ' ' },
      'NAME_TYPE',
      false,
    ],
  ])('%s', (_, person, basis, isStable) => {
    expect(identityOf(contact(person))).toEqual({ basis, isStable, collisionRisk: false })
  })
})

describe('a contact who may be two people', () => {
  const bare = { last: 'Aaron Collins', entries: TWO_STUDENTS }

  it('has a name, several students, and nothing to tell it from others', () => {
    expect(identityOf(contact(bare)).collisionRisk).toBe(true)
  })

  it.each<[string, Person]>([
    ['a phone of zeros', { phone: '000-000-0000' }],
    ['a dash for a phone', { phone: '-' }],
    ['the word none for a phone', { phone: 'none' }],
    ['the word none for an e-mail', { email: 'none' }],
    ['n/a for an e-mail', { email: 'n/a' }],
  ])('may be two people where a form was filled with %s, as with nothing', (_name, filler) => {
    const entries = [{ student: 'a'.repeat(24) }, { student: 'b'.repeat(24) }]
    expect(identityOf(contact({ last: 'Maria Garcia', ...filler, entries })).collisionRisk).toBe(true)
  })

  it.each<[string, Person]>([
    ['a sis_id', { ...bare, sisId: 'S-1' }],
    ['an e-mail', { ...bare, email: 'aaron@example.org' }],
    ['a phone', { ...bare, phone: '330-280-1898' }],
    ['one student, however often', { ...bare, entries: [{ student: STUDENT }, { student: STUDENT }] }],
    ['no student', { ...bare, entries: [] }],
  ])('has not %s', (_, person) => {
    expect(identityOf(contact(person)).collisionRisk).toBe(false)
  })
})
