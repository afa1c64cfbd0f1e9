import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const MIXED = '63850203bfb8460546071ef6'

describe('a gateway for several districts', () => {
  let gateway: TestGateway
  let ids: readonly string[]
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { districts: 3 } })
    ids = gateway.sandbox.districts.map(({ id }) => id)
  })
  beforeEach(() => gateway.forget())
  afterAll(() => gateway[Symbol.asyncDispose]())

  it('lists them, at one call a district', async () => {
    const { data, calls } = await gateway.ask('{ districts { id name syncState lastSyncAt } }')
    expect(data.districts.map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(calls).toEqual(ids.map((id) => `/districts/${id}`))
  })

  it('lists the others when one cannot be read', async () => {
    const remove = gateway.sandbox.faults.add({ path: `/districts/${ids[1]}`, status: 400 })
    const { data, errors } = await gateway.ask('{ districts { id } }')
    remove()
    expect(data.districts).toEqual([{ id: ids[0] }, null, { id: ids[2] }])
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['districts', 1], 'UPSTREAM_INVALID_RESPONSE'],
    ])
  })

  it('looks for an id in all of them, and in one alone when it is named', async () => {
    const query =
      'query ($id: ID!, $districtId: ID) { contact(id: $id, districtId: $districtId) { displayName districtId } }'
    const anywhere = await gateway.ask(query, { id: MIXED })
    expect(anywhere.data.contact).toEqual({ displayName: 'Aaron Collins', districtId: ids[0] })
    expect(anywhere.calls).toHaveLength(3)
    gateway.forget()
    const named = await gateway.ask(query, { id: MIXED, districtId: ids[0] })
    expect(named.data).toEqual(anywhere.data)
    expect(named.calls).toHaveLength(1)
    const elsewhere = await gateway.ask(query, { id: MIXED, districtId: ids[1] })
    expect(elsewhere.data.contact).toBeNull()
    expect(elsewhere.calls).toHaveLength(1)
  })

  it('asks none of them for an id that one is known to have, nor for one that all are known not to have', async () => {
    const query = 'query ($id: ID!) { contact(id: $id) { displayName districtId } }'
    for (const id of [MIXED, '0'.repeat(24)]) {
      const first = await gateway.ask(query, { id })
      const again = await gateway.ask(query, { id })
      expect(again.data).toEqual(first.data)
      expect([first.calls.length, again.calls.length]).toEqual([3, 0])
    }
  })

  it('asks only the district of the contact for its students', async () => {
    const { data, calls } = await gateway.ask(
      `{ contact(id: "${MIXED}", districtId: "${ids[0]}") { relationships { student { displayName } } } }`,
    )
    expect(data.contact.relationships).toHaveLength(3)
    expect(calls).toHaveLength(4)
  })

  it('finds an id though another district is down, but does not call an id absent then', async () => {
    gateway.sandbox.districts[2]?.rotateToken()
    const found = await gateway.ask(`{ contact(id: "${MIXED}") { displayName } }`)
    expect(found.errors).toEqual([])
    expect(found.data.contact.displayName).toBe('Aaron Collins')
    const nobody = await gateway.ask(`{ contact(id: "${'0'.repeat(24)}") { displayName } }`)
    expect(nobody.data.contact).toBeNull()
    expect(nobody.errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_UNAUTHORIZED'])
  })

  it('wants to know which district a list is of', async () => {
    const { errors, calls } = await gateway.ask(
      '{ contacts { nodes { id } } students { nodes { id } } district { id } }',
    )
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ])
    expect(calls).toEqual([])
    const { data } = await gateway.ask(`{ contacts(districtId: "${ids[1]}") { nodes { districtId } } }`)
    expect(new Set(data.contacts.nodes.map(({ districtId }: { districtId: string }) => districtId))).toEqual(
      new Set([ids[1]]),
    )
  })

  it.each(['6385008f69df036e83e984ff', 'nowhere', '..'])(
    'knows no district %s, without error or call',
    async (districtId) => {
      const query = `query ($districtId: ID!) {
      district(id: $districtId) { id } contacts(districtId: $districtId) { nodes { id } } students(districtId: $districtId) { nodes { id } }
      contact(id: "${MIXED}", districtId: $districtId) { id } student(id: "${MIXED}", districtId: $districtId) { id }
      studentRelationships(contactId: "${MIXED}", studentId: "${MIXED}", districtId: $districtId) { id }
    }`
      const { data, errors, calls } = await gateway.ask(query, { districtId })
      expect(errors).toEqual([])
      expect(data).toEqual({
        district: null,
        contacts: null,
        students: null,
        contact: null,
        student: null,
        studentRelationships: [],
      })
      expect(calls).toEqual([])
    },
  )
})
