import { describe, expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { guardian, startGateway } from '../support/gateway.ts'

const CONTACT = 'query ($id: ID!) { contact(id: $id) { displayName } }'

describe.concurrent('what makes a district worth reading as a whole', () => {
  it('is not a guardian with unknown ids in all of them', async () => {
    await using gateway = await startGateway({ warm: 'lazy', sandbox: { students: 24, districts: 4 } })
    const nobody = guardian('a'.repeat(24))
    for (let time = 0; time < 6; time += 1)
      await gateway.ask('{ contacts(first: 5) { nodes { id } } }', {}, nobody)
    expect(gateway.districts.all().map(({ demand }) => demand.requestCount('contact'))).toEqual([0, 0, 0, 0])
  })
})

describe.concurrent('a district that takes its token back', () => {
  it('is forgotten, whichever call hears of it first', async () => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    const id = district?.contacts[0]
    expect((await gateway.ask(CONTACT, { id })).errors).toEqual([])
    district?.rotateToken()
    await gateway.ask('{ district { name } }')
    const { data, errors } = await gateway.ask(CONTACT, { id })
    expect([data.contact, errors.map(({ extensions }) => extensions.code)]).toEqual([
      null,
      ['UPSTREAM_UNAUTHORIZED'],
    ])
  })

  it('is not remembered by an answer that was sent before', async () => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    const [slow, quick] = district?.contacts ?? []
    gateway.sandbox.faults.add({ path: `/users/${slow}`, delayMs: 300, times: 1 })
    const asking = gateway.ask(CONTACT, { id: slow })
    await eventually(() => expect(gateway.sandbox.calls.count()).toBe(1))
    gateway.sandbox.faults.add({ path: `/users/${quick}`, status: 401 })
    await gateway.ask(CONTACT, { id: quick })
    await asking
    expect(gateway.districts.all()[0]?.store.bytes).toBe(0)
  })
})

describe.concurrent('a district that refuses the poll for events', () => {
  it('is not remembered by an answer that was sent before', async () => {
    await using gateway = await startGateway({ warm: 'eager', eventsInterval: 50 })
    const id = gateway.sandbox.districts[0]?.contacts[0]
    await eventually(() =>
      expect(gateway.lines.filter((line) => line.includes('all of a role is known'))).toHaveLength(2),
    )
    gateway.forget()
    gateway.sandbox.faults.add({ path: `/users/${id}`, delayMs: 500, times: 1 })
    const asking = gateway.ask(CONTACT, { id })
    gateway.sandbox.faults.add({ path: /events|role=/, status: 401 })
    await asking
    expect(gateway.districts.all()[0]?.store.bytes).toBe(0)
  })
})

describe.concurrent('a caller who was in a hurry', () => {
  it('does not make the district count as down', async () => {
    await using gateway = await startGateway({ requestTimeout: 300, ages: { displayMs: 100 } })
    const [slow, quick] = gateway.sandbox.districts[0]?.contacts ?? []
    await gateway.ask(CONTACT, { id: quick })
    gateway.sandbox.faults.add({ path: `/users/${slow}`, delayMs: 2_000, times: 1 })
    await gateway.ask(CONTACT, { id: slow })
    const { calls, extensions } = await gateway.ask(CONTACT, { id: quick })
    expect(calls).toHaveLength(1)
    expect(extensions?.freshness?.isStale).toBe(false)
  })
})

describe.concurrent('an event that cannot be read', () => {
  it.each([
    ['of an unknown kind', (id: string) => ({ type: 'users.merged', data: { object: { id } } })],
    ['of nobody', () => ({ type: 'users.updated', data: {} })],
  ])('is not vouched for: %s', async (_what, eventOf) => {
    await using gateway = await startGateway({
      warm: 'eager',
      eventsInterval: 50,
      eventsLag: 0,
      ages: { displayMs: 400, decisionMs: 400 },
    })
    const [district] = gateway.sandbox.districts
    const id = district?.contacts[0] ?? expect.unreachable()
    await eventually(() =>
      expect(gateway.lines.filter((line) => line.includes('all of a role is known'))).toHaveLength(2),
    )
    district?.removeContact(id)
    const body = JSON.stringify({ data: [{ data: { id: `${'f'.repeat(23)}e`, ...eventOf(id) } }], links: [] })
    gateway.sandbox.faults.add({ path: /starting_after/, status: 200, body, times: 1 })
    await vi.waitFor(async () => expect((await gateway.ask(CONTACT, { id })).data.contact).toBeNull(), {
      timeout: 3_000,
    })
  })
})
