import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { guardian, startGateway, type TestGateway } from '../support/gateway.ts'
import { list, written } from '../support/listing.ts'

const NEW = '5f0000000000000000000001'
const OTHER = '5f0000000000000000000002'
const OLD = '4f0000000000000000000001'

const contact = (legacyId: string, more = '') =>
  `{ contactByLegacyId(legacyId: "${legacyId}"${more}) { id } }`
const student = (legacyId: string, more = '') =>
  `{ studentByLegacyId(legacyId: "${legacyId}"${more}) { id } }`
const codes = (errors: readonly { extensions: Record<string, unknown> }[]) =>
  errors.map(({ extensions }) => extensions.code)

describe('the ids of v2', () => {
  let gateway: TestGateway
  let legacyIds: ReadonlyMap<string, string>
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { students: 1_100, contacts: 1_200 } })
    const { roster } = gateway.sandbox.districts[0] ?? expect.unreachable()
    const contacts = roster.users('contact')
    legacyIds = new Map(contacts.map(({ id, roles }) => [id, roles.contact?.legacy_id ?? '']))
  })
  beforeEach(() => gateway.forget())
  afterAll(() => gateway[Symbol.asyncDispose]())

  const MAP = `query ($first: Int, $after: String, $role: CleverLegacyIdRole) {
    cleverLegacyIds(first: $first, after: $after, role: $role) {
      totalCount nodes { legacyId currentId districtId } pageInfo { hasNextPage endCursor }
    }
  }`

  it('find a contact, for one call that serves for all of them', async () => {
    const { data, calls } = await gateway.ask(contact(legacyIds.get(MIXED) ?? ''))
    expect(data).toEqual({ contactByLegacyId: { id: MIXED } })
    expect(calls).toEqual(['/users?role=contact&limit=10000'])
    const [id, legacyId = ''] = [...legacyIds].at(-1) ?? []
    const again = await gateway.ask(contact(legacyId))
    expect([again.data.contactByLegacyId.id, again.calls]).toEqual([id, []])
  })

  it('find no user if none had them, also if they are the ids of v3', async () => {
    for (const id of [NEW, 'no id', '', MIXED]) {
      const { data, errors } = await gateway.ask(contact(id))
      expect([data, errors]).toEqual([{ contactByLegacyId: null }, []])
    }
    const { data, errors } = await gateway.ask(student('no id'))
    expect([data, errors]).toEqual([{ studentByLegacyId: null }, []])
  })

  it('find a student who kept hers by one look-up', async () => {
    const { data, calls } = await gateway.ask(student(CHILD))
    expect([data, calls]).toEqual([{ studentByLegacyId: { id: CHILD } }, [`/users/${CHILD}`]])
  })

  it('are listed up to 1,000 on a page, with the new ones in their order', async () => {
    const first = await gateway.ask(MAP, { first: 1_000 })
    const { nodes, totalCount, pageInfo } = first.data.cleverLegacyIds
    expect([nodes.length, totalCount, pageInfo.hasNextPage]).toEqual([1_000, legacyIds.size, true])
    const second = await gateway.ask(MAP, { first: 1_000, after: pageInfo.endCursor })
    expect(second.data.cleverLegacyIds.pageInfo.hasNextPage).toBe(false)
    const entries = [...nodes, ...second.data.cleverLegacyIds.nodes].map(({ currentId, legacyId }) => [
      currentId,
      legacyId,
    ])
    expect(entries).toEqual([...legacyIds].toSorted())
    expect(first.calls).toHaveLength(1)
    expect(second.calls).toEqual([])
    expect(new Set(nodes.map(({ districtId }: { districtId: string }) => districtId))).toEqual(
      new Set([gateway.sandbox.districts[0]?.id]),
    )
  })

  it('of students are those that they have, as most kept them', async () => {
    const { data } = await gateway.ask(MAP, { first: 1_000, role: 'STUDENT' })
    const students = gateway.sandbox.districts[0]?.students ?? []
    expect(data.cleverLegacyIds.totalCount).toBe(students.length)
    expect(data.cleverLegacyIds.nodes.map(({ currentId }: { currentId: string }) => currentId)).toEqual(
      students.slice(0, 1_000),
    )
    for (const { currentId, legacyId } of data.cleverLegacyIds.nodes) expect(legacyId).toBe(currentId)
  })

  it('are refused beyond 1,000 on a page, and where the page is too dear', async () => {
    expect(codes((await gateway.ask(MAP, { first: 1_001 })).errors)).toEqual(['BAD_USER_INPUT'])
    const aliases = Array.from(
      { length: 10 },
      (_, i) => `m${i}: contactByLegacyId(legacyId: "${OLD}") { id }`,
    )
    const { errors, calls } = await gateway.ask(`{ ${aliases.join(' ')} }`)
    expect(new Set(codes(errors))).toEqual(new Set(['QUERY_TOO_COMPLEX']))
    expect(calls).toEqual([])
  })

  it("find, for a guardian, her own and those whom she may see, and list no others'", async () => {
    const own = guardian(MIXED)
    const seen = await gateway.ask('{ contacts(first: 100) { nodes { id legacyId } } }', {}, own)
    const listed = await gateway.ask(MAP, { first: 100 }, own)
    const shown = seen.data.contacts.nodes.map(({ id, legacyId }: { id: string; legacyId: string }) => ({
      currentId: id,
      legacyId,
    }))
    expect(listed.data.cleverLegacyIds.nodes).toMatchObject(shown)
    expect(listed.data.cleverLegacyIds.totalCount).toBe(seen.data.contacts.nodes.length)
    const stranger = [...legacyIds].find(
      ([id]) => !seen.data.contacts.nodes.some((one: { id: string }) => one.id === id),
    )
    const hidden = await gateway.ask(contact(stranger?.[1] ?? ''), {}, own)
    const nobody = await gateway.ask(contact(NEW), {}, own)
    expect(hidden.data).toEqual({ contactByLegacyId: null })
    expect([hidden.errors, hidden.calls]).toEqual([nobody.errors, nobody.calls])
    const mine = await gateway.ask(contact(legacyIds.get(MIXED) ?? ''), {}, own)
    expect(mine.data).toEqual({ contactByLegacyId: { id: MIXED } })
  })
})

describe('an id of v2 that two have', () => {
  const entries = [{ student: CHILD, relationship: 'Parent', type: 'Parent/Guardian' }]
  const two = [NEW, OTHER].map((id) => written({ id, last: 'Ann Lee', legacyId: OLD, entries }))

  it('is refused, as it is unclear which of them is meant', async () => {
    await using gateway = await startGateway()
    list(gateway, 'contact', two)
    const { data, errors } = await gateway.ask(contact(OLD))
    expect(data).toEqual({ contactByLegacyId: null })
    expect(codes(errors)).toEqual(['AMBIGUOUS_ID'])
    expect(JSON.stringify(errors)).not.toContain(OLD)
    const { data: listed } = await gateway.ask('{ cleverLegacyIds { nodes { legacyId currentId } } }')
    expect(listed.cleverLegacyIds.nodes).toEqual(
      [NEW, OTHER].map((currentId) => ({ legacyId: OLD, currentId })),
    )
  })

  it('is no secret kept from a guardian who may see both, and no news of the other for one who may not', async () => {
    await using gateway = await startGateway()
    const [parent, other] = two
    const hidden = { ...other, roles: { contact: { ...other?.roles.contact, student_relationships: [] } } }
    list(gateway, 'contact', two)
    const both = await gateway.ask(contact(OLD), {}, guardian(NEW, OTHER))
    expect(codes(both.errors)).toEqual(['AMBIGUOUS_ID'])

    gateway.sandbox.faults.clear()
    gateway.forget()
    list(gateway, 'contact', [parent ?? expect.unreachable(), { ...hidden, id: OTHER }])
    gateway.sandbox.faults.add({
      path: `/users/${CHILD}/mycontacts`,
      status: 200,
      body: '{"data":[],"links":[]}',
    })
    const { data, errors } = await gateway.ask(contact(OLD), {}, guardian(NEW))
    expect([data, errors]).toEqual([{ contactByLegacyId: { id: NEW } }, []])
  })
})

describe('a student who has another id than in v2', () => {
  it('is found by the old one, and listed with it', async () => {
    await using gateway = await startGateway()
    const students = [
      { id: NEW, roles: { student: { legacy_id: OLD } } },
      { id: OTHER, roles: { student: {} } },
    ]
    list(gateway, 'student', students)
    const { data, calls } = await gateway.ask(student(OLD))
    expect(data).toEqual({ studentByLegacyId: { id: NEW } })
    expect(calls).toEqual([`/users/${OLD}`, '/users?role=student&limit=10000'])
    const { data: listed } = await gateway.ask(
      '{ cleverLegacyIds(role: STUDENT) { nodes { legacyId currentId } } }',
    )
    expect(listed.cleverLegacyIds.nodes).toEqual([
      { legacyId: OLD, currentId: NEW },
      { legacyId: OTHER, currentId: OTHER },
    ])
  })
})

describe('with several districts', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { districts: 2 } })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it.each([
    '{ contactByLegacyId(legacyId: "4f0000000000000000000001") { id } }',
    '{ studentByLegacyId(legacyId: "4f0000000000000000000001") { id } }',
    '{ cleverLegacyIds { nodes { currentId } } }',
    '{ contacts(filter: {}) { nodes { id } } }',
    '{ students(filter: {}) { nodes { id } } }',
  ])('one has to say in which: %s', async (query) => {
    expect(codes((await gateway.ask(query)).errors)).toEqual(['BAD_USER_INPUT'])
  })

  it('each knows its own', async () => {
    const [first, second] = gateway.sandbox.districts
    const legacyId = first?.roster.user(MIXED)?.roles.contact?.legacy_id ?? ''
    const inOne = async (id = '') => (await gateway.ask(contact(legacyId, `, districtId: "${id}"`))).data
    expect(await inOne(first?.id)).toEqual({ contactByLegacyId: { id: MIXED } })
    expect(await inOne(second?.id)).toEqual({ contactByLegacyId: null })
    expect(await inOne('no district')).toEqual({ contactByLegacyId: null })
    const kept = async (id = '') => (await gateway.ask(student(CHILD, `, districtId: "${id}"`))).data
    expect(await kept(first?.id)).toEqual({ studentByLegacyId: { id: CHILD } })
    expect(await kept(second?.id)).toEqual({ studentByLegacyId: null })
  })
})
