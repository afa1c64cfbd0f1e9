import { describe, expect, it } from 'vitest'
import type { Call } from '../../src/sandbox/call-log.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { eventually } from '../support/eventually.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway, type TestGateway, type TestOptions } from '../support/gateway.ts'

const QUERY = `{
  contacts(first: 100) { nodes { id displayName relationships { studentId student { id displayName } } } }
}`
const RANGE = /\/users\?role=student&limit=\d+&starting_after=[0-9a-f]{24}$/
const SINGLE = /\/users\/[0-9a-f]{24}$/

interface ContactNode {
  readonly relationships: readonly {
    readonly studentId: string
    readonly student: { readonly id: string } | null
  }[]
}

/** A Clever that looks cursors up has no ranges: after a try, each student is a call. */
function start(options: TestOptions = {}) {
  return startGateway({ ...options, sandbox: { students: 80, cursors: 'lookups-empty', ...options.sandbox } })
}

/** Asks, and lets the time of the request pass as soon as that many calls have met the fault. */
async function askInVain(options: TestOptions, fault: Fault & { readonly path: RegExp }, calls: number) {
  const clock = createFakeClock(Date.now())
  const gateway = await start({ ...options, clock, sandbox: { now: clock.now, ...options.sandbox } })
  gateway.sandbox.faults.add(fault)
  const asking = gateway.ask(QUERY)
  const isHit = ({ path, query }: Call) => fault.path.test(query ? `${path}?${query}` : path)
  await eventually(() =>
    expect(gateway.sandbox.calls.all().filter(isHit).length).toBeGreaterThanOrEqual(calls),
  )
  await clock.advance(options.requestTimeout ?? expect.unreachable())
  return { gateway, reply: await asking, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
}

/** Every student is there, or is null with an error at that very place, or is not shared. */
function expectPartial(gateway: TestGateway, { data, errors }: Awaited<ReturnType<TestGateway['ask']>>) {
  const nodes: ContactNode[] = data.contacts.nodes
  expect(nodes).toHaveLength(100)
  const failed = new Set(errors.map(({ path }) => path?.join('.')))
  const unshared = new Set(gateway.sandbox.districts[0]?.unsharedStudents)
  const seen = { answered: 0, failed: 0 }
  nodes.forEach(({ relationships }, contact) => {
    relationships.forEach(({ studentId, student }, entry) => {
      const hasFailed = failed.has(`contacts.nodes.${contact}.relationships.${entry}.student`)
      if (student === null) expect(hasFailed || unshared.has(studentId)).toBe(true)
      else expect([student.id, hasFailed]).toEqual([studentId, false])
      seen[hasFailed ? 'failed' : 'answered'] += 1
    })
  })
  return { ...seen, codes: new Set(errors.map(({ extensions }) => extensions.code)) }
}

/** The page and the number of students are asked for side by side. */
const FIRST_CALLS = ['/users?role=contact&limit=101', '/users?role=student&count=true']

// Many of these wait for the pauses between two attempts.
describe.concurrent('a page of 100 contacts with their students', () => {
  it('costs one call for the page, one to count the students, one for all of them, and none when it is asked for again', async () => {
    await using gateway = await start({ sandbox: { cursors: 'ranges' } })
    const reply = await gateway.ask(QUERY)
    expect(reply.errors).toEqual([])
    expect(expectPartial(gateway, reply).failed).toBe(0)
    expect(reply.calls.slice(0, 2).toSorted()).toEqual(FIRST_CALLS)
    expect(reply.calls.slice(2)).toEqual([expect.stringMatching(RANGE)])
    const again = await gateway.ask(QUERY)
    expect(again.data).toEqual(reply.data)
    expect(again.calls).toEqual([])
  })

  it('costs one call for each student, and no student is asked for twice, where Clever has no ranges', async () => {
    await using gateway = await start()
    const reply = await gateway.ask(QUERY)
    expect(reply.errors).toEqual([])
    expect(expectPartial(gateway, reply).failed).toBe(0)
    // Two calls more find out that the empty page proves nothing.
    expect(reply.calls.slice(0, 2).toSorted()).toEqual(FIRST_CALLS)
    const [range, last, first, ...singles] = reply.calls.slice(2)
    expect(range).toMatch(RANGE)
    expect(last).toMatch(/^\/users\?role=student&limit=1&ending_before=/)
    expect(first).toBe('/users?role=student&limit=1')
    expect(new Set(singles).size).toBe(singles.length)
    const nodes: ContactNode[] = reply.data.contacts.nodes
    const students = new Set(
      nodes.flatMap(({ relationships }) => relationships.map(({ studentId }) => studentId)),
    )
    expect(new Set(singles)).toEqual(new Set([...students].map((id) => `/users/${id}`)))
  })

  it('comes in part when Clever is killed half way', async () => {
    await using gateway = await start()
    gateway.sandbox.faults.add({ path: SINGLE, delayMs: 30 })
    const asking = gateway.ask(QUERY)
    await eventually(() =>
      expect(
        gateway.sandbox.calls.all().filter(({ path, status }) => SINGLE.test(path) && status === 200).length,
      ).toBeGreaterThan(10),
    )
    await gateway.sandbox.close()
    const seen = expectPartial(gateway, await asking)
    expect(seen.answered).toBeGreaterThan(0)
    expect(seen.failed).toBeGreaterThan(0)
    expect(seen.codes).toEqual(new Set(['UPSTREAM_UNAVAILABLE']))
  })

  it.each<[string, Omit<Fault, 'path'>]>([
    ['is too slow', { delayMs: 60_000, times: 40 }],
    ['stalls in the middle of answers', { stall: 'mid-body', times: 40 }],
  ])('comes in part, as soon as its time is over, when Clever %s', async (_name, fault) => {
    await using asked = await askInVain({ requestTimeout: 2_000 }, { path: SINGLE, ...fault }, 40)
    expect(asked.reply.status).toBe(200)
    const seen = expectPartial(asked.gateway, asked.reply)
    expect(seen.failed).toBeGreaterThanOrEqual(40)
    expect(seen.codes).toEqual(new Set(['UPSTREAM_TIMEOUT']))
  })

  it.each<[string, Omit<Fault, 'path'>, string, number, number?]>([
    ['answers with other JSON', { status: 200, body: '{}', times: 30 }, 'UPSTREAM_INVALID_RESPONSE', 30],
    // Until the last of eighty has been tried four times.
    ['garbles', { garble: true }, 'UPSTREAM_UNAVAILABLE', 1, 10_000],
    ['answers with HTML', { status: 200, body: '<html></html>' }, 'UPSTREAM_UNAVAILABLE', 1, 10_000],
    ['stays down', { status: 503 }, 'UPSTREAM_UNAVAILABLE', 1, 10_000],
    ['refuses the token', { status: 401, times: 5 }, 'UPSTREAM_UNAUTHORIZED', 1],
  ])(
    'comes in part, and in time, when Clever %s',
    async (_name, fault, code, least, requestTimeout = 2_000) => {
      await using gateway = await start({ requestTimeout })
      gateway.sandbox.faults.add({ path: SINGLE, ...fault })
      const startedAt = Date.now()
      const reply = await gateway.ask(QUERY)
      expect(Date.now() - startedAt).toBeLessThan(requestTimeout + 2_000)
      expect(reply.status).toBe(200)
      const seen = expectPartial(gateway, reply)
      expect(seen.failed).toBeGreaterThanOrEqual(least)
      expect(seen.codes).toEqual(new Set([code]))
    },
  )

  it.each<[string, Omit<Fault, 'path'>]>([
    ['is too slow', { delayMs: 60_000 }],
    ['stalls in the middle of the answer', { stall: 'mid-body' }],
  ])(
    'comes without its students, as soon as its time is over, when Clever %s for the range of all',
    async (_name, fault) => {
      const options: TestOptions = { requestTimeout: 2_000, sandbox: { cursors: 'ranges' } }
      await using asked = await askInVain(options, { path: RANGE, ...fault }, 1)
      expect(asked.reply.status).toBe(200)
      const seen = expectPartial(asked.gateway, asked.reply)
      expect(seen.answered).toBe(0)
      expect(seen.codes).toEqual(new Set(['UPSTREAM_TIMEOUT']))
      expect(asked.gateway.sandbox.calls.count(SINGLE)).toBe(0)
    },
  )

  it.each<[string, Omit<Fault, 'path'>, string]>([
    ['answers with other JSON', { status: 200, body: '{}' }, 'UPSTREAM_INVALID_RESPONSE'],
    ['garbles', { garble: true }, 'UPSTREAM_UNAVAILABLE'],
    ['stays down', { status: 503 }, 'UPSTREAM_UNAVAILABLE'],
    ['refuses the token', { status: 401 }, 'UPSTREAM_UNAUTHORIZED'],
  ])(
    'comes without its students, and in time, when Clever %s for the range of all',
    async (_name, fault, code) => {
      await using gateway = await start({ requestTimeout: 2_000, sandbox: { cursors: 'ranges' } })
      gateway.sandbox.faults.add({ path: RANGE, ...fault })
      const startedAt = Date.now()
      const reply = await gateway.ask(QUERY)
      expect(Date.now() - startedAt).toBeLessThan(4_000)
      expect(reply.status).toBe(200)
      const seen = expectPartial(gateway, reply)
      expect(seen.answered).toBe(0)
      expect(seen.codes).toEqual(new Set([code]))
      expect(gateway.sandbox.calls.count(SINGLE)).toBe(0)
    },
  )

  it.each(['ranges', 'lookups-empty'] as const)(
    'comes whole when Clever only stumbles, whether it takes cursors for places or not: %s',
    async (cursors) => {
      await using gateway = await start({ sandbox: { cursors } })
      for (const path of [RANGE, SINGLE]) {
        const times = path === RANGE ? 1 : 15
        gateway.sandbox.faults.add({ path, times, status: 502 })
        gateway.sandbox.faults.add({ path, times, cut: 'mid-body' })
      }
      const reply = await gateway.ask(QUERY)
      expect(reply.errors).toEqual([])
      expect(expectPartial(gateway, reply).failed).toBe(0)
    },
  )

  it('comes in part, with the seconds to wait, when the minute is spent', async () => {
    await using gateway = await start({ sandbox: { requestsPerMinute: 40 } })
    await gateway.ask('{ district { name } }')
    const reply = await gateway.ask(QUERY)
    const seen = expectPartial(gateway, reply)
    expect(seen.codes).toEqual(new Set(['UPSTREAM_RATE_LIMITED']))
    expect(reply.errors[0]?.extensions.retryAfterSeconds).toBeGreaterThan(30)
    expect(gateway.sandbox.calls.busiestWindow()).toBe(40)
  })

  it('is null with a code when the page itself cannot be had', async () => {
    await using asked = await askInVain({ requestTimeout: 1_000 }, { path: /\/users\?/, delayMs: 60_000 }, 1)
    const { data, errors } = asked.reply
    expect(data).toEqual({ contacts: null })
    expect(errors.map(({ extensions, path }) => [extensions.code, path])).toEqual([
      ['UPSTREAM_TIMEOUT', ['contacts']],
    ])
  })

  it('is given up when the one who asked has hung up', async () => {
    await using gateway = await start()
    gateway.sandbox.faults.add({ path: SINGLE, delayMs: 100 })
    const hangUp = new AbortController()
    const asking = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: gateway.authorization },
      body: JSON.stringify({ query: QUERY }),
      signal: hangUp.signal,
    }).catch((error: unknown) => error)
    await eventually(() => expect(gateway.sandbox.calls.count(SINGLE)).toBeGreaterThan(0))
    hangUp.abort()
    expect(await asking).toBeInstanceOf(DOMException)
    await eventually(() => expect(gateway.lines.join('')).toContain('"status":"hung up"'))
    await gateway.ask('{ district { id } }')
    // The page, the count, the try and its proof, what was side by side when the line was hung up, and the district: of some eighty students.
    expect(gateway.sandbox.calls.count()).toBeLessThanOrEqual(2 + 3 + 64 + 1)
    expect(gateway.lines.join('')).not.toContain('unexpected error')
  })

  it('leaks nothing of the people into the log or an error, whatever Clever does', async () => {
    await using gateway = await start({ requestTimeout: 1_500 })
    for (const fault of [
      { garble: true },
      { stall: 'mid-body' },
      { status: 500 },
      { cut: 'mid-body' },
    ] as const) {
      gateway.sandbox.faults.add({ path: SINGLE, times: 20, ...fault })
    }
    gateway.sandbox.faults.add({ path: /role=contact/, times: 1, garble: true })
    gateway.sandbox.faults.add({ path: RANGE, times: 1, garble: true })
    const replies = [await gateway.ask(QUERY), await gateway.ask(QUERY), await gateway.ask(QUERY)]
    expect(gateway.sandbox.calls.count(SINGLE)).toBeGreaterThan(40)
    const told =
      JSON.stringify(replies.map(({ errors }) => errors)) +
      gateway.lines.join('') +
      (await gateway.metrics.registry.metrics())
    const token = gateway.sandbox.districts[0]?.token ?? expect.unreachable()
    for (const secret of [token, 'Collins', 'Whitfield', '@', 'http://']) expect(told).not.toContain(secret)
    // A phone, however it is written; three digits alone may be a part of any figure.
    expect(told).not.toMatch(/\(\d{3}\)|555[-. ]?01\d\d\b/)
  })
})
