import { createServer } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import type { CleverOptions } from '../../src/clever/connect.ts'
import { CleverUnavailable } from '../../src/model/clever-errors.ts'
import { parseUserId } from '../../src/model/ids.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { callerWaiting, startClever } from '../support/clever.ts'
import { SERVICE, startGateway, type TestGateway, type TestOptions } from '../support/gateway.ts'
import { createImpatientClock } from './impatient-clock.ts'

const CONTACT = 'query ($id: ID!) { contact(id: $id) { id displayName } }'
const TEN_MINUTES = 600_000

async function start(options: TestOptions = {}) {
  const clock = createImpatientClock()
  const gateway = await startGateway({
    clock,
    ...options,
    sandbox: { students: 40, now: clock.now, ...options.sandbox },
  })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const id = district.contacts[10] ?? expect.unreachable()
  return { clock, gateway, district, id }
}

const codesOf = ({ errors }: Awaited<ReturnType<TestGateway['ask']>>) =>
  errors.map(({ extensions }) => extensions.code)

const OUTAGES: readonly (readonly [string, Omit<Fault, 'path'>])[] = [
  ...[300, 301, 302, 303, 304, 307, 308, 408, 425, 500, 501, 502, 503, 504, 505, 511].map(
    (status) => [`status ${status}`, { status }] as const,
  ),
  ...[520, 521, 522, 530, 599].map((status) => [`status ${status}`, { status, body: '<html>' }] as const),
  ['302 to a status page', { status: 302, headers: { location: 'https://status.example.com/' } }],
  ['an HTML maintenance page', { status: 200, body: '<html><body>Maintenance</body></html>' }],
  [
    'JSON that calls itself HTML',
    { status: 200, body: '{"data":{}}', headers: { 'content-type': 'text/html' } },
  ],
  ['an empty body', { status: 200, body: '' }],
  ['no content', { status: 204 }],
  ['truncated JSON', { garble: true }],
  ['a connection that breaks', { cut: 'mid-body' }],
]

describe('C8: an outage', () => {
  it.each(OUTAGES)(
    '%s: known data is shown, marked stale; anything else is unavailable',
    async (_, fault) => {
      const scene = await start()
      await using gateway = scene.gateway
      const before = await gateway.ask(CONTACT, { id: scene.id })
      await scene.clock.advance(TEN_MINUTES)
      gateway.sandbox.faults.add({ path: /./, ...fault })
      const as = { ...SERVICE }
      const known = await gateway.ask(CONTACT, { id: scene.id }, as)
      expect([known.data, known.errors]).toEqual([before.data, []])
      expect(known.extensions?.freshness?.isStale).toBe(true)
      expect(known.calls).toHaveLength(4)
      const unknown = await gateway.ask(CONTACT, { id: scene.district.contacts[0] }, as)
      expect([unknown.data, codesOf(unknown)]).toEqual([{ contact: null }, ['UPSTREAM_UNAVAILABLE']])
    },
  )

  it.each(OUTAGES.filter((_, i) => i % 4 === 0))(
    'of the list of tokens, %s: the tokens that are known hold',
    async (_, fault) => {
      const scene = await start({ source: 'client' })
      await using gateway = scene.gateway
      await gateway.ask(CONTACT, { id: scene.id })
      await scene.clock.advance(2 * TEN_MINUTES)
      gateway.sandbox.faults.add({ path: /oauth/, ...fault })
      const { data, errors } = await gateway.ask(CONTACT, { id: scene.id }, { ...SERVICE })
      expect([data.contact?.id, errors]).toEqual([scene.id, []])
    },
  )

  it('of the list of tokens from the start: unavailable, and over when the outage is', async () => {
    const scene = await start({ source: 'client' })
    await using gateway = scene.gateway
    const mend = gateway.sandbox.faults.add({ path: /oauth/, status: 200, body: '<html>' })
    expect(codesOf(await gateway.ask(CONTACT, { id: scene.id }))).toEqual(['UPSTREAM_UNAVAILABLE'])
    mend()
    expect(codesOf(await gateway.ask(CONTACT, { id: scene.id }))).toEqual([])
  })

  it.each(OUTAGES.filter((_, i) => i % 6 === 0))(
    'of the events, %s: they are not taken for off',
    async (_, fault) => {
      const scene = await start({ warm: 'eager', eventsInterval: 1_000 })
      await using gateway = scene.gateway
      const log = () => gateway.lines.join('')
      await vi.waitFor(() => expect(log().split('all of a role is known')).toHaveLength(3), 5_000)
      gateway.sandbox.faults.add({ path: /events/, ...fault })
      await vi.waitFor(async () => {
        await scene.clock.advance(3_000)
        expect(log()).toContain('Clever cannot be reached in the background')
      }, 5_000)
      expect(log()).not.toContain('the district has no events')
      expect((await gateway.ask(CONTACT, { id: scene.id }, { ...SERVICE })).data.contact?.id).toBe(scene.id)
    },
  )

  it.each([400, 410, 413, 422])(
    'is not what %i means: the question was wrong, and is not repeated',
    async (status) => {
      const scene = await start()
      await using gateway = scene.gateway
      gateway.sandbox.faults.add({ path: /users/, status })
      const reply = await gateway.ask(CONTACT, { id: scene.id })
      expect([codesOf(reply), reply.calls.length]).toEqual([['UPSTREAM_INVALID_RESPONSE'], 1])
    },
  )
})

describe('C9: a refusal', () => {
  const DECIDED = 'query ($id: ID!) { student(id: $id) { id } }'

  it.each<[string, RegExp, number, string]>([
    [
      "a student's contacts, 403",
      /mycontacts/,
      403,
      '{ student(id: "$student") { relationships { contactId } } }',
    ],
    ['one contact, 403', /users\/$contact/, 403, '{ contact(id: "$contact") { id } }'],
    ['one contact, 451', /users\/$contact/, 451, '{ contact(id: "$contact") { id } }'],
    ['the list of students, 403', /role=student/, 403, '{ students(first: 3) { nodes { id } } }'],
    ['the list of students, 404', /role=student/, 404, '{ students(first: 3) { nodes { id } } }'],
    ['the list of contacts, 403', /role=contact/, 403, '{ contacts(first: 3) { nodes { id } } }'],
    ['the count, 403', /count=true/, 403, '{ contacts(first: 3) { totalCount } }'],
  ])('of %s, is an error for that question only: nothing is forgotten', async (_, path, status, query) => {
    const scene = await start()
    await using gateway = scene.gateway
    await gateway.ask(CONTACT, { id: scene.id })
    const names: Record<string, string | undefined> = {
      $student: scene.district.students[3],
      $contact: scene.district.contacts[20],
    }
    const fill = (text: string) => text.replace(/\$[a-z]+/, (name) => names[name] ?? '')
    gateway.sandbox.faults.add({ path: new RegExp(fill(path.source)), status })
    for (let time = 0; time < 3; time += 1)
      expect(codesOf(await gateway.ask(fill(query)))).toContain('UPSTREAM_FORBIDDEN')
    const again = await gateway.ask(CONTACT, { id: scene.id })
    expect([again.data.contact?.id, again.errors, again.calls]).toEqual([scene.id, [], []])
  })

  it("of a teacher's students, is an error for the teacher only: nothing is forgotten", async () => {
    const scene = await start()
    await using gateway = scene.gateway
    await gateway.ask(CONTACT, { id: scene.id })
    gateway.sandbox.faults.add({ path: /mystudents/, status: 403 })
    const [student = ''] = scene.district.students
    const [teacher] = scene.district.roster.teachersOf(student)
    const claims = {
      clever_kind: 'teacher',
      clever_user_id: teacher?.id,
      clever_district_ids: [scene.district.id],
    }
    const refused = await gateway.ask(DECIDED, { id: student }, claims)
    expect([refused.data, codesOf(refused)]).toEqual([{ student: null }, ['UPSTREAM_UNAVAILABLE']])
    const again = await gateway.ask(CONTACT, { id: scene.id })
    expect([again.data.contact?.id, again.errors, again.calls]).toEqual([scene.id, [], []])
  })

  it.each<[string, RegExp, number]>([
    ['everything, 403', /./, 403],
    ['everything, 404', /\/(districts|users\?)|\/users$/, 404],
    ['all users, 403', /users/, 403],
    ['the record of the district and one contact, 403', /districts|users\/[0-9a-f]{24}$/, 403],
    ['everything, 401', /./, 401],
  ])('of %s, is the end of consent: all is forgotten at the first question', async (_, path, status) => {
    const scene = await start()
    await using gateway = scene.gateway
    await gateway.ask(CONTACT, { id: scene.id })
    gateway.sandbox.faults.add({ path, status })
    const query = status === 404 ? '{ contacts(first: 60) { nodes { id } } }' : CONTACT
    const refused = await gateway.ask(query, { id: scene.district.contacts[0] })
    expect(codesOf(refused)).toEqual(['UPSTREAM_UNAUTHORIZED'])
    expect(gateway.districts.memoryLimit.bytes).toBe(0)
  })

  it('of the record of the district itself, is the end of consent', async () => {
    const scene = await start()
    await using gateway = scene.gateway
    await gateway.ask(CONTACT, { id: scene.id })
    gateway.sandbox.faults.add({ path: /districts/, status: 404 })
    expect(codesOf(await gateway.ask('{ district { name } }'))).toEqual(['UPSTREAM_UNAUTHORIZED'])
    expect(gateway.districts.memoryLimit.bytes).toBe(0)
  })

  it('of everything, 403, heard by the poll for events alone, is the end of consent', async () => {
    const scene = await start({ warm: 'eager', eventsInterval: 1_000 })
    await using gateway = scene.gateway
    const log = () => gateway.lines.join('')
    await vi.waitFor(() => expect(log().split('all of a role is known')).toHaveLength(3), 5_000)
    gateway.sandbox.faults.add({ path: /./, status: 403 })
    await vi.waitFor(async () => {
      await scene.clock.advance(1_000)
      expect(gateway.districts.memoryLimit.bytes).toBe(0)
    }, 5_000)
  })

  it('of events, 403, means that they are off: nothing is forgotten', async () => {
    const scene = await start({ warm: 'eager', eventsInterval: 1_000 })
    await using gateway = scene.gateway
    const log = () => gateway.lines.join('')
    await vi.waitFor(() => expect(log().split('all of a role is known')).toHaveLength(3), 5_000)
    gateway.sandbox.faults.add({ path: /events/, status: 403 })
    await vi.waitFor(async () => {
      await scene.clock.advance(1_000)
      expect(log()).toContain('the district has no events')
    }, 5_000)
    expect(gateway.districts.memoryLimit.bytes).toBeGreaterThan(0)
  })

  it('is checked with few calls, however often it is repeated', async () => {
    const scene = await start()
    await using gateway = scene.gateway
    gateway.sandbox.faults.add({ path: /users\/[0-9a-f]{24}$/, status: 403 })
    await Promise.all(scene.district.contacts.slice(0, 20).map((id) => gateway.ask(CONTACT, { id })))
    expect(gateway.sandbox.calls.count()).toBe(20 + 2)
  })

  it('during an outage proves nothing: nothing is forgotten', async () => {
    const scene = await start()
    await using gateway = scene.gateway
    await gateway.ask(CONTACT, { id: scene.id })
    gateway.sandbox.faults.add({ path: `/users/${scene.district.contacts[0]}`, status: 403 })
    gateway.sandbox.faults.add({ path: /./, status: 503 })
    const refused = await gateway.ask(CONTACT, { id: scene.district.contacts[0] })
    expect(codesOf(refused)).toEqual(['UPSTREAM_FORBIDDEN'])
    expect((await gateway.ask(CONTACT, { id: scene.id })).data.contact?.id).toBe(scene.id)
  })
})

describe('C11: calls that never left', () => {
  const MANY = 60

  it('are not counted: 20 s of refused connections leave the whole minute', async () => {
    const clock = createImpatientClock()
    const options = { students: 40, now: clock.now }
    const away = await startSandbox(options)
    const port = Number(new URL(away.url).port)
    await using gateway = await startGateway({ clock, over: away })
    const contacts = away.districts[0]?.contacts.slice(0, MANY) ?? []
    const query = `{ ${contacts.map((id, i) => `c${i}: contact(id: "${id}") { id }`).join(' ')} }`
    await away.close()
    for (let time = 0; time < 8; time += 1) {
      const reply = await gateway.ask(query, {}, { ...SERVICE })
      expect(codesOf(reply)).toEqual(contacts.map(() => 'UPSTREAM_UNAVAILABLE'))
      expect(reply.extensions?.cost).toEqual({ calls: 0, callsLeft: 1_200 })
      await clock.advance(2_500)
    }
    const back = await startSandbox({ ...options, port })
    const reply = await gateway.ask(CONTACT, { id: contacts[0] }, { ...SERVICE })
    expect([reply.data.contact?.id, reply.extensions?.cost.callsLeft]).toEqual([contacts[0], 1_199])
    expect(back.calls.count()).toBe(1)
    await back.close()
  })

  async function lost(options: Partial<CleverOptions>) {
    await using clever = await startClever({}, { clock: createImpatientClock(), ...options })
    const callContext = callerWaiting()
    const id = parseUserId('63850203bfb8460546071ef6') ?? expect.unreachable()
    clever.sandbox.faults.add({ path: /users/, cut: 'before-headers' })
    const error = await clever.district.user(id, callContext).catch((reason: unknown) => reason)
    return { error, calls: callContext.allowance.calls, left: clever.district.callsLeft() }
  }

  it('for want of a name: not counted, and the host is named', async () => {
    const { error, calls, left } = await lost({ apiUrl: 'https://clever.invalid' })
    expect(error).toBeInstanceOf(CleverUnavailable)
    expect(error).toMatchObject({ where: 'clever.invalid', message: expect.stringMatching(/^E/) })
    expect([calls, left]).toEqual([0, 1_200])
  })

  it('for want of TLS: not counted', async () => {
    const server = createServer((socket) => void socket.end('no TLS here\r\n')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { error, calls, left } = await lost({ apiUrl: `https://127.0.0.1:${port}` })
    server.close()
    expect(error).toMatchObject({ name: 'CleverUnavailable', where: `127.0.0.1:${port}` })
    expect([calls, left]).toEqual([0, 1_200])
  })

  it('are not those that were sent and lost: they count', async () => {
    const { error, calls, left } = await lost({})
    expect(error).toMatchObject({ name: 'CleverUnavailable', where: undefined })
    expect([calls, left]).toEqual([4, 1_196])
  })
})

describe('C12: a reset that is now each time', () => {
  it('never makes the gateway send more than the limit in a window of Clever', async () => {
    const limit = 30
    // A request that would have to wait for a place is refused at once.
    const scene = await start({ requestTimeout: 900, sandbox: { requestsPerMinute: limit } })
    await using gateway = scene.gateway
    const reset = { 'x-ratelimit-reset': '0' }
    gateway.sandbox.faults.add({ path: /./, headers: reset })
    for (let second = 0; second < 70; second += 1) {
      await Promise.all(
        scene.district.contacts.slice(0, 5).map((id) => gateway.ask(CONTACT, { id }, { ...SERVICE })),
      )
      gateway.forget()
      await scene.clock.advance(2_000)
    }
    expect(gateway.sandbox.calls.count()).toBeGreaterThan(limit)
    expect(gateway.sandbox.calls.all().filter(({ status }) => status === 429)).toEqual([])
  })
})
