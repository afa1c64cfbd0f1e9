import { beforeAll, expect, test } from 'vitest'
import type { User } from '../../src/sandbox/roster/records.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { firstDistrict } from './ask-clever.ts'

let contacts: readonly User[] = []
let others: readonly User[] = []
let students: readonly string[] = []
let unshared: readonly string[] = []

beforeAll(async () => {
  const sandbox = await startSandbox()
  await sandbox.close()
  const district = firstDistrict(sandbox)
  contacts = district.roster.users('contact')
  others = district.roster.users('teacher')
  students = district.students
  unshared = district.unsharedStudents
})

const entriesOf = (contact: User) => contact.roles.contact?.student_relationships ?? []
const entries = () => contacts.flatMap(entriesOf)
const texts = (contact: User) => entriesOf(contact).map((entry) => JSON.stringify(entry))
const hasRepeats = (values: readonly unknown[]) => new Set(values).size < values.length
const relationships = ['Parent', 'Grandparent', 'Self', 'Aunt/Uncle', 'Sibling', 'Other', '']
const types = ['Parent/Guardian', 'Emergency', 'Primary', 'Secondary', 'Family', 'Other', '']

/** What each kind of dirt looks like to somebody who reads the default district's contacts. */
const traces: Record<string, () => boolean> = {
  'one contact has different entries for one student': () =>
    contacts.some((contact) => {
      const unlike = [...new Set(texts(contact))].map((text) => JSON.parse(text).student)
      return hasRepeats(unlike)
    }),
  'one contact has the very same entry twice': () => contacts.some((contact) => hasRepeats(texts(contact))),
  'an entry names a student who is not shared': () =>
    entries().some(({ student }) => unshared.includes(student) && !students.includes(student)),
  'relationship and type are empty strings': () =>
    entries().some(({ relationship, type }) => relationship === '' && type === ''),
  'an entry has neither relationship nor type': () =>
    entries().some((entry) => Object.keys(entry).join() === 'student'),
  'a contact has an empty phone': () => contacts.some(({ roles }) => roles.contact?.phone === ''),
  'a contact has no e-mail key': () => contacts.some((contact) => !('email' in contact)),
  'a contact has no phone key': () => contacts.some(({ roles }) => !('phone' in (roles.contact ?? {}))),
  'a contact has no name': () => contacts.some(({ name }) => !name.last),
  'a relationship is outside the enum': () =>
    entries().some(({ relationship = '' }) => !relationships.includes(relationship)),
  'the type says what the empty relationship should': () =>
    entries().some(({ relationship, type = '' }) => relationship === '' && !types.includes(type)),
  'an e-mail has no @': () => contacts.some(({ email }) => email !== undefined && /^[^@]+\.org|com|net$/.test(email)),
  'a family shares one e-mail': () => hasRepeats(contacts.flatMap(({ email }) => email || [])),
  'a teacher is a contact too, as another user with the same e-mail': () =>
    others.some(({ email }) => contacts.some((contact) => contact.email === email)),
  'a name is untidy': () => contacts.some(({ name }) => name.last !== name.last?.trim()),
  'two people who have only a name fell into one contact of unrelated students': () =>
    contacts.some(
      (contact) => contact.email === '' && contact.roles.contact?.phone === '' && new Set(texts(contact)).size > 1,
    ),
}

test.each(Object.entries(traces))('even a small district has it: %s', (_name, isThere) => {
  expect(isThere()).toBe(true)
})

test('about half of the contacts have an id of their school system', () => {
  const withId = contacts.filter(({ roles }) => roles.contact?.sis_id).length
  expect(withId / contacts.length).toBeGreaterThan(0.3)
  expect(withId / contacts.length).toBeLessThan(0.7)
})

test('phones come in many formats', () => {
  const shapes = contacts.map(({ roles }) => roles.contact?.phone?.replaceAll(/\d/g, '9'))
  expect(new Set(shapes).size).toBeGreaterThan(6)
})

test('every contact has at least one student', () => {
  expect(contacts.every((contact) => entriesOf(contact).length > 0)).toBe(true)
})
