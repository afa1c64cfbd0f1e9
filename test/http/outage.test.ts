import { describe, expect, it, vi } from 'vitest'
import {
  type Claims,
  guardian,
  SERVICE,
  startGateway,
  type TestGateway,
  type TestOptions,
} from '../support/gateway.ts'
import { createImpatientClock } from './impatient-clock.ts'

const AGES = { displayMs: 300_000, displayMaxMs: 3_600_000, decisionMs: 60_000 }
const MINUTE = 60_000

const CONTACT = 'query ($id: ID!) { contact(id: $id) { id displayName } }'
const STUDENT = 'query ($id: ID!) { student(id: $id) { id relationships { contactId } } }'
const PRIVILEGES = 'query ($id: ID!) { contact(id: $id) { relationships { studentId privileges } } }'
const PAGE = '{ contacts(first: 25) { nodes { id } } }'

async function start(options: TestOptions = {}) {
  const clock = createImpatientClock()
  const gateway = await startGateway({
    clock,
    ages: AGES,
    ...options,
    sandbox: { students: 40, now: clock.now, ...options.sandbox },
  })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  return {
    clock,
    gateway,
    district,
    contact: district.contacts[10] ?? expect.unreachable(),
    student: district.students[10] ?? expect.unreachable(),
    breakDown: () => gateway.sandbox.faults.add({ path: /./, status: 503 }),
    /** With what stands beside the answer, and a token that is as young as the clock. */
    ask: (query: string, variables: object = {}, as: Claims = { ...SERVICE }) =>
      askWhole(gateway, query, variables, as),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

async function askWhole(gateway: TestGateway, query: string, variables: object, as: Claims) {
  const before = gateway.sandbox.calls.count()
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await gateway.tokenFor(as)}` },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors = [], extensions } = await response.json()
  const codes: string[] = errors.map((error: { extensions: { code: string } }) => error.extensions.code)
  return {
    data,
    errors,
    codes,
    freshness: extensions?.freshness,
    calls: gateway.sandbox.calls.count() - before,
  }
}

/** The pauses before further attempts take a few seconds. */
function expectNearly(seconds: number, expected: number) {
  expect(seconds).toBeGreaterThanOrEqual(expected)
  expect(seconds).toBeLessThan(expected + 10)
}

describe('while Clever is down for an hour', () => {
  it('what was read before is shown, with its age, and said to be stale', async () => {
    await using scene = await start()
    const { clock, contact } = scene
    const before = await scene.ask(CONTACT, { id: contact })
    expect(before.freshness).toMatchObject({ seconds: 0, isStale: false })
    scene.breakDown()
    for (const minutes of [10, 30, 59]) {
      const since = Date.parse(before.freshness.oldest)
      await clock.advance(since + minutes * MINUTE - clock.now())
      const { data, errors, freshness } = await scene.ask(CONTACT, { id: contact })
      expect([data, errors]).toEqual([before.data, []])
      expect(freshness).toMatchObject({ oldest: before.freshness.oldest, isStale: true })
      expectNearly(freshness.seconds, minutes * 60)
    }
  })

  it('and what is young is shown without asking, as not stale', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    scene.breakDown()
    await scene.clock.advance(4 * MINUTE)
    const { freshness, calls } = await scene.ask(CONTACT, { id: scene.contact })
    expect([freshness.seconds, freshness.isStale, calls]).toEqual([240, false, 0])
  })

  it('nothing is shown beyond the hard maximum', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    scene.breakDown()
    await scene.clock.advance(AGES.displayMaxMs + 1)
    const { data, codes } = await scene.ask(CONTACT, { id: scene.contact })
    expect([data, codes]).toEqual([{ contact: null }, ['UPSTREAM_UNAVAILABLE']])
  })

  it('what was never read is an error, beside what was', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    scene.breakDown()
    await scene.clock.advance(10 * MINUTE)
    const both =
      'query ($id: ID!, $other: ID!) { known: contact(id: $id) { id } other: contact(id: $other) { id } }'
    const { data, errors, codes } = await scene.ask(both, {
      id: scene.contact,
      other: scene.district.contacts[20],
    })
    expect(data).toEqual({ known: { id: scene.contact }, other: null })
    expect([codes, errors[0].path]).toEqual([['UPSTREAM_UNAVAILABLE'], ['other']])
  })

  it('lists, and the contacts of a student, are shown as they were', async () => {
    await using scene = await start({ warm: 'eager' })
    await vi.waitFor(() =>
      expect(scene.gateway.lines.join('').match(/all of a role is known/g)).toHaveLength(2),
    )
    const before = [await scene.ask(PAGE), await scene.ask(STUDENT, { id: scene.student })]
    scene.breakDown()
    await scene.clock.advance(40 * MINUTE)
    const after = [await scene.ask(PAGE), await scene.ask(STUDENT, { id: scene.student })]
    expect(after.map(({ data, errors }) => [data, errors])).toEqual(before.map(({ data }) => [data, []]))
    for (const { freshness } of after) {
      expect(freshness.isStale).toBe(true)
      expectNearly(freshness.seconds, 40 * 60)
    }
  })

  it('no request waits long: a few seconds after a failure the store answers without a call', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    scene.breakDown()
    await scene.clock.advance(10 * MINUTE)
    expect((await scene.ask(CONTACT, { id: scene.contact })).calls).toBeGreaterThan(0)
    expect((await scene.ask(CONTACT, { id: scene.contact })).calls).toBe(0)
    await scene.clock.advance(6_000)
    expect((await scene.ask(CONTACT, { id: scene.contact })).calls).toBeGreaterThan(0)
  })

  it('a guardian gets no, however lately it was yes', async () => {
    await using scene = await start()
    const as = guardian(scene.contact)
    const mine = '{ contactsViewer { students { studentId privileges } } }'
    expect((await scene.ask(mine, {}, as)).errors).toEqual([])
    scene.breakDown()
    await scene.clock.advance(AGES.decisionMs - 1_000)
    expect((await scene.ask(mine, {}, as)).errors).toEqual([])
    await scene.clock.advance(2_000)
    const { data, codes } = await scene.ask(mine, {}, as)
    expect(data.contactsViewer?.students ?? null).toBeNull()
    expect(codes).toEqual(['UPSTREAM_UNAVAILABLE'])
  })

  it('privileges are null, with an error, beside relationships that are shown', async () => {
    await using scene = await start()
    const before = await scene.ask(PRIVILEGES, { id: scene.contact })
    expect(before.errors).toEqual([])
    scene.breakDown()
    await scene.clock.advance(2 * MINUTE)
    const { data, codes } = await scene.ask(PRIVILEGES, { id: scene.contact })
    const entries: { studentId: string; privileges: unknown }[] = data.contact.relationships
    expect(entries.map(({ privileges }) => privileges)).toEqual(entries.map(() => null))
    expect(new Set(codes)).toEqual(new Set(['UPSTREAM_UNAVAILABLE']))
    expect(entries.length).toBeGreaterThan(0)
  })

  it('it is as before when Clever is back', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    const mend = scene.breakDown()
    await scene.clock.advance(10 * MINUTE)
    await scene.ask(CONTACT, { id: scene.contact })
    mend()
    await scene.clock.advance(6_000)
    const { freshness, errors } = await scene.ask(CONTACT, { id: scene.contact })
    expect([freshness.seconds, freshness.isStale, errors]).toEqual([0, false, []])
  })
})

describe('where nothing may be remembered', () => {
  it('what has just been read is not stale', async () => {
    await using scene = await start({ ages: { displayMs: 0, displayMaxMs: 0, decisionMs: 0 } })
    scene.gateway.sandbox.faults.add({ path: /users/, times: 1, delayMs: 30 })
    const asked = scene.ask(CONTACT, { id: scene.contact })
    await vi.waitFor(() => expect(scene.gateway.sandbox.calls.count()).toBe(1), { interval: 1 })
    await scene.clock.advance(25)
    const { errors, freshness } = await asked
    expect([errors, freshness.isStale]).toEqual([[], false])
  })
})

describe('a token that is refused', () => {
  it('shows nothing of what was read before', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    await scene.clock.advance(10 * MINUTE)
    scene.gateway.sandbox.faults.add({ path: /./, status: 401 })
    const { data, codes } = await scene.ask(CONTACT, { id: scene.contact })
    expect([data, codes]).toEqual([{ contact: null }, ['UPSTREAM_UNAUTHORIZED']])
    expect(scene.gateway.districts.memoryLimit.bytes).toBe(0)
  })

  it('shows nothing either when Clever is down afterwards', async () => {
    await using scene = await start()
    await scene.ask(CONTACT, { id: scene.contact })
    await scene.clock.advance(10 * MINUTE)
    const accept = scene.gateway.sandbox.faults.add({ path: /./, status: 401 })
    await scene.ask(CONTACT, { id: scene.contact })
    accept()
    scene.breakDown()
    const { data, codes } = await scene.ask(CONTACT, { id: scene.contact })
    expect([data, codes]).toEqual([{ contact: null }, ['UPSTREAM_UNAVAILABLE']])
  })
})

describe('a window that is spent', () => {
  it('is never overrun, and a request that comes too late is refused at once, with the seconds', async () => {
    await using scene = await start({ sandbox: { requestsPerMinute: 30 } })
    const replies = await Promise.all(
      scene.district.contacts.slice(0, 40).map((id) => scene.ask(CONTACT, { id })),
    )
    const refused = replies.filter(({ codes }) => codes.length > 0)
    expect(refused).toHaveLength(10)
    for (const { errors } of refused) {
      expect(errors[0].extensions.code).toBe('UPSTREAM_RATE_LIMITED')
      expect(errors[0].extensions.retryAfterSeconds).toBeGreaterThan(0)
      expect(errors[0].extensions.retryAfterSeconds).toBeLessThanOrEqual(61)
    }
    expect(scene.gateway.sandbox.calls.busiestWindow()).toBeLessThanOrEqual(30)
  })

  it('shows what was read before, if it is not too old', async () => {
    await using scene = await start({ sandbox: { requestsPerMinute: 10 } })
    await scene.ask(CONTACT, { id: scene.contact })
    await scene.clock.advance(10 * MINUTE)
    await Promise.all(scene.district.contacts.slice(20, 40).map((id) => scene.ask(CONTACT, { id })))
    const { errors, freshness } = await scene.ask(CONTACT, { id: scene.contact })
    expect([errors, freshness.isStale]).toEqual([[], true])
  })

  it('is never overrun in a storm of requests, polls and refusals that goes on for minutes', async () => {
    await using scene = await start({ warm: 'eager', sandbox: { requestsPerMinute: 40 } })
    for (let minute = 0; minute < 5; minute += 1) {
      if (minute === 2) scene.gateway.sandbox.faults.add({ path: /./, times: 3, status: 429 })
      await Promise.all(scene.district.students.slice(0, 30).map((id) => scene.ask(STUDENT, { id })))
      await scene.clock.advance(31_000)
    }
    expect(scene.gateway.sandbox.calls.busiestWindow()).toBeLessThanOrEqual(40)
  })

  it('keeps half for those who wait, whatever is done in the background', async () => {
    await using scene = await start({ warm: 'eager', sandbox: { requestsPerMinute: 4, students: 24 } })
    // Events, and the contacts: then the reserve is all that is left.
    await vi.waitFor(() => expect(scene.gateway.sandbox.calls.count()).toBe(2))
    const { data, errors } = await scene.ask('query ($id: ID!) { student(id: $id) { id } }', {
      id: scene.student,
    })
    expect([data.student, errors]).toEqual([{ id: scene.student }, []])
    expect(scene.gateway.sandbox.calls.count()).toBe(3)
  })

  it('keeps no request waiting for a page that is also asked for in the background', async () => {
    await using scene = await start({
      warm: 'eager',
      requestTimeout: 1_500,
      sandbox: { requestsPerMinute: 4 },
    })
    await vi.waitFor(() => expect(scene.gateway.sandbox.calls.count()).toBe(2))
    scene.gateway.forget()
    const { data, codes } = await scene.ask(PAGE)
    expect(codes).toEqual([])
    expect(data.contacts.nodes).toHaveLength(25)
  })
})
