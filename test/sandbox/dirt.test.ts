import { expect, test } from 'vitest'
import type { SandboxDistrict } from '../../src/sandbox/roster/district.ts'
import type { User } from '../../src/sandbox/roster/records.ts'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'
import { firstDistrict } from './ask-clever.ts'

async function districtOf(options: SandboxOptions): Promise<SandboxDistrict> {
  const sandbox = await startSandbox(options)
  await sandbox.close()
  return firstDistrict(sandbox)
}

const contactsOf = ({ roster }: SandboxDistrict) => roster.users('contact')
const entriesOf = (contact: User) => contact.roles.contact?.student_relationships ?? []
const entries = (district: SandboxDistrict) => contactsOf(district).flatMap(entriesOf)
const texts = (contact: User) => entriesOf(contact).map((entry) => JSON.stringify(entry))
const hasRepeats = (values: readonly unknown[]) => new Set(values).size < values.length
const relationships = ['Parent', 'Grandparent', 'Self', 'Aunt/Uncle', 'Sibling', 'Other', '']
const types = ['Parent/Guardian', 'Emergency', 'Primary', 'Secondary', 'Family', 'Other', '']

/** What each kind of dirt looks like in the contacts. */
const traces: Record<string, (district: SandboxDistrict) => boolean> = {
  'one contact has different entries for one student': (district) =>
    contactsOf(district).some((contact) => {
      const unlike = [...new Set(texts(contact))].map((text) => JSON.parse(text).student)
      return hasRepeats(unlike)
    }),
  'one contact has the very same entry twice': (district) =>
    contactsOf(district).some((contact) => hasRepeats(texts(contact))),
  'an entry names a student who is not shared': (district) =>
    entries(district).some(({ student }) => district.unsharedStudents.includes(student)),
  'relationship and type are empty strings': (district) =>
    entries(district).some(({ relationship, type }) => relationship === '' && type === ''),
  'an entry has neither relationship nor type': (district) =>
    entries(district).some((entry) => Object.keys(entry).join() === 'student'),
  'a contact has an empty phone': (district) =>
    contactsOf(district).some(({ roles }) => roles.contact?.phone === ''),
  'a contact has no e-mail key': (district) => contactsOf(district).some((contact) => !('email' in contact)),
  'a contact has no phone key': (district) =>
    contactsOf(district).some(({ roles }) => !('phone' in (roles.contact ?? {}))),
  'a contact has no name': (district) => contactsOf(district).some(({ name }) => !name.last),
  'a relationship is outside the enum': (district) =>
    entries(district).some(({ relationship = '' }) => !relationships.includes(relationship)),
  'the type says what the empty relationship should': (district) =>
    entries(district).some(({ relationship, type = '' }) => relationship === '' && !types.includes(type)),
  'an e-mail has no @': (district) => contactsOf(district).some(({ email }) => email && !email.includes('@')),
  'a family shares one e-mail': (district) =>
    hasRepeats(contactsOf(district).flatMap(({ email }) => email || [])),
  'a teacher is a contact too, as another user with the same e-mail': (district) =>
    district.roster
      .users('teacher')
      .some(({ email }) => contactsOf(district).some((contact) => contact.email === email)),
  'a name is untidy': (district) => contactsOf(district).some(({ name }) => name.last !== name.last?.trim()),
  'two people who have only a name fell into one contact of unrelated students': (district) =>
    contactsOf(district).some((contact) => {
      const families = district.roster.studentsOf(contact.id).map(({ name }) => name.last)
      return contact.email === '' && contact.roles.contact?.phone === '' && new Set(families).size > 1
    }),
}

const default24 = await districtOf({})

test.each(Object.entries(traces))('the default district has it: %s', (_name, isThere) => {
  expect(isThere(default24)).toBe(true)
})

test('every kind of dirt is there with 24 students, whatever the seed', async () => {
  for (let seed = 2; seed < 40; seed += 1) {
    const district = await districtOf({ seed })
    const missing = Object.entries(traces).filter(([, isThere]) => !isThere(district))
    expect(missing.map(([name]) => `${name} (seed ${seed})`)).toEqual([])
  }
})

test('about half of the contacts have an id of their school system', () => {
  const all = contactsOf(default24)
  const withId = all.filter(({ roles }) => roles.contact?.sis_id).length
  expect(withId / all.length).toBeGreaterThan(0.3)
  expect(withId / all.length).toBeLessThan(0.7)
})

test('phones come in many formats', () => {
  const shapes = contactsOf(default24).map(({ roles }) => roles.contact?.phone?.replaceAll(/\d/g, '9'))
  expect(new Set(shapes).size).toBeGreaterThan(6)
})

test('every contact has at least one student', () => {
  expect(contactsOf(default24).every((contact) => entriesOf(contact).length > 0)).toBe(true)
})
