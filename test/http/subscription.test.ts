import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { CHILD, MIXED, NIECE } from '../federation/documented-family.ts'
import { disclosedIn } from '../support/audited.ts'
import { eventually } from '../support/eventually.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { guardian, SERVICE, startGateway, type TestGateway, type TestOptions } from '../support/gateway.ts'
import { CHANGES, subscribe } from '../support/subscribe.ts'

const INTERVAL = 20
const POLLS = /\/events$/

async function start(options: TestOptions = {}) {
  const gateway = await startGateway({ warm: 'off', eventsInterval: INTERVAL, ...options })
  return Object.assign(gateway, { district: gateway.sandbox.districts[0] ?? expect.unreachable() })
}

type Gateway = Awaited<ReturnType<typeof start>>

/** A contact that another record than its own email makes the id of, or not. */
function contactWith({ district }: Gateway, sis: 'sisId' | 'no sisId') {
  const found = district.roster
    .users('contact')
    .find(
      ({ id, email, roles }) =>
        id !== MIXED && email && Boolean(roles.contact?.sis_id) === (sis === 'sisId') && roles.contact?.phone,
    )
  return found?.id ?? expect.unreachable()
}

/** A change that every viewer gets who may see the contact. */
function renameRelationship({ district }: Gateway, contact: string, student: string, relationship: string) {
  district.endRelationship(contact, student)
  district.addRelationship(contact, { student, relationship, type: 'Parent/Guardian' })
  district.sync()
}

async function eventIds({ sandbox, district }: Gateway): Promise<readonly string[]> {
  const response = await fetch(`${sandbox.url}/v3.1/events?record_type=users&limit=1000`, {
    headers: { authorization: `Bearer ${district.token}` },
  })
  const { data }: { data: { data: { id: string } }[] } = await response.json()
  return data.map((each) => each.data.id)
}

async function metric({ url }: TestGateway, name: string) {
  const text = await (await fetch(`${url}/metrics`)).text()
  return text.split('\n').filter((line) => line.startsWith(name))
}

const ENTRY = { relationship: 'Parent', type: 'Parent/Guardian' }

describe.concurrent('a subscription to the changes of contacts', () => {
  it('reports what was created, updated, deleted, and which contact replaced which', async () => {
    // Nothing is late here, so that an id change need not wait.
    await using gateway = await start({ eventsLag: 0 })
    const { district } = gateway
    await using subscription = await subscribe(gateway)
    const stable = contactWith(gateway, 'sisId')
    district.correctEmail(stable, 'new.address@example.org')
    district.sync()
    const updated = await subscription.change()
    expect(updated).toMatchObject({ kind: 'UPDATED', contactId: stable, changedFields: ['EMAIL'] })
    expect(updated).toMatchObject({ contact: { id: stable }, previousContactId: null })
    expect(Date.parse(updated.occurredAt)).toBeGreaterThan(Date.now() - 60_000)

    const old = contactWith(gateway, 'no sisId')
    const now = district.correctEmail(old, 'other.address@example.org')
    district.sync()
    const told = [await subscription.change(), await subscription.change(), await subscription.change()]
    expect(told).toMatchObject([
      { kind: 'CREATED', contactId: now, contact: { id: now }, changedFields: null },
      { kind: 'DELETED', contactId: old, contact: null },
      { kind: 'SUCCEEDED', contactId: now, contact: { id: now }, previousContactId: old },
    ])
    const ids = [updated, ...told].map(({ eventId }) => eventId)
    expect(ids).toEqual([...new Set(ids)].sort())
    await using again = await subscribe(gateway, { variables: { after: told[1]?.eventId } })
    expect(await again.change()).toMatchObject({ kind: 'SUCCEEDED', previousContactId: old })
  })

  it('reports nothing about students, and no contact that existed before', async () => {
    await using gateway = await start()
    const { district } = gateway
    district.removeContact(district.contacts[0] ?? '')
    district.sync()
    await using subscription = await subscribe(gateway)
    district.unshareStudent(district.students.find((id) => id !== CHILD) ?? '')
    const id = contactWith(gateway, 'sisId')
    district.correctEmail(id, 'new.address@example.org')
    district.sync()
    const told = await subscription.change()
    expect(told).toMatchObject({ contactId: id, kind: 'UPDATED' })
  })

  it('goes on after a change from what is remembered, and without a call', async () => {
    await using gateway = await start()
    const { district } = gateway
    const [first, second] = [contactWith(gateway, 'sisId'), MIXED]
    await using subscription = await subscribe(gateway)
    district.correctEmail(first, 'new.address@example.org')
    district.sync()
    const { eventId } = await subscription.change()
    renameRelationship(gateway, second, CHILD, 'Grandparent')
    const told = await subscription.change()
    gateway.sandbox.calls.reset()
    await using again = await subscribe(gateway, { variables: { after: eventId } })
    expect(await again.change()).toEqual(told)
    expect(told).toMatchObject({ contactId: second, changedFields: ['RELATIONSHIPS'] })
    expect(gateway.sandbox.calls.all().filter(({ query }) => query.includes(eventId))).toEqual([])
  })

  it('goes on after a change from what Clever keeps, without a gap and with nothing twice', async () => {
    await using gateway = await start()
    const { district } = gateway
    const id = contactWith(gateway, 'sisId')
    const after = (await eventIds(gateway)).at(-1)
    for (const n of [1, 2, 3]) {
      district.correctEmail(id, `address.${n}@example.org`)
      district.sync()
    }
    await using subscription = await subscribe(gateway, { variables: { after } })
    for (const _ of [1, 2, 3])
      expect(await subscription.change()).toMatchObject({ contactId: id, changedFields: ['EMAIL'] })
    renameRelationship(gateway, MIXED, CHILD, 'Grandparent')
    expect(await subscription.change()).toMatchObject({ contactId: MIXED })
    const all = await eventIds(gateway)
    expect(all.slice(all.indexOf(after ?? '') + 1)).toHaveLength(4)
  })

  it.each([
    ['what is no id', 'yesterday', 'BAD_USER_INPUT'],
    ['what is to come', `${'f'.repeat(8)}${'0'.repeat(16)}`, 'BAD_USER_INPUT'],
    ['what Clever does not keep any more', `${'5'.repeat(8)}${'0'.repeat(16)}`, 'EVENTS_EXPIRED'],
  ])('cannot go on after %s', async (_what, after, code) => {
    await using gateway = await start()
    const subscription = await subscribe(gateway, { variables: { after } })
    expect(await subscription.code()).toBe(code)
    expect(gateway.sandbox.calls.count()).toBe(0)
  })

  it('is refused where the district has no events, and the district is not asked each time', async () => {
    await using gateway = await start({ sandbox: { eventsEnabled: false } })
    for (const _ of [1, 2, 3]) expect(await (await subscribe(gateway)).code()).toBe('EVENTS_OFF')
    expect(gateway.sandbox.calls.count(POLLS)).toBe(1)
  })

  it('ends when the district switches its events off', async () => {
    await using gateway = await start()
    const subscription = await subscribe(gateway)
    gateway.district.setEvents('off')
    expect(await subscription.code()).toBe('EVENTS_OFF')
  })

  it('ends when changes may have been missed', async () => {
    await using gateway = await start()
    const subscription = await subscribe(gateway)
    const body = JSON.stringify({
      data: [{ data: { id: 'f'.repeat(24), type: 'users.updated', data: {} } }],
      links: [],
    })
    gateway.sandbox.faults.add({ path: /\/events\?.*starting_after/, body, times: 1 })
    expect(await subscription.code()).toBe('EVENTS_LOST')
    await eventually(async () =>
      expect(await metric(gateway, 'gateway_subscriptions_dropped_total')).toEqual([
        'gateway_subscriptions_dropped_total{reason="events_lost"} 1',
      ]),
    )
  })

  it('ends when the district takes its token back', async () => {
    await using gateway = await start()
    const subscription = await subscribe(gateway)
    gateway.sandbox.faults.add({ path: /\/events/, status: 401 })
    expect(await subscription.code()).toBe('UPSTREAM_UNAUTHORIZED')
  })

  it('does not begin while Clever cannot be asked', async () => {
    await using gateway = await start({ requestTimeout: 500 })
    gateway.sandbox.faults.add({ path: /./, status: 503 })
    expect(await (await subscribe(gateway)).code()).toMatch(/^UPSTREAM_/)
  })

  it('costs a district one poll an interval, however many there are', async () => {
    const clock = createFakeClock()
    await using gateway = await start({ clock, eventsInterval: 30_000, sandbox: { now: clock.now } })
    const subscriptions = await Promise.all(Array.from({ length: 8 }, () => subscribe(gateway)))
    const polls = () => gateway.sandbox.calls.count(POLLS)
    // Where the feed begins, and once what was told before it, for id changes.
    await eventually(() => expect(polls()).toBe(2))
    for (let interval = 1; interval <= 5; interval += 1) {
      await clock.advance(30_000)
      await eventually(async () => {
        // Who was busy until now goes to sleep only now.
        await clock.advance(0)
        expect(await metric(gateway, 'directory_feed_total')).toEqual([
          `directory_feed_total{district="${gateway.district.id}",outcome="ok"} ${interval}`,
        ])
      })
      expect(polls()).toBe(2 + interval)
    }
    await clock.advance(29_000)
    expect(polls()).toBe(7)
    for (const { hangUp } of subscriptions) hangUp()
    await eventually(async () =>
      expect(await metric(gateway, 'gateway_subscriptions ')).toEqual(['gateway_subscriptions 0']),
    )
    for (let interval = 1; interval <= 5; interval += 1) await clock.advance(30_000)
    expect(polls()).toBe(7)
    expect(gateway.sandbox.calls.count()).toBe(7)
  })

  it('leaves nine of ten places to others, for every principal', async () => {
    await using gateway = await start({ maxSubscriptions: 20 })
    await using first = await subscribe(gateway)
    await using second = await subscribe(gateway)
    expect([first.status, second.status]).toEqual([200, 200])
    expect(await (await subscribe(gateway)).code()).toBe('TOO_MANY_SUBSCRIPTIONS')
    await using other = await subscribe(gateway, { as: guardian(MIXED) })
    gateway.district.removeContact(MIXED)
    gateway.district.sync()
    expect(await other.change()).toMatchObject({ kind: 'DELETED', contactId: MIXED })
  })

  it.each(['@skip(if: true)', '@include(if: false)'])(
    'is refused when it selects nothing, by %s',
    async (directive) => {
      await using gateway = await start()
      const subscription = await subscribe(gateway, {
        query: `subscription { contactChanges ${directive} { eventId } }`,
      })
      expect(await subscription.code()).toBe('BAD_USER_INPUT')
    },
  )

  it('has one audit line for each change that is sent, and none for a change that is not', async () => {
    await using gateway = await start()
    await using subscription = await subscribe(gateway, { as: guardian(MIXED) })
    gateway.district.addRelationship(contactWith(gateway, 'sisId'), { student: NIECE, ...ENTRY })
    gateway.district.sync()
    renameRelationship(gateway, MIXED, CHILD, 'Other')
    expect(await subscription.change()).toMatchObject({ contactId: MIXED, changedFields: ['RELATIONSHIPS'] })
    expect(gateway.audited).toHaveLength(1)
    expect(disclosedIn(gateway.audited)).toMatchObject([
      { principal: `guardian:${MIXED}`, studentId: CHILD, contactIds: [MIXED] },
    ])
    expect(await metric(gateway, 'gateway_changes_told_total')).toEqual([
      'gateway_changes_told_total{kind="updated"} 1',
    ])
  })

  it('ends where a change cannot be written down, so that none is missing', async () => {
    const sink = { append: () => Promise.reject(new Error('full')), close: async () => {} }
    await using gateway = await start({ audit: { sink, isRequired: true } })
    const subscription = await subscribe(gateway)
    renameRelationship(gateway, MIXED, CHILD, 'Other')
    expect(await subscription.code()).toBe('AUDIT_UNAVAILABLE')
  })

  it('has a code in place of what cannot be read of a change, and goes on', async () => {
    await using gateway = await start()
    await using subscription = await subscribe(gateway)
    const mend = gateway.sandbox.faults.add({ path: /\/users\//, garble: true })
    renameRelationship(gateway, MIXED, CHILD, 'Other')
    const told = await subscription.next()
    expect(told?.data.contactChanges).toMatchObject({ contactId: MIXED, contact: null })
    expect(told?.errors).toMatchObject([
      { path: ['contactChanges', 'contact'], extensions: { code: 'UPSTREAM_UNAVAILABLE' } },
    ])
    mend()
    renameRelationship(gateway, MIXED, CHILD, 'Grandparent')
    const next = await subscription.next()
    expect(next?.data.contactChanges.contact).toMatchObject({ id: MIXED })
    expect(next?.extensions?.cost.calls).toBe(1)
  })

  it('is one line in the log, with all its calls, and holds no personal data', async () => {
    await using gateway = await start()
    const subscription = await subscribe(gateway)
    for (const n of [1, 2]) {
      gateway.district.correctEmail(contactWith(gateway, 'sisId'), `address.${n}@example.org`)
      gateway.district.sync()
      gateway.forget()
      await subscription.change()
    }
    subscription.hangUp()
    await eventually(() => expect(gateway.lines.join()).toContain('"msg":"request"'))
    const lines = gateway.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request')
    expect(lines).toMatchObject([{ status: 'hung up', cleverCalls: 2 }])
    const said = [...gateway.lines, await gateway.metrics.registry.metrics()].join()
    const { name } = gateway.district.roster.user(contactWith(gateway, 'sisId')) ?? expect.unreachable()
    for (const secret of ['example.org', name.last ?? '']) expect(said).not.toContain(secret)
  })

  it('ends when its token has expired', async () => {
    const clock = createFakeClock()
    await using gateway = await start({ clock, sandbox: { now: clock.now } })
    const subscription = await subscribe(gateway, { lifetime: 60 })
    expect(subscription.status).toBe(200)
    // The tolerance for clocks that differ is 5 s.
    await clock.advance(65_000)
    expect(await subscription.code()).toBe('UNAUTHENTICATED')
  })

  it('ends in peace when the process does', async () => {
    const ending = new AbortController()
    await using gateway = await start({ ending: ending.signal })
    const subscription = await subscribe(gateway)
    ending.abort()
    expect(await subscription.next()).toBeUndefined()
    expect(await metric(gateway, 'gateway_subscriptions ')).toEqual(['gateway_subscriptions 0'])
  })

  it('is one of so many, and makes room when it is over, also if no client could read it', async () => {
    await using gateway = await start({ maxSubscriptions: 1 })
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: gateway.authorization,
      },
      body: JSON.stringify({ query: CHANGES }),
    })
    expect(response.status).toBe(406)
    await eventually(async () =>
      expect(await metric(gateway, 'gateway_subscriptions ')).toEqual(['gateway_subscriptions 0']),
    )
    const first = await subscribe(gateway)
    expect(await (await subscribe(gateway)).code()).toBe('TOO_MANY_SUBSCRIPTIONS')
    first.hangUp()
    await eventually(async () =>
      expect(await metric(gateway, 'gateway_subscriptions ')).toEqual(['gateway_subscriptions 0']),
    )
    await using again = await subscribe(gateway)
    renameRelationship(gateway, MIXED, CHILD, 'Other')
    expect(await again.change()).toMatchObject({ contactId: MIXED })
  })

  it('needs a token, also where GraphiQL lets the schema be read without', async () => {
    await using gateway = await start({ graphiql: 'on' })
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: CHANGES }),
    })
    expect(await response.text()).toContain('"code":"UNAUTHENTICATED"')
    expect(gateway.sandbox.calls.count()).toBe(0)
  })

  it('is refused before it begins when each change would be too much', async () => {
    await using gateway = await start()
    let nested = 'id'
    for (let depth = 0; depth < 8; depth += 1)
      nested = `relationships { student { relationships { contact { ${nested} } } } }`
    const query = `subscription { contactChanges { contact { ${nested} } } }`
    expect(await (await subscribe(gateway, { query })).code()).toBe('QUERY_TOO_COMPLEX')
    expect(gateway.sandbox.calls.count()).toBe(0)
  })

  it('is refused for a district that the viewer has nothing to do with', async () => {
    await using gateway = await start({ sandbox: { districts: 2 } })
    const [first, second] = gateway.sandbox.districts
    const as = { ...SERVICE, clever_district_ids: [first?.id] }
    const variables = { district: second?.id }
    expect(await (await subscribe(gateway, { as, variables })).code()).toBe('BAD_USER_INPUT')
    expect(await (await subscribe(gateway)).code()).toBe('BAD_USER_INPUT')
    expect(gateway.sandbox.calls.count()).toBe(0)
  })
})

describe('a client that subscribes and does not read', () => {
  it('is waited for, holds nothing but a place, and is dropped when that is lost', async () => {
    await using gateway = await start({ sandbox: { students: 900 }, requestTimeout: 30_000 })
    // Large results, so that the connection is soon full.
    const fields = Array.from({ length: 150 }, (_, n) => `c${n}: contactId d${n}: occurredAt`).join(' ')
    const body = JSON.stringify({ query: `subscription { contactChanges { eventId ${fields} } }` })
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1')
    await once(socket, 'connect')
    socket.pause()
    socket.write(
      [
        'POST /graphql HTTP/1.1',
        'host: localhost',
        'content-type: application/json',
        'accept: text/event-stream',
        `authorization: ${gateway.authorization}`,
        `content-length: ${Buffer.byteLength(body)}`,
        '',
        body,
      ].join('\r\n'),
    )
    const told = async () =>
      Number((await metric(gateway, 'gateway_changes_told_total'))[0]?.split(' ')[1] ?? 0)
    // Changes before the first poll is over count as older than the subscription.
    await eventually(async () =>
      expect(await metric(gateway, 'directory_feed_polled_timestamp_seconds')).toHaveLength(1),
    )
    let changed = 0
    const changeAll = async () => {
      changed += gateway.district.changeContacts(1)
      gateway.district.sync()
      await vi.waitFor(async () => {
        const [line] = await metric(gateway, 'directory_events_total{kind="updated"}')
        expect(Number(line?.split(' ')[1] ?? 0)).toBe(changed)
      }, 5_000)
    }
    await changeAll()
    await eventually(async () => expect(await told()).toBeGreaterThan(0))
    while (changed <= (await told()) + 5_000) await changeAll()
    // Of all that happened, no more was executed than the connection took.
    expect(await told()).toBeLessThan(changed - 5_000)

    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (part) => {
      text = (text + part).slice(-4_000)
    })
    socket.resume()
    await vi.waitFor(() => expect(text).toContain('event: complete'), 5_000)
    expect(text).toContain('"code":"SLOW_READER"')
    socket.destroy()
  }, 30_000)
})
