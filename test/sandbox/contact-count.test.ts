import { expect, test } from 'vitest'
import type { User } from '../../src/sandbox/roster/records.ts'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'
import { createClock, documented, firstDistrict } from './ask-clever.ts'

async function districtOf(options: SandboxOptions) {
  const sandbox = await startSandbox({ now: createClock().now, ...options })
  await sandbox.close()
  return firstDistrict(sandbox)
}

const entriesOf = (contact: User) => contact.roles.contact?.student_relationships ?? []

test.each([
  [1, 24, 4],
  [2, 24, 10],
  [3, 24, 41],
  [4, 24, 500],
  [5, 3, 20],
  [6, 1, 7],
  [7, 0, 0],
  [8, 600, 2000],
])(
  'with seed %i a district of %i students has just the %i contacts asked for',
  async (seed, students, contacts) => {
    const district = await districtOf({ seed, students, contacts })
    expect(district.students).toHaveLength(students)
    expect(district.contacts).toHaveLength(contacts)
    expect(district.contacts).toEqual([...new Set(district.contacts)].toSorted())
  },
)

test('the number of contacts changes no other person, and those who stay are as they were', async () => {
  const usual = await districtOf({ students: 100 })
  const others = (district: typeof usual) => district.roster.users().filter(({ roles }) => !roles.contact)
  for (const contacts of [50, 600]) {
    const district = await districtOf({ students: 100, contacts })
    expect(others(district)).toEqual(others(usual))
    expect(district.unsharedStudents).toEqual(usual.unsharedStudents)
    for (const student of district.students) {
      expect(district.roster.teachersOf(student)).toEqual(usual.roster.teachersOf(student))
    }
    const known = district.roster.users('contact').filter(({ id }) => usual.roster.user(id))
    expect(known).toHaveLength(Math.min(contacts, usual.contacts.length))
    expect(known).toEqual(known.map(({ id }) => usual.roster.user(id)))
  }
})

test('equal seeds invent the same further contacts, other seeds others', async () => {
  const contacts = async (seed: number) =>
    (await districtOf({ seed, contacts: 300 })).roster.users('contact').map((user) => JSON.stringify(user))
  expect(await contacts(7)).toEqual(await contacts(7))
  expect(await contacts(7)).not.toEqual(await contacts(8))
})

test('further contacts are relatives and neighbors of one or two students', async () => {
  const usual = await districtOf({ students: 200 })
  const { roster } = await districtOf({ students: 200, contacts: 2000 })
  const further = roster.users('contact').filter(({ id }) => !usual.roster.user(id))
  const entries = further.flatMap(entriesOf)
  expect(new Set(further.map(({ id }) => roster.studentsOf(id).length))).toEqual(new Set([1, 2]))
  expect(new Set(entries.map(({ relationship }) => relationship))).toEqual(
    new Set(['Grandparent', 'Aunt/Uncle', 'Other']),
  )
  expect(new Set(entries.map(({ type }) => type))).toEqual(new Set(['Emergency', 'Family', 'Other']))
  expect(further.some(({ email }) => email === '')).toBe(true)
  expect(further.some(({ roles }) => roles.contact?.sis_id === '')).toBe(true)
})

test('the documented family has all its contacts even when there are no others', async () => {
  const { contacts, roster } = await districtOf({ contacts: 4 })
  expect(contacts).toContain(documented.uncle)
  const names = roster.users('contact').map(({ name }) => name.last)
  expect(names.toSorted()).toEqual(['Aaron Collins', 'Paul Whitfield', 'Ruth Whitfield', 'Simone Collins'])
})

test('a further district has its own number of contacts', async () => {
  const sandboxes = await Promise.all(
    [{}, { contacts: 200 }].map((more) => startSandbox({ districts: 2, ...more })),
  )
  await Promise.all(sandboxes.map((sandbox) => sandbox.close()))
  const [usual, other] = sandboxes.map(({ districts }) => districts[1]?.contacts)
  expect(other).toEqual(usual)
})

test.each([
  [{ contacts: 3 }, 'at least 4 contacts, those of the documented family, not 3'],
  [{ students: 0, contacts: 1 }, 'no 1 contacts without a student'],
  [{ contacts: 200_001 }, 'at most 200000 contacts, not 200001'],
])('%j is refused: %s', async (options, message) => {
  await expect(startSandbox(options)).rejects.toThrow(new RangeError(message))
})
