import { describe, expect, test } from 'vitest'
import { deriveContactIds } from '../../src/sandbox/roster/contact-identity.ts'
import type { ContactRole, StudentRelationship, User } from '../../src/sandbox/roster/records.ts'
import type { SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { SIS_NAMES, type Sis } from '../../src/sandbox/sis/ways-of-syncing.ts'
import { askSandbox, createClock, documented, firstDistrict } from './ask-clever.ts'

const documentedNames = ['Aaron Collins', 'Paul Whitfield', 'Ruth Whitfield', 'Simone Collins']

/** What an application reads that asks for all students, all contacts and the district. */
async function read(options: SandboxOptions) {
  const { get, sandbox } = await askSandbox({ now: createClock().now, students: 120, ...options })
  const list = async (path: string) => (await get(`/v3.1/${path}`)).body.data.map(({ data }) => data)
  const [district] = await list('districts')
  const all = await list('users?role=contact&limit=10000')
  const contacts = all.filter(({ name }) => !documentedNames.includes(name.last ?? ''))
  return {
    get,
    sandbox,
    sisType: new Map(Object.entries(district ?? {})).get('sis_type'),
    students: await list('users?role=student&limit=10000'),
    contacts,
    entries: contacts.flatMap(entriesOf),
    documented: all.filter((contact) => !contacts.includes(contact)),
  }
}

const readBy = (sis: Sis) => read({ sis })

const role = ({ roles }: User): Partial<ContactRole> => roles.contact ?? {}
const entriesOf = (contact: User) => role(contact).student_relationships ?? []
const share = <T>(list: readonly T[], isOne: (item: T) => unknown) => list.filter(isOne).length / list.length
const typesIn = (entries: readonly StudentRelationship[]) => new Set(entries.map(({ type }) => type))
const relationships: readonly unknown[] = ['Parent', 'Grandparent', 'Self', 'Aunt/Uncle', 'Sibling', 'Other']
const types: readonly unknown[] = [
  'Parent/Guardian',
  'Emergency',
  'Primary',
  'Secondary',
  'Family',
  'Other',
  '',
]
const noContactHasAnSisId = (contacts: readonly User[]) => contacts.every((c) => role(c).sis_id === '')
const everyContactHasItsSisId = (contacts: readonly User[]) => {
  const ids = contacts.map((contact) => role(contact).sis_id)
  return ids.every(Boolean) && new Set(ids).size === ids.length
}
const noPhoneHasAType = (contacts: readonly User[]) => contacts.every((c) => !('phone_type' in role(c)))
const isTheRelationshipMissing = ({ relationship }: StudentRelationship) => !relationship
const isTheRelationshipInType = ({ relationship, type }: StudentRelationship) =>
  !relationship && type !== 'Other' && relationships.includes(type)

describe('what Clever documents, or is assumed, of', () => {
  test('SFTP: at most five contacts a student, a name and a type always, any words, and types of phones', async () => {
    const { sisType, contacts, entries } = await read({ sis: 'sftp', contacts: 400 })
    expect(sisType).toBe('sftp')
    const usual = await read({ contacts: 400 })
    const most = (list: readonly StudentRelationship[]) =>
      Math.max(...[...Map.groupBy(list, ({ student }) => student).values()].map(({ length }) => length))
    expect(most(usual.entries)).toBeGreaterThan(5)
    expect(most(entries)).toBe(5)
    expect(contacts.every(({ name }) => name.last)).toBe(true)
    expect(entries.every(({ type }) => type)).toBe(true)
    expect(entries.some(({ type }) => !types.includes(type))).toBe(true)
    expect(entries.some(({ relationship }) => relationship && !relationships.includes(relationship))).toBe(
      true,
    )
    const phoneTypes = new Set(contacts.map((contact) => role(contact).phone_type))
    expect([...phoneTypes]).toEqual(expect.arrayContaining(['Cell', 'Home', 'Work', 'Other']))
    expect(share(contacts, (contact) => role(contact).sis_id)).toBeGreaterThan(0.3)
    expect(share(contacts, (contact) => role(contact).sis_id)).toBeLessThan(0.7)
  })

  test('automatic syncs: the relationship is often missing or stands in the type, no type of phone, no SIS id', async () => {
    const { sisType, contacts, entries } = await readBy('auto-sync')
    expect(sisType).toBe('auto_sync')
    expect(share(entries, isTheRelationshipMissing)).toBeGreaterThan(0.35)
    expect(share(entries, isTheRelationshipMissing)).toBeLessThan(0.75)
    expect(share(entries, isTheRelationshipInType)).toBeGreaterThan(0.1)
    expect(noPhoneHasAType(contacts)).toBe(true)
    expect(noContactHasAnSisId(contacts)).toBe(true)
  })

  test('PowerSchool: relationships outside the enum, such as Guardian, Mother and Father', async () => {
    const { sisType, contacts, entries } = await readBy('powerschool')
    expect(sisType).toBe('powerschool')
    const words = entries.map(({ relationship }) => relationship)
    expect(words).toEqual(expect.arrayContaining(['Guardian', 'Mother', 'Father', 'Parent']))
    expect(share(entries, isTheRelationshipMissing)).toBeGreaterThan(0.35)
    expect(entries.some(({ type }) => type === 'Mother')).toBe(true)
    expect(noPhoneHasAType(contacts)).toBe(true)
    expect(noContactHasAnSisId(contacts)).toBe(true)
  })

  test.each([
    ['infinite-campus', 'infinite_campus', 'Parent/Guardian'],
    ['skyward', 'skyward', 'Primary'],
  ] as const)('%s: the same type for all, and a SIS id', async (sis, word, type) => {
    const { sisType, contacts, entries } = await readBy(sis)
    expect(sisType).toBe(word)
    expect(typesIn(entries)).toEqual(new Set([type]))
    expect(share(entries, isTheRelationshipMissing)).toBeGreaterThan(0.25)
    expect(new Set(entries.map(({ relationship }) => relationship)).size).toBeGreaterThan(4)
    expect(everyContactHasItsSisId(contacts)).toBe(true)
    expect(noPhoneHasAType(contacts)).toBe(true)
  })

  test.each([
    ['ic-oneroster', 'ic_oneroster_api'],
    ['skyward-api', 'skyward_api'],
  ] as const)('%s: as other automatic syncs, but with a SIS id', async (sis, word) => {
    const { sisType, contacts, entries } = await readBy(sis)
    expect(sisType).toBe(word)
    expect(everyContactHasItsSisId(contacts)).toBe(true)
    expect(share(entries, isTheRelationshipInType)).toBeGreaterThan(0.1)
    expect(noPhoneHasAType(contacts)).toBe(true)
    expect(typesIn(entries).size).toBeGreaterThan(5)
  })

  test('iNOW: contacts may be missing altogether, here those of a third of the students', async () => {
    const { get, sisType, students, contacts, entries } = await readBy('inow')
    expect(sisType).toBe('inow')
    const named = new Set(entries.map(({ student }) => student))
    const silent = share(students, ({ id }) => !named.has(id))
    expect(silent).toBeGreaterThan(0.25)
    expect(silent).toBeLessThan(0.4)
    expect(contacts.every((contact) => entriesOf(contact).length > 0)).toBe(true)
    expect(noContactHasAnSisId(contacts)).toBe(true)
    const student = students.find(({ id }) => !named.has(id))
    const answer = await get(`/v3.0/users/${student?.id}/mycontacts`)
    expect(answer).toMatchObject({ status: 200, body: { data: [] } })
  })

  test('Tyler: emergency and primary contacts, and an entry for each list that a person is in', async () => {
    const { sisType, contacts, entries } = await readBy('tyler')
    expect(sisType).toBe('tyler_sis')
    expect(typesIn(entries)).toEqual(new Set(['Primary', 'Emergency']))
    const isInBoth = (contact: User) =>
      entriesOf(contact).some(
        ({ student, type }) =>
          type === 'Primary' &&
          entriesOf(contact).some((other) => other.student === student && other.type === 'Emergency'),
      )
    expect(share(contacts, isInBoth)).toBeGreaterThan(0.05)
    expect(noPhoneHasAType(contacts)).toBe(true)
    expect(noContactHasAnSisId(contacts)).toBe(true)
  })

  test('Illuminate: guardians, whose phones have types, and emergency contacts, whose phones have none', async () => {
    const { sisType, contacts, entries } = await readBy('illuminate')
    expect(sisType).toBe('illuminate')
    expect(typesIn(entries)).toEqual(new Set(['Parent/Guardian', 'Emergency']))
    const isGuardian = (contact: User) => entriesOf(contact).some(({ type }) => type === 'Parent/Guardian')
    const guardians = contacts.filter(isGuardian)
    expect(guardians.every((contact) => !role(contact).phone || role(contact).phone_type)).toBe(true)
    expect(noPhoneHasAType(contacts.filter((contact) => !isGuardian(contact)))).toBe(true)
    expect(share(contacts, isGuardian)).toBeLessThan(0.9)
    expect(noContactHasAnSisId(contacts)).toBe(true)
  })

  test.each(['aeries', 'schoolinsight'] as const)(
    '%s: nothing beyond automatic syncs in general',
    async (sis) => {
      const { sisType, contacts, entries } = await readBy(sis)
      expect(sisType).toBe(sis)
      const general = await readBy('auto-sync')
      expect(contacts).toEqual(general.contacts)
      expect(entries.some(isTheRelationshipInType)).toBe(true)
    },
  )
})

describe.each(SIS_NAMES)('by %s', (sis) => {
  test('the documented family and everybody who is no contact are as without it', async () => {
    const usual = await read({})
    const bySis = await readBy(sis)
    expect(bySis.documented.map(({ name }) => name.last).toSorted()).toEqual(documentedNames)
    expect(bySis.documented).toEqual(usual.documented)
    expect(bySis.students).toEqual(usual.students)
    const [district, other] = [bySis, usual].map(({ sandbox }) => firstDistrict(sandbox))
    expect(district?.unsharedStudents).toEqual(other?.unsharedStudents)
    expect(district?.roster.users('teacher')).toEqual(other?.roster.users('teacher'))
    expect(district?.roster.contactsOf(documented.son)).toEqual(other?.roster.contactsOf(documented.son))
  })

  test('a contact has the id of its SIS id, else of its name and what else there is', async () => {
    const { contacts } = await readBy(sis)
    expect(contacts.length).toBeGreaterThan(50)
    for (const { id, district, name, email, roles } of contacts) {
      const { sis_id, phone, phone_type, legacy_id, student_relationships } = roles.contact ?? {}
      const ids = deriveContactIds(district, {
        name: name.last,
        email,
        phone,
        phoneType: phone_type,
        sisId: sis_id,
        firstEntry: student_relationships?.[0],
      })
      expect({ id, legacyId: legacy_id }).toEqual(ids)
    }
  })

  test('equal seeds give the same contacts to the byte, other seeds others', async () => {
    const contacts = async (seed: number) => {
      const { get } = await askSandbox({ seed, sis, now: createClock().now })
      const answers = await Promise.all(
        ['users?role=contact', 'districts', 'events?limit=10000'].map((path) => get(`/v3.0/${path}`)),
      )
      return answers.map(({ text }) => text)
    }
    expect(await contacts(7)).toEqual(await contacts(7))
    expect(await contacts(7)).not.toEqual(await contacts(8))
  })

  test('there are as many contacts as asked for', async () => {
    const { sandbox } = await askSandbox({ sis, students: 60, contacts: 180 })
    const { contacts, roster } = firstDistrict(sandbox)
    expect(contacts).toHaveLength(180)
    expect(contacts.every((id) => roster.studentsOf(id).length > 0)).toBe(true)
  })
})

test('no student has room for more contacts than SFTP allows', async () => {
  const start = (contacts: number) => askSandbox({ sis: 'sftp', students: 3, contacts })
  const { sandbox } = await start(11)
  const { contactsOf } = firstDistrict(sandbox).roster
  // The uncle is a contact of all three.
  for (const student of [documented.niece, documented.nephew, documented.son]) {
    expect(contactsOf(student)).toHaveLength(5)
  }
  await expect(start(12)).rejects.toThrow(
    new RangeError('at most 11 contacts, as no student may have another'),
  )
})

test('only the first district is synced that way', async () => {
  const now = createClock().now
  const { sandbox } = await askSandbox({ sis: 'skyward', districts: 2, now })
  const { sandbox: usual } = await askSandbox({ districts: 2, now })
  const [second, other] = [sandbox, usual].map(({ districts }) => districts[1]?.roster.users())
  expect(second).toEqual(other)
})

test('an id of the SIS keeps the id of the contact, and without one a corrected e-mail changes it', async () => {
  for (const [sis, isStable] of [
    ['infinite-campus', true],
    ['skyward-api', true],
    ['powerschool', false],
  ] as const) {
    const { sandbox, contacts } = await readBy(sis)
    const [contact] = contacts
    const id = firstDistrict(sandbox).correctEmail(contact?.id ?? '', 'somebody.else@example.org')
    expect(id === contact?.id).toBe(isStable)
  }
})

test.each(['sftp', 'tyler'] as const)('5,000 students by %s are there in a moment', async (sis) => {
  const start = performance.now()
  const { sandbox } = await askSandbox({ sis, students: 5_000, contacts: 9_000 })
  expect(performance.now() - start).toBeLessThan(5_000)
  expect(firstDistrict(sandbox).contacts).toHaveLength(9_000)
})
