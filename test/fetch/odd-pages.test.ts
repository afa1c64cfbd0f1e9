import { describe, expect, it } from 'vitest'
import { startFakeClever } from '../support/fake-clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { SERVICE, startGateway } from '../support/gateway.ts'

const STUDENTS = `query ($after: String) {
  contacts(first: 20, after: $after) {
    nodes { relationships { studentId student { id } } }
    pageInfo { endCursor }
  }
}`
const RANGE = /role=student.*starting_after/

describe('C10: a page with two ids swapped', () => {
  type Items = { data: { id: string } }[]
  const swapTwo = ([first, second, ...others]: Items) => [second, first, ...others]
  const outOfRange = (items: Items) => [{ data: { id: '0'.repeat(24), roles: { student: {} } } }, ...items]
  const twice = ([first, ...others]: Items) => [first, first, ...others]

  it.each<[string, (items: Items) => unknown]>([
    ['is not learned, and ranges are used again after a pause', swapTwo],
    ['or with a row out of range: the same', outOfRange],
    ['or with a row given twice: the same', twice],
  ])('%s', async (_name, spoil) => {
    const clock = createFakeClock(Date.now())
    await using gateway = await startGateway({
      clock,
      ages: { displayMs: 60_000 },
      sandbox: { students: 60, now: clock.now },
    })
    const [district] = gateway.sandbox.districts
    const shared = new Set(district?.students)
    const response = await fetch(`${gateway.sandbox.url}/v3.1/users?role=student&limit=100`, {
      headers: { authorization: `Bearer ${district?.token}` },
    })
    const { data } = (await response.json()) as { data: Items }
    const body = JSON.stringify({ data: spoil(data), links: [] })
    gateway.sandbox.faults.add({ path: RANGE, times: 1, status: 200, body })

    async function ask(after?: string) {
      const reply = await gateway.ask(STUDENTS, { after })
      expect(reply.errors).toEqual([])
      const nodes: { relationships: { studentId: string; student: { id: string } | null }[] }[] =
        reply.data.contacts.nodes
      for (const { studentId, student } of nodes.flatMap(({ relationships }) => relationships))
        expect(student?.id).toBe(shared.has(studentId) ? studentId : undefined)
      return { after: reply.data.contacts.pageInfo.endCursor, calls: reply.calls }
    }

    const odd = await ask()
    expect(odd.calls.filter((call) => RANGE.test(call))).toHaveLength(1)
    expect(odd.calls.filter((call) => /users\/[0-9a-f]{24}$/.test(call)).length).toBeGreaterThan(5)
    expect(gateway.lines.join('')).toContain('ranges are paused')
    const paused = await ask(odd.after)
    expect(paused.calls.filter((call) => RANGE.test(call))).toHaveLength(0)
    await clock.advance(61_000)
    const again = await gateway.ask(STUDENTS, {}, { ...SERVICE })
    expect(again.errors).toEqual([])
    expect(again.calls.filter((call) => RANGE.test(call))).toHaveLength(1)
    expect(again.calls.length).toBeLessThan(5)
  })
})

describe('C15: a district whose ids are consecutive', () => {
  const id = (n: number) => `64f0000000000000${n.toString(16).padStart(8, '0')}`
  const all = Array.from({ length: 30 }, (_, i) => id(i))
  const start = async () => {
    const fake = await startFakeClever(all.map((id) => ({ id, role: 'contact' })))
    return { fake, gateway: await startGateway({ over: fake.sandbox }) }
  }

  it('`last:` gives the last, and pages go backwards to the first', async () => {
    const { fake, gateway } = await start()
    await using _fake = fake
    await using _gateway = gateway
    const found: string[] = []
    let before: string | null = null
    for (let hasPrevious = true; hasPrevious; ) {
      const { data, errors } = await gateway.ask(
        'query ($before: String) { contacts(last: 7, before: $before) { nodes { id } pageInfo { hasPreviousPage startCursor } } }',
        { before },
      )
      expect(errors).toEqual([])
      found.unshift(...data.contacts.nodes.map((node: { id: string }) => node.id))
      hasPrevious = data.contacts.pageInfo.hasPreviousPage
      before = data.contacts.pageInfo.startCursor
    }
    expect(found).toEqual(all)
  })

  it('pages go forwards to the last', async () => {
    const { fake, gateway } = await start()
    await using _fake = fake
    await using _gateway = gateway
    const found: string[] = []
    let after: string | null = null
    for (let hasNext = true; hasNext; ) {
      const { data, errors } = await gateway.ask(
        'query ($after: String) { contacts(first: 7, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }',
        { after },
      )
      expect(errors).toEqual([])
      found.push(...data.contacts.nodes.map((node: { id: string }) => node.id))
      hasNext = data.contacts.pageInfo.hasNextPage
      after = data.contacts.pageInfo.endCursor
    }
    expect(found).toEqual(all)
  })
})

describe('a first look at a district', () => {
  it('costs one call for the last page, as for the first', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const last = await gateway.ask('{ contacts(last: 5) { nodes { id } } }')
    expect([last.errors, last.calls.length]).toEqual([[], 1])
    expect((await gateway.ask('{ contacts(last: 5) { nodes { id } } }')).calls).toEqual([])
  })

  it.each([
    ['beyond the last', '{ contacts(first: 5, after: $cursor) { nodes { id } } }', 'f', 2],
    ['before the first', '{ contacts(last: 5, before: $cursor) { nodes { id } } }', '0', 2],
  ])('costs a second call for a page %s, which has no rows to go by', async (_where, query, digit, most) => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const cursor = Buffer.from(`${digit}${'0'.repeat(22)}1`, 'hex').toString('base64url')
    const text = `query ($cursor: String) ${query}`
    const reply = await gateway.ask(text, { cursor })
    expect([reply.data.contacts.nodes, reply.errors]).toEqual([[], []])
    expect(reply.calls.length).toBeLessThanOrEqual(most)
    expect((await gateway.ask(text, { cursor })).calls).toEqual([])
  })
})
