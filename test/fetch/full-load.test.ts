import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { connectClever } from '../../src/clever/connect.ts'
import { systemClock } from '../../src/clock.ts'
import { createDistrictRegistry, type District } from '../../src/districts.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import type { Role } from '../../src/model/ranges.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { END, EVERYTHING, gaps } from '../../src/store/coverage.ts'
import { callerWaiting } from '../support/clever.ts'
import { startFakeClever } from '../support/fake-clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { namedSource } from '../support/gateway.ts'
import { userId, userOf } from '../sync/world.ts'
import { callerOf, startCounting } from './counting-clever.ts'

const WAIT_MS = 60_000

/** A district over a Clever on loopback, with its calls for lists as `limit cursor`. */
async function loaderOf(sandbox: Sandbox) {
  const metrics = createMetrics()
  const log = createLog('silent')
  const clever = connectClever({
    source: namedSource(sandbox),
    apiUrl: sandbox.url,
    oauthUrl: sandbox.url,
    version: 'v3.1',
    connections: 64,
    clock: systemClock,
    log,
    metrics,
  })
  const [client] = await clever.clients.all(callerWaiting(WAIT_MS))
  const ages = { displayMs: 300_000, displayMaxMs: 86_400_000, decisionMs: 60_000 }
  const options = { ages, maxBytes: 500_000_000, lagMs: 0, clock: systemClock, log, metrics }
  const district = createDistrictRegistry(options).of(client ?? expect.unreachable())
  const before = sandbox.calls.count()
  return {
    district,
    load: (role: Role) => district.reader.fullLoad(role, callerWaiting(WAIT_MS), 0),
    calls: () =>
      sandbox.calls
        .all()
        .slice(before)
        .map(({ query }) => {
          const params = new URLSearchParams(query)
          return params.has('count') ? 'count' : `${params.get('limit')} ${cursorIn(params)}`.trim()
        }),
    [Symbol.asyncDispose]: () => clever.close(),
  }
}

function cursorIn(params: URLSearchParams) {
  if (params.has('ending_before')) return 'from the end'
  return params.has('starting_after') ? 'beyond' : ''
}

function idsIn({ store }: District, role: Role) {
  const page = store.list({ role, direction: 'forwards', beyond: undefined, limit: 1_000_000 }, 0)
  return page?.value.records.map(({ id }) => id)
}

describe('a full load', () => {
  let large: Sandbox
  beforeAll(async () => {
    large = await startSandbox({ students: 3_000, contacts: 21_500 })
  }, 60_000)
  afterAll(() => large.close())
  const contactsOf = (sandbox: Sandbox) => sandbox.districts[0]?.contacts

  it('costs one call for a role that fits on a page', async () => {
    await using loader = await loaderOf(large)
    expect(await loader.load('student')).toBe(true)
    expect(idsIn(loader.district, 'student')).toEqual(large.districts[0]?.students)
    expect(loader.calls()).toEqual(['10000'])
  })

  it('reads a page, and then slices of a page side by side, when the size of the role is not known', async () => {
    await using loader = await loaderOf(large)
    expect(await loader.load('contact')).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(contactsOf(large))
    const [first, ...others] = loader.calls()
    expect(first).toBe('10000')
    expect(others.toSorted()).toEqual(['1 from the end', '10000 beyond', '10000 beyond', 'count'])
  })

  it('reads slices at once when the size is known, and what they leave over before them', async () => {
    await using loader = await loaderOf(large)
    await loader.district.sizes.count('contact', callerWaiting())
    expect(await loader.load('contact')).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(contactsOf(large))
    const [counted, ...others] = loader.calls()
    expect(counted).toBe('count')
    expect(others.slice(0, 2).toSorted()).toEqual(['1 from the end', '2500'])
    expect(others.slice(2)).toEqual(['10000 beyond', '10000 beyond'])
  })

  it('asks for a whole number of rows where their number is an estimate', async () => {
    await using loader = await loaderOf(large)
    loader.district.sizes.guess('contact', 21_500.25)
    expect(await loader.load('contact')).toBe(true)
    expect(loader.calls().slice(0, 2).toSorted()).toEqual(['1 from the end', '2501'])
  })

  it('reads a role that has grown since it was whole in slices too', async () => {
    await using loader = await loaderOf(large)
    const { store, reader } = loader.district
    const asOf = Date.now() - 1_000
    const nothing = { rows: [], leftOut: 0, isLast: true, isLinked: false, hasNameless: false }
    store.putRange({ role: 'contact', direction: 'forwards', beyond: undefined, limit: 10 }, nothing, asOf)
    expect(await reader.fullLoad('contact', callerWaiting(WAIT_MS), asOf + 500)).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(contactsOf(large))
    expect(loader.calls().toSorted()).toEqual([
      '1 from the end',
      '10000',
      '10000 beyond',
      '10000 beyond',
      'count',
    ])
  })

  it('does not repeat a count that has failed', async () => {
    const sandbox = await startSandbox({ students: 100, contacts: 12_000 })
    onTestFinished(() => sandbox.close())
    sandbox.faults.add({ path: /count=true/, status: 400 })
    await using loader = await loaderOf(sandbox)
    expect(await loader.district.sizes.learnRows('contact', callerWaiting())).toBeUndefined()
    expect(await loader.load('contact')).toBe(true)
    expect(loader.calls().filter((call) => call === 'count')).toHaveLength(1)
  })

  it('needs no count', async () => {
    const sandbox = await startSandbox({ students: 100, contacts: 12_000 })
    onTestFinished(() => sandbox.close())
    sandbox.faults.add({ path: /count=true/, status: 200, body: '{}' })
    await using loader = await loaderOf(sandbox)
    expect(await loader.load('contact')).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(contactsOf(sandbox))
    expect(loader.calls().toSorted()).toEqual(['1 from the end', '10000', '10000 beyond', 'count'])
  })

  it('leaves only whole pages when the request ends, and calls no more', async () => {
    await using loader = await loaderOf(large)
    const { reader, store } = loader.district
    const gone = new AbortController()
    const load = reader.fullLoad('contact', callerWaiting(WAIT_MS, gone.signal), 0, () => gone.abort())
    await expect(load).rejects.toThrow()
    const { length } = loader.calls()
    await nextTurn()
    expect(loader.calls()).toHaveLength(length)
    const contacts = new Set(contactsOf(large))
    const known = store.coverage('contact').map(({ upTo }) => upTo)
    expect(known.filter((id) => id !== END && !contacts.has(id))).toEqual([])
    expect(await loader.load('contact')).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(contactsOf(large))
  })

  it('reads page after page beyond known records where Clever looks cursors up', async () => {
    const sandbox = await startSandbox({ students: 3_000, contacts: 12_000, cursors: 'lookups' })
    onTestFinished(() => sandbox.close())
    await using loader = await loaderOf(sandbox)
    await loader.district.sizes.count('contact', callerWaiting())
    expect(await loader.load('contact')).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(contactsOf(sandbox))
  })

  it.each<[string, boolean, number]>([
    // Four pages are full. One call checks the last page, because this Clever does not link to the page before it.
    ['', false, 4 + 3 + 1 + 1],
    // With 1,000 rows before them, there are five slices, and three calls look where ids become sparse.
    [', and the size is known', true, 5 + 2 + 3 + 1 + 1],
  ])('costs few calls more where almost all ids are of one minute%s', async (_title, isKnown, most) => {
    const users = Array.from({ length: 40_000 }, (_, n) => {
      const seconds = Math.floor(n < 38_000 ? 0x5f000000 + n / 640 : 0x5f001000 + n * 900)
      const id = `${seconds.toString(16)}0000000000${n.toString(16).padStart(6, '0')}`
      return { id, role: 'contact' as const }
    })
    await using fake = await startFakeClever(users)
    await using loader = await loaderOf(fake.sandbox)
    if (isKnown) await loader.district.sizes.count('contact', callerWaiting())
    expect(await loader.load('contact')).toBe(true)
    expect(idsIn(loader.district, 'contact')).toEqual(users.map(({ id }) => id))
    expect(loader.calls().length).toBeLessThanOrEqual(most)
  })
})

describe('a full load that is under way', () => {
  it('answers a request too, and is then as urgent as the request', async () => {
    const clock = createFakeClock()
    const person = { isStudent: false, contactOf: [] }
    const users = Array.from({ length: 3 }, (_, n) => userOf(n, person, 0))
    const roster = new Map(users.map((user, n) => [userId(n), user]))
    const { district, calls } = startCounting({ roster, clock, callsLeft: 100 })
    const { reader, store } = district
    const background = { ...callerOf(clock, 5), priority: 'BACKGROUND' as const }
    const request = callerOf(clock, 5)
    const both = [background, request].map((caller) => reader.fullLoad('contact', caller, 0))
    expect(await Promise.all(both)).toEqual([true, true])
    expect(calls).toEqual(['range undefined 10000'])
    expect(gaps(store.coverage('contact'), EVERYTHING, 0)).toEqual([])
  })
})
