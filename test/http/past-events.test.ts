import { describe, expect, it } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { CHILD, MIXED, NOBODY } from '../federation/documented-family.ts'
import { eventually } from '../support/eventually.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import {
  type Claims,
  guardian,
  SERVICE,
  startGateway,
  type TestGateway,
  type TestOptions,
} from '../support/gateway.ts'
import { firstPages, untilWarm } from '../support/past-events.ts'
import { subscribe } from '../support/subscribe.ts'

const CONTACT = 'query ($id: ID!) { contact(id: $id) { id previousIds } }'
const FIRST_PAGE = '/events?record_type=users&limit=1000'
const PAST = /\/events\?record_type=users&limit=1000$/

type Options = TestOptions & { readonly clock?: FakeClock }

/**
 * A gateway that starts after Aaron Collins has another id. It has loaded everything, and the next poll comes in 30 s.
 */
async function startAfterChange({ sandbox: roster, ...options }: Options = {}) {
  const { clock } = options
  const sandbox = await startSandbox({ students: 24, ...(clock && { now: clock.now }), ...roster })
  const district = sandbox.districts[0] ?? expect.unreachable()
  const next = district.correctEmail(MIXED, 'a.collins@example.org')
  district.sync()
  await clock?.advance(60_000)
  const gateway = await startGateway({ warm: 'eager', eventsLag: 0, over: sandbox, ...options })
  const close = gateway[Symbol.asyncDispose]
  return Object.assign(gateway, {
    district,
    next,
    successor: { contact: { id: next, previousIds: [MIXED] } },
    mother: guardian(district.roster.contactsOf(CHILD).find(({ id }) => id !== next)?.id ?? ''),
    [Symbol.asyncDispose]: async () => {
      await close()
      await sandbox.close()
    },
  })
}

async function startWarm(options?: Options) {
  const gateway = await startAfterChange(options)
  await untilWarm(gateway)
  return gateway
}

/** What the viewer gets: everything that a reply shows. */
async function seen(gateway: TestGateway, id: string, as: Claims = SERVICE) {
  const { status, data, errors, extensions, calls } = await gateway.ask(CONTACT, { id }, as)
  return { status, data, errors, cost: extensions?.cost.calls, calls }
}

const nothing = (calls: readonly string[]) => ({
  status: 200,
  data: { contact: null },
  errors: [],
  cost: calls.length,
  calls,
})

/** Moves the clock until the next poll is over. */
async function nextPoll({ sandbox }: TestGateway, clock: FakeClock, milliseconds = 30_000) {
  const polls = sandbox.calls.count(/\/events$/)
  await clock.advance(milliseconds)
  await eventually(async () => {
    await clock.advance(0)
    expect(sandbox.calls.count(/\/events$/)).toBeGreaterThan(polls)
  })
}

describe.concurrent('the past events of a district', () => {
  it('are not read at a start, nor for contacts that exist', async () => {
    await using gateway = await startWarm()
    for (const id of gateway.district.contacts.slice(0, 5))
      await gateway.ask('query ($id: ID!) { contact(id: $id) { id } }', { id })
    expect(firstPages(gateway)).toBe(0)
  })

  it('are read for the first unknown id, and show which contact replaced which', async () => {
    await using gateway = await startWarm()
    const { successor, next } = gateway
    expect(await gateway.ask(CONTACT, { id: MIXED })).toMatchObject({
      data: successor,
      errors: [],
      calls: [FIRST_PAGE],
    })
    for (const id of [MIXED, next])
      expect(await gateway.ask(CONTACT, { id })).toMatchObject({ data: successor, calls: [] })
  })

  it('are not read again for a thousand ids that no contact ever had', async () => {
    await using gateway = await startWarm()
    expect(await seen(gateway, NOBODY)).toEqual(nothing([FIRST_PAGE]))
    const fields = (from: number) =>
      Array.from({ length: 50 }, (_, n) => `c${n}: contact(id: "${`${from + n}`.padStart(24, 'e')}") { id }`)
    for (let from = 0; from < 1_000; from += 50) {
      const { data, calls } = await gateway.ask(`{ ${fields(from).join(' ')} }`)
      expect([new Set(Object.values(data)), calls]).toEqual([new Set([null]), []])
    }
  })

  it('are read in one round for all districts that may have the contact, and in no other', async () => {
    await using gateway = await startAfterChange({ sandbox: { districts: 3 } })
    await untilWarm(gateway, 3)
    const [first, second] = gateway.sandbox.districts
    const two: Claims = { ...SERVICE, clever_district_ids: [first?.id, second?.id] }
    expect(await seen(gateway, NOBODY, two)).toEqual(nothing([FIRST_PAGE, FIRST_PAGE]))
    expect(gateway.lines.findLast((line) => line.includes('"rounds"'))).toContain('"rounds":1')
    expect(await seen(gateway, NOBODY)).toEqual(nothing([FIRST_PAGE]))
    expect(await seen(gateway, NOBODY)).toEqual(nothing([]))
  })

  it('are read for the earlier ids of a contact', async () => {
    await using gateway = await startWarm()
    const { data, calls } = await gateway.ask('{ contacts(first: 100) { nodes { id previousIds } } }')
    expect(data.contacts.nodes).toContainEqual(gateway.successor.contact)
    expect(calls).toEqual([FIRST_PAGE])
  })

  it('are read once for requests that need them at the same time', async () => {
    await using gateway = await startWarm()
    gateway.sandbox.faults.add({ path: PAST, delayMs: 200, times: 1 })
    const ids = [MIXED, NOBODY, MIXED, 'e'.repeat(24), MIXED]
    const replies = await Promise.all(ids.map((id) => gateway.ask(CONTACT, { id })))
    expect(replies.map(({ data }) => data)).toEqual(
      ids.map((id) => (id === MIXED ? gateway.successor : { contact: null })),
    )
    expect(firstPages(gateway)).toBe(1)
  })

  it('are not read where the district has no events', async () => {
    await using gateway = await startAfterChange({ sandbox: { eventsEnabled: false } })
    await eventually(() => expect(gateway.lines.join()).toContain('events off'))
    for (const id of [MIXED, NOBODY]) {
      const { data, errors } = await gateway.ask(CONTACT, { id })
      expect([data, errors]).toEqual([{ contact: null }, []])
    }
    expect(firstPages(gateway)).toBe(0)
  })

  it('are not read in a district without polls', async () => {
    await using gateway = await startAfterChange({ warm: 'off' })
    expect(await seen(gateway, MIXED)).toEqual(nothing([`/users/${MIXED}`]))
  })
})

describe.concurrent('a viewer', () => {
  const strangers: readonly (readonly [string, Claims])[] = [
    ['a service without the scope', { ...SERVICE, scope: 'students:read' }],
    ['a guardian whose token has the old id', guardian(MIXED)],
    ['a guardian who is no contact', guardian(NOBODY)],
    ['a service of another district', { ...SERVICE, clever_district_ids: ['e'.repeat(24)] }],
  ]

  it.each(strangers)('who may see no contact of the district causes no call: %s', async (_who, as) => {
    await using gateway = await startWarm()
    // What the facts need is known.
    await seen(gateway, NOBODY, as)
    for (const id of [MIXED, NOBODY, gateway.next]) expect(await seen(gateway, id, as)).toEqual(nothing([]))
    expect(firstPages(gateway)).toBe(0)
  })

  it('who may see some contacts pays the same for a hidden successor as for none', async () => {
    const paid = async (id: string) => {
      await using gateway = await startWarm()
      const { district, next } = gateway
      // The mother of another student.
      const other = district.contacts.find((each) => {
        const students = district.roster.user(each)?.roles.contact?.student_relationships ?? []
        const family = students.flatMap(({ student }) =>
          district.roster.contactsOf(student).map((one) => one.id),
        )
        return students.some(({ relationship }) => relationship === 'Parent') && !family.includes(next)
      })
      return await seen(gateway, id, guardian(other ?? expect.unreachable()))
    }
    const [hidden, none] = [await paid(MIXED), await paid(NOBODY)]
    expect(hidden).toEqual(none)
    expect(hidden).toEqual(nothing([FIRST_PAGE]))
  })

  it('who may see the successor gets it: the mother of the child', async () => {
    await using gateway = await startWarm()
    const { data, calls } = await gateway.ask(
      'query ($id: ID!) { contact(id: $id) { id } }',
      { id: MIXED },
      gateway.mother,
    )
    expect(data.contact).toEqual({ id: gateway.next })
    expect(calls.filter((call) => call.startsWith('/events'))).toEqual([FIRST_PAGE])
  })
})

describe.concurrent('when Clever does not give the past events', () => {
  it('the answer is as for an unknown id, nothing is asked again at once, and the background reads them', async () => {
    const clock = createFakeClock()
    await using gateway = await startAfterChange({ clock })
    await clock.advance(0)
    await untilWarm(gateway)
    const mend = gateway.sandbox.faults.add({ path: PAST, status: 400 })
    expect(await seen(gateway, MIXED)).toEqual(nothing([FIRST_PAGE]))
    for (const id of [MIXED, NOBODY, MIXED]) expect(await seen(gateway, id)).toEqual(nothing([]))
    mend()
    await nextPoll(gateway, clock)
    await eventually(() => expect(firstPages(gateway)).toBe(2))
    await eventually(async () =>
      expect(await gateway.ask(CONTACT, { id: MIXED })).toMatchObject({ data: gateway.successor, calls: [] }),
    )
  })

  it('in time, the answer is as for an unknown id, and comes in time', async () => {
    await using gateway = await startWarm({ requestTimeout: 500 })
    gateway.sandbox.faults.add({ path: PAST, delayMs: 20_000, times: 1 })
    expect(await seen(gateway, MIXED)).toEqual(nothing([FIRST_PAGE]))
    // Clever is fast again.
    expect(await gateway.ask(CONTACT, { id: MIXED })).toMatchObject({ data: gateway.successor })
  })

  it('within half of the call allowance, the answer is as for an unknown id, and other requests read on', async () => {
    await using gateway = await startWarm({ sandbox: { students: 900 }, maxCalls: 2 })
    expect(await seen(gateway, MIXED)).toEqual(nothing([FIRST_PAGE]))
    const pages = [FIRST_PAGE]
    for (let isKnown = false; !isKnown; ) {
      const { data, calls } = await gateway.ask(CONTACT, { id: MIXED })
      expect(calls).toEqual([expect.stringContaining(`${FIRST_PAGE}&starting_after=`)])
      pages.push(...calls)
      isKnown = data.contact !== null
      if (isKnown) expect(data).toEqual(gateway.successor)
    }
    expect(new Set(pages).size).toBe(pages.length)
  })
})

describe.concurrent('a subscriber', () => {
  const CHANGES = `subscription ($after: ID, $since: DateTime) {
    contactChanges(afterEventId: $after, changedAfter: $since) { kind contactId successorContactId }
  }`

  it('that resumes gets the successor of a contact that was deleted before the start', async () => {
    await using gateway = await startWarm()
    const since = new Date(Date.now() - 60_000).toISOString()
    await using subscription = await subscribe(gateway, { query: CHANGES, variables: { since } })
    for (;;) {
      const change = await subscription.change()
      if (change.kind !== 'DELETED') continue
      expect(change).toEqual({ kind: 'DELETED', contactId: MIXED, successorContactId: gateway.next })
      break
    }
    expect(firstPages(gateway)).toBe(1)
  })

  it('has the past events read in the background, for the id changes to come', async () => {
    const clock = createFakeClock()
    await using gateway = await startAfterChange({ clock })
    await clock.advance(0)
    await untilWarm(gateway)
    await using subscription = await subscribe(gateway, { query: CHANGES })
    await nextPoll(gateway, clock)
    await eventually(() => expect(firstPages(gateway)).toBe(1))
    const third = gateway.district.correctEmail(gateway.next, 'aaron@example.org')
    gateway.district.sync()
    await nextPoll(gateway, clock)
    // The change from before the subscription is not sent.
    const kinds = [await subscription.change(), await subscription.change(), await subscription.change()]
    expect(kinds.map(({ kind, contactId }) => [kind, contactId])).toEqual(
      expect.arrayContaining([
        ['CREATED', third],
        ['DELETED', gateway.next],
        ['SUCCEEDED', third],
      ]),
    )
    expect(await gateway.ask(CONTACT, { id: MIXED })).toMatchObject({
      data: { contact: { id: third, previousIds: [gateway.next, MIXED] } },
      calls: [],
    })
  })
})
