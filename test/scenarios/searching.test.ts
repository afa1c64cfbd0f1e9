import { describe, expect, it } from 'vitest'
import { disclosedIn } from '../support/audited.ts'
import { guardian, startGateway } from '../support/gateway.ts'
import { entriesOf, findFamily } from './families.ts'

/** A cursor after every id. */
const BEYOND_THE_END = Buffer.from('f'.repeat(24), 'hex').toString('base64url')
const COUNT = `query ($search: String) {
  contacts(first: 1, after: "${BEYOND_THE_END}", filter: { search: $search }) { totalCount }
}`

describe('O1: a search whose answer is only a number', () => {
  it('O1: has one audit line for each answer, which names the contacts that matched, digit by digit', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const [district] = gateway.sandbox.districts
    const { contact } = findFamily(district ?? expect.unreachable())
    const digits = '3302804417'
    district?.editContact(contact.id, {}, { phone: digits })
    for (let length = 3; length <= digits.length; length += 1) {
      const before = gateway.audited.length
      const { data, errors } = await gateway.ask(COUNT, { search: digits.slice(0, length) })
      expect(errors).toEqual([])
      const lines = gateway.audited.slice(before)
      const named = new Set(disclosedIn(lines).flatMap(({ contactIds }) => contactIds))
      expect(lines).toHaveLength(1)
      expect(named).toContain(contact.id)
      expect(named.size).toBe(data.contacts.totalCount)
    }
  })

  it('O1: has no line where nothing matched', async () => {
    await using gateway = await startGateway()
    const { data } = await gateway.ask(COUNT, { search: '0000000001' })
    expect(data.contacts.totalCount).toBe(0)
    expect(gateway.audited).toEqual([])
  })

  it.each([
    [
      'a flag of the page',
      '{ contacts(first: 1, filter: { search: "330280" }) { pageInfo { hasNextPage } } }',
    ],
    ['a cursor', '{ contacts(first: 1, filter: { search: "330280" }) { pageInfo { endCursor } } }'],
    ['edges', '{ contacts(first: 1, filter: { search: "330280" }) { edges { cursor } } }'],
    ['an alias', '{ a: contacts(last: 1, filter: { search: "330280" }) { n: totalCount } }'],
  ])('O1: names the contact that matched also where only %s is selected', async (_what, query) => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    const { contact } = findFamily(district ?? expect.unreachable())
    district?.editContact(contact.id, {}, { phone: '3302804417' })
    expect((await gateway.ask(query)).errors).toEqual([])
    expect(gateway.audited).toHaveLength(1)
    expect(disclosedIn(gateway.audited).flatMap(({ contactIds }) => contactIds)).toContain(contact.id)
  })

  it('O1: names the contact that a guardian found among the contacts of the own students', async () => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    const { contact, other } = findFamily(district ?? expect.unreachable())
    district?.editContact(other.id, {}, { phone: '3302804417' })
    const { data } = await gateway.ask(COUNT, { search: '330280' }, guardian(contact.id))
    expect(data.contacts.totalCount).toBe(1)
    expect(new Set(disclosedIn(gateway.audited).flatMap(({ contactIds }) => contactIds))).toEqual(
      new Set([other.id]),
    )
  })

  it('O1: names the student that matched', async () => {
    await using gateway = await startGateway()
    const [student] = gateway.sandbox.districts[0]?.roster.users('student') ?? []
    const { data } = await gateway.ask(
      'query ($search: String) { students(first: 1, filter: { search: $search }) { totalCount } }',
      { search: student?.email },
    )
    expect(data.students.totalCount).toBe(1)
    expect(disclosedIn(gateway.audited).map(({ studentId }) => studentId)).toEqual([student?.id])
  })
})

describe('O2: a list of which no record is selected', () => {
  it.each([
    '{ contacts { totalCount } }',
    '{ contacts { pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
    '{ contacts(first: 3) { __typename totalCount pageInfo { endCursor } } }',
    '{ students { totalCount } }',
    '{ students(last: 2) { pageInfo { startCursor } } }',
    '{ contacts(filter: {}) { totalCount } }',
    '{ contacts(filter: { search: "" }) { totalCount } }',
    'query ($no: Boolean = false) { contacts { totalCount nodes @include(if: $no) { id } } }',
  ])('O2: has no line in the audit: %s', async (query) => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    const { contact } = findFamily(district ?? expect.unreachable())
    for (const as of [undefined, guardian(contact.id)])
      expect((await gateway.ask(query, {}, as)).errors).toEqual([])
    expect(gateway.audited).toEqual([])
  })
})

describe('O19: a guardian of whose students one is not shared', () => {
  const QUERY = `query ($first: Int, $after: String) {
    students(first: $first, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } }
  }`

  it('O19: counts and pages the students that are shown', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const [district] = gateway.sandbox.districts
    const { contact } = findFamily(district ?? expect.unreachable())
    const [a = '', b = '', c = ''] = district?.students.slice(-3) ?? []
    for (const student of [a, b, c])
      district?.addRelationship(contact.id, { student, relationship: 'Parent', type: 'Parent/Guardian' })
    district?.unshareStudent(b)
    const own = [...new Set(entriesOf(district?.roster.user(contact.id)).map(({ student }) => student))]
    const shown = own.filter((id) => id !== b).toSorted()

    const ids: string[] = []
    let after: string | undefined
    for (let hasNext = true; hasNext; ) {
      const { data, errors } = await gateway.ask(QUERY, { first: 1, after }, guardian(contact.id))
      expect(errors).toEqual([])
      expect(data.students.totalCount).toBe(shown.length)
      expect(data.students.nodes).toHaveLength(1)
      ids.push(data.students.nodes[0].id)
      hasNext = data.students.pageInfo.hasNextPage
      after = data.students.pageInfo.endCursor
    }
    expect(ids).toEqual(shown)
  })
})
