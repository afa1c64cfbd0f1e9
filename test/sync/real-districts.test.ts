import { describe, expect, it, vi } from 'vitest'
import type { Call } from '../../src/sandbox/call-log.ts'
import { startGatedClever } from '../support/gated-clever.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

const DISTRICTS = 20
const LOAD_PAGE = /limit=10000/
const PAGE = 'query ($district: ID!) { contacts(first: 4, districtId: $district) { nodes { id } } }'

/** The calls of full loads, in the order in which Clever received them. */
const loadCalls = ({ sandbox }: TestGateway): readonly Call[] =>
  sandbox.calls.all().filter(({ query }) => LOAD_PAGE.test(query))

/** Each district once, in the order of the first calls. */
const districtsOf = (calls: readonly Call[]) => [...new Set(calls.map(({ districtId }) => districtId))]

const until = (check: () => void) => vi.waitFor(check, 50_000)

const saying = ({ lines }: TestGateway, text: string) => lines.filter((line) => line.includes(text))

const allWhole = (gateway: TestGateway, districts: number) =>
  until(() => expect(saying(gateway, 'all of a role is known')).toHaveLength(2 * districts))

describe('20 districts', { timeout: 60_000 }, () => {
  it('are loaded after their first polls: first those that requests and subscribers ask for, the latest first', async () => {
    await using clever = await startGatedClever(LOAD_PAGE, { districts: DISTRICTS })
    const { sandbox } = clever
    await using gateway = await startGateway({ warm: 'eager', loadsAtOnce: 1, over: sandbox })
    await until(() => expect(clever.waited()).toHaveLength(1))
    const loading = clever.waited()[0]?.id ?? expect.unreachable()
    const asked = [17, 11, 5, 8].map((n) => sandbox.districts[n]?.id ?? '').filter((id) => id !== loading)
    const [followed = '', ...requested] = asked
    await using subscription = await subscribe(gateway, { variables: { district: followed } })
    expect(subscription.status).toBe(200)
    for (const district of requested) expect((await gateway.ask(PAGE, { district })).errors).toEqual([])
    expect(clever.waited().map(({ id }) => id)).toEqual([loading])

    clever.open()
    await allWhole(gateway, DISTRICTS)
    const order = districtsOf(loadCalls(gateway))
    expect(order).toHaveLength(DISTRICTS)
    expect(order.slice(0, 1 + asked.length)).toEqual([loading, ...asked.toReversed()])
    for (const district of order) {
      const calls = sandbox.calls.all().filter(({ districtId }) => districtId === district)
      const firstLoad = calls.findIndex(({ query }) => LOAD_PAGE.test(query))
      expect(calls.slice(0, firstLoad).some(({ path }) => path.endsWith('/events'))).toBe(true)
    }
    // One line at the start and one at the end of a role.
    expect(saying(gateway, 'loading all of a role')).toHaveLength(2 * DISTRICTS)
  })

  it('are loaded three at one time, each page once', async () => {
    await using gateway = await startGateway({
      warm: 'eager',
      loadsAtOnce: 3,
      sandbox: { districts: DISTRICTS, maxRows: 10 },
    })
    gateway.sandbox.faults.add({ path: LOAD_PAGE, delayMs: 5 })
    await allWhole(gateway, DISTRICTS)
    const calls = loadCalls(gateway)
    expect(new Set(calls.map(({ districtId, query }) => `${districtId} ${query}`)).size).toBe(calls.length)
    const spans = districtsOf(calls).map((district) => {
      const places = calls.flatMap(({ districtId }, place) => (districtId === district ? [place] : []))
      return { from: places[0] ?? 0, to: places.at(-1) ?? 0 }
    })
    for (const place of calls.keys())
      expect(spans.filter(({ from, to }) => from <= place && place <= to).length).toBeLessThanOrEqual(3)
  })

  it('are polled at their interval while a load takes long', async () => {
    await using clever = await startGatedClever(LOAD_PAGE, { districts: DISTRICTS })
    const { sandbox } = clever
    await using gateway = await startGateway({
      warm: 'eager',
      loadsAtOnce: 1,
      eventsInterval: 100,
      over: sandbox,
    })
    const polls = (id: string) =>
      sandbox.calls.all().filter(({ path, districtId }) => districtId === id && path.endsWith('/events'))
        .length
    await until(() => expect(sandbox.districts.filter(({ id }) => polls(id) < 4)).toEqual([]))
    expect(clever.waited()).toHaveLength(1)
    expect(saying(gateway, 'all of a role is known')).toEqual([])
  })
})

describe('a district that waits for its full load, or is in it', { timeout: 60_000 }, () => {
  const LATER_PAGE = /limit=10000.*starting_after/

  it('answers requests at once, with the pages that were loaded, and loads no page that a request has read', async () => {
    await using clever = await startGatedClever(LATER_PAGE, { districts: 2, maxRows: 5 })
    const { sandbox } = clever
    await using gateway = await startGateway({ warm: 'eager', loadsAtOnce: 1, over: sandbox })
    await until(() => expect(clever.waited()).toHaveLength(1))
    const [loading] = clever.waited()
    const waiting = sandbox.districts.find(({ id }) => id !== loading?.id)
    const known = await gateway.ask(PAGE, { district: loading?.id })
    expect([known.errors, known.data.contacts.nodes.length]).toEqual([[], 4])
    expect(known.extensions?.cost.calls).toBe(0)
    const unknown = await gateway.ask(PAGE, { district: waiting?.id })
    expect([unknown.errors, unknown.data.contacts.nodes.length]).toEqual([[], 4])
    expect(unknown.extensions?.cost.calls).toBe(1)
    expect(districtsOf(loadCalls(gateway))).toEqual([loading?.id])

    clever.open()
    await allWhole(gateway, 2)
    const [first] = loadCalls(gateway).filter(
      ({ districtId, query }) => districtId === waiting?.id && query.includes('role=contact'),
    )
    expect(first?.query).toContain('starting_after')
  })

  it('goes before a load that nothing has asked for, which goes on later where it was', async () => {
    await using clever = await startGatedClever(LATER_PAGE, { districts: 2, maxRows: 4 })
    const { sandbox } = clever
    await using gateway = await startGateway({ warm: 'eager', loadsAtOnce: 1, over: sandbox })
    await until(() => expect(clever.waited()).toHaveLength(1))
    const [loading] = clever.waited()
    const asked = sandbox.districts.find(({ id }) => id !== loading?.id)?.id
    await gateway.ask(PAGE, { district: asked })
    clever.open()
    await allWhole(gateway, 2)

    const calls = loadCalls(gateway)
    const [from, to] = [
      calls.findIndex(({ districtId }) => districtId === asked),
      calls.findLastIndex(({ districtId }) => districtId === asked),
    ]
    expect(calls.slice(from, to).every(({ districtId }) => districtId === asked)).toBe(true)
    const after = calls.slice(to + 1)
    expect(after.length).toBeGreaterThan(0)
    expect(after[0]?.query).toContain('starting_after')
    const metrics = await gateway.metrics.registry.metrics()
    expect(metrics).toContain(`directory_loads_total{district="${loading?.id}",outcome="yielded"} 1`)
  })
})
