import { describe, expect, it } from 'vitest'
import { isSamePerson } from '../../src/identity/same-contact.ts'
import { contact, type Entry, OTHER_STUDENT, type Person, STUDENT } from '../quality/people.ts'

const OLD = 'a'.repeat(24)
const NEW = 'b'.repeat(24)
const FAMILY = 'collins.family@example.org'
const OF_HIS_OWN = 'aaron@example.org'
const PHONE = '1-(330) 280-1898'

const AARON: Person = { last: 'Aaron Collins', email: OF_HIS_OWN, phone: PHONE }

function evidence(deleted: Person, created: Person) {
  return isSamePerson(contact({ id: OLD, ...deleted }), contact({ id: NEW, ...created }))
}

function kin(relationship: string, student: string = STUDENT): { readonly entries: readonly Entry[] } {
  return { entries: [{ student, relationship }] }
}

describe('a contact is the one before under a new id', () => {
  it.each<[string, Person, Person, string[]]>([
    [
      'when the e-mail was corrected, which re-ids by rule 2',
      AARON,
      { ...AARON, email: 'aaron.c@example.org' },
      ['NAME', 'PHONE'],
    ],
    [
      'when an e-mail was added, which moves from rule 3 to rule 2',
      { ...AARON, email: '' },
      AARON,
      ['NAME', 'PHONE'],
    ],
    [
      'when the phone was corrected, which re-ids by rule 3',
      { ...AARON, email: '' },
      { ...AARON, email: '', phone: '330-280-1899' },
      ['NAME'],
    ],
    [
      'when the relationship was filled in, which re-ids by rule 4',
      { last: 'Aaron Collins', ...kin('Other') },
      { last: 'Aaron Collins', ...kin('Parent') },
      ['NAME'],
    ],
    [
      'when the district began to give a sis_id, which re-ids by rule 1',
      AARON,
      { ...AARON, sisId: 'S-1' },
      ['NAME', 'EMAIL', 'PHONE'],
    ],
    [
      'when the sis_id was changed, which re-ids by rule 1',
      { ...AARON, sisId: 'S-1' },
      { ...AARON, sisId: 'T-1' },
      ['NAME', 'EMAIL', 'PHONE'],
    ],
    [
      'when the sis_id is the same but for its case, whatever the name',
      { last: 'Anna Collins', sisId: 's-1' },
      { last: 'Anna Weiss', sisId: 'S-1' },
      ['SIS_ID'],
    ],
    ['when the surname was misspelt', { ...AARON, last: 'Aaron Colins' }, AARON, ['NAME', 'EMAIL', 'PHONE']],
    [
      'when the surname was misspelt and there is nothing else',
      { last: 'Aaron Colins' },
      { last: 'Aaron Collins' },
      ['NAME'],
    ],
    [
      'when a second name was added, and the e-mail is the same',
      { ...AARON, phone: '' },
      { ...AARON, phone: '', last: 'Aaron James Collins' },
      ['EMAIL'],
    ],
    [
      'when the name was turned round',
      { ...AARON, email: '', phone: '' },
      { ...AARON, last: 'COLLINS, AARON' },
      ['NAME'],
    ],
    [
      'when the parts of the name were put into their fields',
      AARON,
      { ...AARON, email: '', first: 'Aaron', last: 'Collins' },
      ['NAME', 'PHONE'],
    ],
    [
      'when the name was turned round without a comma',
      { ...AARON, phone: '' },
      { ...AARON, phone: '', last: 'COLLINS AARON' },
      ['NAME', 'EMAIL'],
    ],
    [
      'when accents and spaces came into the name',
      { last: 'Maria Delacruz Garcia', email: FAMILY },
      { last: 'María de la Cruz García', email: OF_HIS_OWN },
      ['NAME'],
    ],
    ['when a title was added', { last: 'Anna Collins' }, { last: 'Mrs. Anna Collins' }, ['NAME']],
    [
      'when the same title is there',
      { last: 'Dr. Anna Collins' },
      { last: 'DR ANNA COLLINS', ...kin('Parent') },
      ['NAME'],
    ],
    [
      'when a name is all there is, and the district began to give a sis_id',
      { last: 'Anna Collins' },
      { last: 'Anna Collins', sisId: 'S-1' },
      ['NAME'],
    ],
    [
      'when a surname of five letters was misspelt, and an e-mail was added',
      { last: 'Anna Lopez' },
      { last: 'Anna Loppez', email: FAMILY },
      ['NAME'],
    ],
    [
      'when the name was turned round and a second one added',
      { ...AARON, phone: '', last: 'Collins, Aaron' },
      { ...AARON, phone: '', last: 'Aaron James Collins' },
      ['EMAIL'],
    ],
    [
      'when the name was turned round and the surname misspelt',
      { ...AARON, phone: '', last: 'Colins, Aaron' },
      { ...AARON, phone: '' },
      ['NAME', 'EMAIL'],
    ],
    [
      'when a second name was added before a suffix that has a comma',
      { ...AARON, phone: '', last: 'Aaron Collins, Jr.' },
      { ...AARON, phone: '', last: 'Aaron James Collins Jr' },
      ['EMAIL'],
    ],
    [
      'when two letters of the surname were exchanged',
      { ...AARON, phone: '', last: 'Aaron Colilns' },
      { ...AARON, phone: '' },
      ['NAME', 'EMAIL'],
    ],
    [
      'when two letters of the surname were wrong',
      { ...AARON, phone: '', last: 'Aaron Cokkins' },
      { ...AARON, phone: '' },
      ['NAME', 'EMAIL'],
    ],
    [
      'when a second number came beside the phone',
      { last: 'Mom', phone: PHONE },
      { last: 'Mom', phone: '330-280-1898 or 330-280-1899' },
      ['NAME', 'PHONE'],
    ],
    [
      'when the suffix was set off by a comma',
      { last: 'Aaron Collins Jr' },
      { last: 'Aaron Collins, Jr.', email: FAMILY },
      ['NAME'],
    ],
    [
      'when a name of one word has the same phone',
      { last: 'Mom', phone: PHONE },
      { last: 'MOM', phone: '+1 330 280 1898', email: OF_HIS_OWN },
      ['NAME', 'PHONE'],
    ],
    [
      'when one of several students is the same',
      { ...AARON, entries: [{ student: STUDENT }, { student: OTHER_STUDENT }] },
      { ...AARON, sisId: 'S-1', entries: [{ student: OTHER_STUDENT }] },
      ['NAME', 'EMAIL', 'PHONE'],
    ],
  ])('%s', (_, deleted, created, found) => {
    expect(evidence(deleted, created)).toEqual(found)
    expect(evidence(created, deleted)).toEqual(found)
  })
})

describe('a contact is another person', () => {
  const shared = { email: FAMILY, phone: PHONE }

  it.each<[string, Person, Person]>([
    ['when only the student is the same', AARON, { last: 'Beth Diaz', email: 'beth@example.org' }],
    ['when only the student is the same and nothing is known', {}, {}],
    [
      'as the other parent, with the same family e-mail',
      { last: 'Aaron Collins', email: FAMILY },
      { last: 'Beth Collins', email: FAMILY },
    ],
    [
      'as the other parent, with the same e-mail and the same phone',
      { last: 'Aaron Collins', ...shared },
      { last: 'Beth Collins', ...shared },
    ],
    [
      'as the other parent, whose given name is one letter off',
      { last: 'Maria Lopez', ...shared },
      { last: 'Mario Lopez', ...shared },
    ],
    [
      'as the other parent, whose given name is one letter off, surname first',
      { last: 'LOPEZ MARIA', ...shared },
      { last: 'LOPEZ MARIO', ...shared },
    ],
    [
      'as the other parent, whose given name is one letter longer, surname first with a comma',
      { last: 'Cruz, Daniel', ...shared },
      { last: 'Cruz, Daniela', ...shared },
    ],
    [
      'as the other parent, surname first',
      { last: 'LOPEZ MARIA', ...shared },
      { last: 'LOPEZ JUAN', ...shared },
    ],
    [
      'as the other parent, with a title',
      { last: 'Mr. Collins', ...shared },
      { last: 'Mrs. Collins', ...shared },
    ],
    [
      'as the other parent, both of them doctors',
      { last: 'Dr. Maria Lopez', ...shared },
      { last: 'Dr. Mario Lopez', ...shared },
    ],
    [
      'as the other parent, of the same name but for the title',
      { last: 'Mr. Jean Collins', ...shared },
      { last: 'Mrs. Jean Collins', ...shared },
    ],
    [
      'as the other parent, whose title alone is given',
      { last: 'Collins', ...shared },
      { last: 'Mrs. Collins', ...shared },
    ],
    [
      'as the other parent, whose given name is alike in its beginning and its end',
      { last: 'Shannon Collins', ...shared },
      { last: 'Sharon Collins', ...shared },
    ],
    [
      'as one of two who stood together in one name, with a stroke between them',
      { last: 'Aaron/Beth Collins', ...shared },
      { last: 'Aaron Collins', ...shared },
    ],
    [
      'as one of two who stood together in one name',
      { last: 'Aaron & Beth Collins', ...shared },
      { last: 'Aaron Collins', ...shared },
    ],
    [
      'as the son of the same name',
      { last: 'Aaron Collins Sr.', ...shared },
      { last: 'Aaron Collins, Jr.', ...shared },
    ],
    [
      'as the son of the same name, who alone is called so',
      { last: 'Aaron Collins', ...shared },
      { last: 'Aaron Collins III', ...shared },
    ],
    [
      'as the grandmother of the same given name, in the same house',
      { last: 'Maria Lopez', ...shared },
      { last: 'Maria Garcia', ...shared },
    ],
    [
      'as the grandfather of the same name, in the same house',
      { last: 'Aaron Collins', phone: PHONE, ...kin('Father') },
      { last: 'Aaron Collins', phone: PHONE, ...kin('Grandparent') },
    ],
    [
      'as the grandfather of the same name, also when they are alike to another student',
      {
        ...AARON,
        entries: [{ student: STUDENT, relationship: 'Parent' }, { student: OTHER_STUDENT }],
      },
      {
        ...AARON,
        sisId: 'S-1',
        entries: [{ student: STUDENT, relationship: 'Grandfather' }, { student: OTHER_STUDENT }],
      },
    ],
    [
      'whom the SIS gives another id, and who has but the name in common',
      { last: 'Aaron Collins', sisId: 'S-1' },
      { last: 'Aaron Collins', sisId: 'S-2' },
    ],
    [
      'when a name of one word is all that they have in common',
      { last: 'Mom', phone: PHONE },
      { last: 'Mom', phone: '330-280-1899' },
    ],
    ['when a name is gone', { last: 'Beth Collins', email: FAMILY }, { email: FAMILY }],
    [
      'when the surname alone is left of the name',
      { last: 'Beth Collins', email: FAMILY },
      { last: 'Collins', email: FAMILY },
    ],
    [
      'when the surname is two letters off, and so are the addresses',
      { last: 'Anna Miller', email: 'a@example.org' },
      { last: 'Anna Muller', email: 'b@example.org' },
    ],
    ['when a short surname is one letter off', { last: 'Anna Hill' }, { last: 'Anna Hall', email: FAMILY }],
    [
      'when the phone that they share is what fills a form',
      { last: 'Mom', phone: '000-000-0000' },
      { last: 'Mom', phone: '000-000-0000' },
    ],
    ['when the students are others', AARON, { ...AARON, sisId: 'S-1', ...kin('Parent', OTHER_STUDENT) }],
    [
      'when the students are others, even with the same sis_id',
      { ...AARON, sisId: 'S-1' },
      { ...AARON, sisId: 'S-1', ...kin('Parent', OTHER_STUDENT) },
    ],
    ['when there are no students', { ...AARON, entries: [] }, { ...AARON, entries: [] }],
  ])('%s', (_, deleted, created) => {
    expect(evidence(deleted, created)).toBeUndefined()
    expect(evidence(created, deleted)).toBeUndefined()
  })
})

it('A contact who comes back under the same id has no successor', () => {
  expect(isSamePerson(contact(AARON), contact(AARON))).toBeUndefined()
})
