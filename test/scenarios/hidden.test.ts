import { describe, expect, it } from 'vitest'
import { CHILD, MIXED, NIECE } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, startGateway, type TestGateway } from '../support/gateway.ts'
import { entriesOf, findFamily, PARENT, strangerTo } from './families.ts'

const districtOf = ({ sandbox }: TestGateway, n = 0) => sandbox.districts[n] ?? expect.unreachable()

describe('O13: a guardian who may see one of the two students of a contact', () => {
  it.each([
    ['identity { collisionRisk }', { identity: { collisionRisk: false } }],
    ['lastModifiedAt', { lastModifiedAt: null }],
    ['dataWarnings { code }', undefined],
  ])('O13: learns nothing that depends on the hidden relationship: %s', async (field, expected) => {
    const clock = createFakeClock()
    await using gateway = await startGateway({ clock, sandbox: { students: 60, now: clock.now } })
    const district = districtOf(gateway)
    const { student, contact, other } = findFamily(district)
    // Little more than a name distinguishes this contact from others.
    district.editContact(other.id, { email: '' }, { phone: '', sis_id: '' })
    const ask = async () => {
      gateway.forget()
      const query = `query ($id: ID!) { contact(id: $id) { ${field} } }`
      const { data, errors } = await gateway.ask(query, { id: other.id }, guardian(contact.id))
      expect(errors).toEqual([])
      return data.contact
    }
    const before = await ask()
    if (expected !== undefined) expect(before).toEqual(expected)
    await clock.advance(86_400_000)
    district.addRelationship(other.id, { student: strangerTo(district, student), ...PARENT })
    expect(await ask()).toEqual(before)
  })

  it('O13: a service that sees every student learns both', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const district = districtOf(gateway)
    const { student, other } = findFamily(district)
    district.editContact(other.id, { email: '' }, { phone: '', sis_id: '' })
    district.addRelationship(other.id, { student: strangerTo(district, student), ...PARENT })
    const query = 'query ($id: ID!) { contact(id: $id) { identity { collisionRisk } lastModifiedAt } }'
    const { data } = await gateway.ask(query, { id: other.id })
    expect(data.contact).toEqual({ identity: { collisionRisk: true }, lastModifiedAt: expect.any(String) })
  })
})

/** Everything that may show a contact through a student. */
const THROUGH = `query ($student: ID!, $contact: ID!) {
  student(id: $student) { relationships { contactId contact { displayName } } }
  studentRelationships(contactId: $contact, studentId: $student) { id }
  contactAccess(contactId: $contact, studentId: $student, privilege: VIEW_STUDENT) { allowed }
}`
const OWN =
  'query ($contact: ID!) { contact(id: $contact) { id } contacts(first: 100) { nodes { id } totalCount } }'

describe('C17: a contact that Clever lists under a student whom the record of the contact does not name', () => {
  /** Clever lists a contact of another family under the child of the documented family. */
  async function startWithStray(state: 'cold' | 'warm') {
    const gateway = await startGateway({ sandbox: { students: 60 } })
    const district = districtOf(gateway)
    const { contact: stray } = findFamily(district)
    expect(entriesOf(stray).map(({ student }) => student)).not.toContain(CHILD)
    const listed = [...district.roster.contactsOf(CHILD), stray].map((data) => ({ data }))
    gateway.sandbox.faults.add({
      path: `/users/${CHILD}/mycontacts`,
      status: 200,
      body: JSON.stringify({ data: listed, links: [] }),
    })
    if (state === 'warm') {
      const page = '(first: 1, filter: { search: "a" }) { totalCount }'
      expect((await gateway.ask(`{ contacts${page} students${page} }`)).errors).toEqual([])
    }
    return { gateway, district, stray }
  }

  it.each(['cold', 'warm'] as const)('C17: is not shown through that student, %s', async (state) => {
    const { gateway, district, stray } = await startWithStray(state)
    await using _ = gateway
    const teacher: Claims = {
      clever_kind: 'teacher',
      clever_user_id: district.roster.teachersOf(CHILD)[0]?.id,
      clever_district_ids: [district.id],
    }
    const self = { ...teacher, clever_kind: 'student', clever_user_id: CHILD }
    for (const as of [undefined, guardian(MIXED), teacher, self]) {
      const { data, errors } = await gateway.ask(THROUGH, { student: CHILD, contact: stray.id }, as)
      expect(errors).toEqual([])
      const ids = data.student.relationships.map(({ contactId }: { contactId: string }) => contactId)
      expect(ids).toContain(MIXED)
      expect(ids).not.toContain(stray.id)
      expect(data.studentRelationships).toEqual([])
      expect(data.contactAccess).toEqual({ allowed: false })
    }
    for (const as of [guardian(MIXED), self]) {
      const { data, errors } = await gateway.ask(OWN, { contact: stray.id }, as)
      expect(errors).toEqual([])
      expect(data.contact).toBeNull()
      expect(JSON.stringify(data.contacts)).not.toContain(stray.id)
      expect(data.contacts.totalCount).toBe(data.contacts.nodes.length)
    }
    expect(gateway.audited.join('\n')).not.toContain(stray.id)
  })

  it('C17: does not make the contacts of the student look like duplicates', async () => {
    const { gateway, district, stray } = await startWithStray('cold')
    await using _ = gateway
    const mixed = district.roster.user(MIXED) ?? expect.unreachable()
    const twin = { ...stray, name: mixed.name, email: mixed.email }
    const listed = [mixed, twin].map((data) => ({ data }))
    gateway.sandbox.faults.clear()
    gateway.sandbox.faults.add({
      path: `/users/${CHILD}/mycontacts`,
      status: 200,
      body: JSON.stringify({ data: listed, links: [] }),
    })
    const query = `{ contact(id: "${MIXED}") { dataWarnings { code } } }`
    const { data, errors } = await gateway.ask(query)
    expect(errors).toEqual([])
    expect(data.contact.dataWarnings).not.toContainEqual({ code: 'POSSIBLE_DUPLICATE' })
  })
})

describe('C18: an entry that names a student of another district', () => {
  /** The contact of the first district whose entry names a student of the second one. */
  async function startTwo() {
    const gateway = await startGateway({ sandbox: { students: 60, districts: 2 } })
    const [here, there] = [districtOf(gateway, 0), districtOf(gateway, 1)]
    const [foreign = ''] = there.students
    const { contact } = findFamily(here)
    here.addRelationship(contact.id, { student: foreign, ...PARENT })
    // The contact is known from here on: who it is costs no call any more.
    await gateway.ask('query ($id: ID!) { contact(id: $id) { id } }', { id: contact.id })
    gateway.sandbox.calls.reset()
    const callsThere = () => gateway.sandbox.calls.all().filter(({ districtId }) => districtId === there.id)
    return { gateway, here, there, foreign, contact, callsThere }
  }

  const QUERY = `query ($foreign: ID!, $there: ID!, $here: ID!, $contact: ID!, $keys: [_Any!]!) {
    a: student(id: $foreign, districtId: $there) { id displayName }
    b: student(id: $foreign) { id displayName }
    c: student(id: $foreign, districtId: $here) { id displayName }
    contact(id: $contact) { relationships { studentId student { id displayName } } }
    other: contact(id: $contact, districtId: $there) { id }
    studentRelationships(contactId: $contact, studentId: $foreign, districtId: $there) { id }
    students(first: 100) { totalCount nodes { id } }
    there: students(first: 100, districtId: $there) { nodes { id } }
    contactsThere: contacts(first: 100, districtId: $there) { nodes { id } }
    district(id: $there) { id name }
    _entities(representations: $keys) { __typename }
  }`

  async function ask(
    { gateway, here, there, foreign, contact }: Awaited<ReturnType<typeof startTwo>>,
    as: Claims,
  ) {
    const keys = [
      { __typename: 'Student', id: foreign },
      { __typename: 'Student', id: foreign, districtId: there.id },
      { __typename: 'Contact', id: contact.id, districtId: there.id },
      { __typename: 'District', id: there.id },
    ]
    const variables = { foreign, there: there.id, here: here.id, contact: contact.id, keys }
    return gateway.ask(QUERY, variables, as)
  }

  it.each(['with the own district in the token', 'without districts in the token'])(
    'C18: never leads a guardian into that district, %s',
    async (how) => {
      const world = await startTwo()
      await using _ = world.gateway
      const { contact, here, foreign } = world
      const named = how.startsWith('with the own') ? { clever_district_ids: [here.id] } : {}
      const { data, errors } = await ask(world, { ...guardian(contact.id), ...named })
      expect(errors).toEqual([])
      expect(data).toMatchObject({
        a: null,
        b: null,
        c: null,
        other: null,
        studentRelationships: [],
        there: null,
        contactsThere: null,
        district: null,
        _entities: [null, null, null, null],
      })
      expect(JSON.stringify(data.students)).not.toContain(foreign)
      const relationships: { studentId: string; student: unknown }[] = data.contact.relationships
      expect(relationships.find(({ studentId }) => studentId === foreign)?.student).toBeNull()
      expect(world.callsThere()).toEqual([])
    },
  )

  it('C18: never leads a service of the one district into the other', async () => {
    const world = await startTwo()
    await using _ = world.gateway
    const service = {
      clever_kind: 'service',
      sub: 'one',
      scope: 'students:read contacts:read',
      clever_district_ids: [world.here.id],
    }
    const { data, errors } = await ask(world, service)
    expect(errors).toEqual([])
    expect(data).toMatchObject({ a: null, b: null, c: null, other: null, there: null, district: null })
    const { relationships } = data.contact
    expect(relationships).toContainEqual({ studentId: world.foreign, student: null })
    expect(world.callsThere()).toEqual([])
  })

  it('C18: shows the own family all the same', async () => {
    await using gateway = await startGateway({ sandbox: { districts: 2 } })
    const query = `{ student(id: "${NIECE}", districtId: "${districtOf(gateway).id}") { id } }`
    expect((await gateway.ask(query, {}, guardian(MIXED))).errors).toEqual([])
  })
})
