import { describe, expect, it } from 'vitest'
import { parseUserId } from '../../src/model/ids.ts'
import { END, START } from '../../src/store/coverage.ts'
import { INTERVAL, type Keeping, LAG, pageOfEvents, startKeeping } from './syncing.ts'

const ANY_AGE = Number.NEGATIVE_INFINITY
const EVENTS = /\/events\?/
const FOR_EVENTS = /\/v3\.1\/events$/

function contactId({ roster }: Keeping, n = 0) {
  return parseUserId(roster.contacts[n] ?? '') ?? expect.unreachable()
}

function known({ store }: Keeping, id = '') {
  return store.find('contact', parseUserId(id) ?? expect.unreachable(), ANY_AGE)?.value
}

/** A contact as Clever has it, with another phone. */
function withPhone({ roster }: Keeping, id: string, phone: string, at: number) {
  const user = roster.roster.user(id) ?? expect.unreachable()
  const contact = user.roles.contact ?? expect.unreachable()
  return { ...user, last_modified: new Date(at).toISOString(), roles: { contact: { ...contact, phone } } }
}

const paths = ({ sandbox }: Keeping) =>
  sandbox.calls.all().map(({ path, query }) => `${path.slice(5)}?${query}`)

describe('a district that is kept ready', () => {
  it('has its newest event noted before anything else is read, and its past events read after all else if they are wanted', async () => {
    await using keeping = await startKeeping()
    keeping.district.backfill.want()
    await keeping.turn()
    const [first, ...others] = paths(keeping)
    expect(first).toBe(`/events?record_type=users&limit=1&ending_before=${END}`)
    expect(others.pop()).toBe('/events?record_type=users&limit=1000')
    expect(others.some((path) => path.startsWith('/events'))).toBe(false)
    expect(keeping.store.count('contact', ANY_AGE)?.value).toBe(keeping.roster.contacts.length)
    expect(keeping.store.count('student', ANY_AGE)?.value).toBe(keeping.roster.students.length)
  })

  it('loses nothing that happens while it is read', async () => {
    await using keeping = await startKeeping()
    const id = contactId(keeping)
    keeping.sandbox.faults.add({ path: /role=student&limit/, delayMs: 20, times: 1 })
    const turning = keeping.turn()
    await expect.poll(() => keeping.store.size('contact')).toBeGreaterThan(0)
    keeping.roster.removeContact(id)
    keeping.roster.sync()
    await turning
    await keeping.later()
    expect(keeping.store.find('contact', id, ANY_AGE)).toMatchObject({ value: undefined })
  })

  it('costs one poll an interval, and no other call', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    keeping.sandbox.calls.reset()
    for (let turn = 0; turn < 40; turn += 1) await keeping.later()
    expect([keeping.sandbox.calls.count(), keeping.sandbox.calls.count(FOR_EVENTS)]).toEqual([40, 40])
  })

  it('is as old as its last poll, and the time that Clever takes to tell of a change', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    for (let turn = 0; turn < 10; turn += 1) await keeping.later()
    const [interval, ...others] = keeping.store.coverage('contact')
    expect(others).toEqual([])
    const age = keeping.clock.now() - (interval?.asOf ?? 0)
    expect(interval).toMatchObject({ after: START, upTo: END })
    expect(age).toBeGreaterThanOrEqual(LAG)
    expect(age).toBeLessThan(LAG + INTERVAL)
  })

  it('is not made older by a poll', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const before = keeping.store.coverage('contact')
    await keeping.later(1_000)
    expect(keeping.store.coverage('contact')).toEqual(before)
  })

  it('is not renewed if it was read before the first poll', async () => {
    await using keeping = await startKeeping()
    const id = contactId(keeping)
    keeping.store.putUser(id, undefined, keeping.clock.now() - 1_000)
    await keeping.turn([])
    const asOf = keeping.store.find('contact', id, ANY_AGE)?.asOf
    await keeping.turn(['student'])
    for (let turn = 0; turn < 6; turn += 1) await keeping.later(INTERVAL, ['student'])
    expect(keeping.store.find('contact', id, ANY_AGE)?.asOf).toBe(asOf)
  })

  it('shows a change with the next poll', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const id = contactId(keeping)
    const [student] = keeping.roster.roster.user(id)?.roles.contact?.student_relationships ?? []
    const studentId = parseUserId(student?.student ?? '') ?? expect.unreachable()
    const contacts = () => keeping.store.contactsOf(studentId, ANY_AGE)?.value.map((each) => each.id)
    expect(contacts()).toContain(id)
    keeping.roster.endRelationship(id, studentId)
    keeping.roster.sync()
    await keeping.later()
    expect(contacts()).not.toContain(id)
  })

  it('follows thousands of changes over several pages', async () => {
    await using keeping = await startKeeping({ sandbox: { students: 900 } })
    await keeping.turn()
    const changed = keeping.roster.changeContacts(1)
    expect(changed).toBeGreaterThan(1_000)
    keeping.roster.sync()
    await keeping.later()
    for (const id of keeping.roster.contacts)
      expect(known(keeping, id)).toMatchObject({
        lastModifiedAt: keeping.roster.roster.user(id)?.last_modified,
      })
  })
})

describe('events', () => {
  it.each<[string, readonly (readonly ['created' | 'deleted', number])[], boolean]>([
    [
      'deleted, then created',
      [
        ['deleted', 1],
        ['created', 2],
      ],
      true,
    ],
    [
      'deleted, then created, told the other way round',
      [
        ['created', 2],
        ['deleted', 1],
      ],
      true,
    ],
    [
      'created, then deleted',
      [
        ['created', 1],
        ['deleted', 2],
      ],
      false,
    ],
    [
      'created, then deleted, told the other way round',
      [
        ['deleted', 2],
        ['created', 1],
      ],
      false,
    ],
  ])('are applied in the order of their ids: %s', async (_name, order, isThere) => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const id = contactId(keeping)
    const events = order.map(([kind, n]) => ({
      n,
      kind,
      object: withPhone(keeping, id, `555-000${n}`, keeping.clock.now() + n),
    }))
    keeping.sandbox.faults.add({ path: EVENTS, times: 1, status: 200, body: pageOfEvents(events) })
    await keeping.later()
    if (isThere) expect(known(keeping, id)).toMatchObject({ phone: '555-0002' })
    else expect(known(keeping, id)).toBeUndefined()
  })

  it('that are reported again change nothing', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const id = contactId(keeping)
    const now = keeping.clock.now()
    const first = { n: 1, kind: 'deleted', object: withPhone(keeping, id, '1', now + 1) } as const
    const second = { n: 2, kind: 'created', object: withPhone(keeping, id, '2', now + 2) } as const
    for (const page of [[first, second], [first], [first, second]])
      keeping.sandbox.faults.add({ path: EVENTS, times: 1, status: 200, body: pageOfEvents(page) })
    for (let turn = 0; turn < 3; turn += 1) {
      await keeping.later()
      expect(known(keeping, id)).toMatchObject({ phone: '2' })
    }
  })

  it('on a page that cannot be read are asked for again', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const id = contactId(keeping)
    keeping.roster.removeContact(id)
    keeping.roster.sync()
    keeping.sandbox.faults.add({ path: EVENTS, times: 4, garble: true })
    await keeping.later()
    expect(known(keeping, id)).toBeDefined()
    await keeping.later()
    expect(known(keeping, id)).toBeUndefined()
  })

  it('of a third of all contacts, deleted at once, are raised in the log and counted', async () => {
    await using keeping = await startKeeping({ sandbox: { students: 60 } })
    await keeping.turn()
    const removed = keeping.roster.removeContacts(0.5)
    keeping.roster.sync()
    await keeping.later()
    const raised = keeping.warnings().filter((line) => line.includes('deleted at once'))
    expect(raised.map((line) => JSON.parse(line).deleted)).toEqual([removed])
    expect((await keeping.metrics.massChanges.get()).values[0]?.value).toBe(1)
    expect(keeping.store.count('contact', ANY_AGE)?.value).toBe(keeping.roster.contacts.length)
  })

  it('of a day of school are not raised', async () => {
    await using keeping = await startKeeping({ sandbox: { students: 60 } })
    await keeping.turn()
    keeping.roster.removeContacts(0.05)
    keeping.roster.changeContacts(0.5)
    keeping.roster.sync()
    await keeping.later()
    expect(keeping.warnings()).toEqual([])
  })
})

describe('a district without events', () => {
  it.each([404, 403])(
    'is loaded again before it is too old to show, and that is logged once (%s)',
    async (status) => {
      await using keeping = await startKeeping()
      keeping.sandbox.faults.add({ path: EVENTS, status })
      await keeping.turn()
      for (let turn = 0; turn < 30; turn += 1) {
        await keeping.later()
        expect(keeping.store.count('contact', keeping.clock.now() - 300_000)).toBeDefined()
      }
      expect(keeping.said('events off')).toHaveLength(1)
      // Every 240 s, in fifteen minutes.
      expect(keeping.sandbox.calls.count(/\/users$/)).toBeLessThanOrEqual(2 * 6)
    },
  )

  it('that switches them off and on again is logged either time, and misses nothing of the time between', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const [first, second] = [contactId(keeping, 0), contactId(keeping, 1)]
    keeping.roster.setEvents('off')
    await keeping.later()
    keeping.roster.removeContact(first)
    keeping.roster.sync()
    for (let turn = 0; turn < 12; turn += 1) await keeping.later()
    expect(known(keeping, first)).toBeUndefined()
    expect(keeping.said('events off')).toHaveLength(1)

    keeping.roster.setEvents('on')
    for (let turn = 0; turn < 22; turn += 1) await keeping.later()
    keeping.roster.removeContact(second)
    keeping.roster.sync()
    await keeping.later()
    expect(known(keeping, second)).toBeUndefined()

    keeping.roster.setEvents('off')
    await keeping.later()
    expect(keeping.said('events off')).toHaveLength(2)
  })

  it('for longer than Clever keeps them is not renewed, logged once, and starts again', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const id = contactId(keeping)
    keeping.roster.removeContact(id)
    keeping.roster.sync()
    await keeping.later(29 * 86_400_000 + 60_000)
    expect(keeping.said('events lost')).toHaveLength(1)
    expect(known(keeping, id)).toBeUndefined()
    await keeping.later()
    const other = contactId(keeping)
    keeping.roster.removeContact(other)
    keeping.roster.sync()
    await keeping.later()
    expect(known(keeping, other)).toBeUndefined()
    expect(keeping.said('events lost')).toHaveLength(1)
  })
})

describe('a district that cannot be read for a while', () => {
  it('is whole all the same when a page fails twice', async () => {
    await using keeping = await startKeeping()
    keeping.sandbox.faults.add({ path: /role=contact&limit/, times: 2, status: 503 })
    await keeping.turn()
    expect(keeping.store.count('contact', ANY_AGE)?.value).toBe(keeping.roster.contacts.length)
    expect(keeping.warnings()).toEqual([])
  })

  it('keeps what it has, says so once, and goes on when it can', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const mend = keeping.sandbox.faults.add({ path: /./, status: 503 })
    for (let turn = 0; turn < 4; turn += 1) await keeping.later()
    expect(keeping.said('fails')).toHaveLength(1)
    expect(keeping.store.count('contact', ANY_AGE)?.value).toBe(keeping.roster.contacts.length)
    const id = contactId(keeping)
    keeping.roster.removeContact(id)
    keeping.roster.sync()
    mend()
    await keeping.later()
    expect(known(keeping, id)).toBeUndefined()
  })

  it('keeps nothing when its token is refused during a full load', async () => {
    await using keeping = await startKeeping()
    keeping.sandbox.faults.add({ path: /role=student&limit/, status: 401 })
    await keeping.turn()
    expect([keeping.store.size('contact'), keeping.store.bytes]).toEqual([0, 0])
    expect(keeping.said('fails')).toHaveLength(1)
  })

  it('loses nothing when its token is rotated', async () => {
    await using keeping = await startKeeping({
      source: {
        kind: 'client',
        clientId: '5a4db0c1000000000000',
        clientSecret: '5a4db0c15ec4e7000000000000000000',
      },
    })
    await keeping.turn()
    const id = contactId(keeping)
    keeping.roster.rotateToken()
    keeping.roster.removeContact(id)
    keeping.roster.sync()
    await keeping.later()
    expect(known(keeping, id)).toBeUndefined()
    expect(keeping.store.count('contact', ANY_AGE)?.value).toBe(keeping.roster.contacts.length)
    expect(keeping.warnings()).toEqual([])
  })

  it('is not read as a whole where there is no memory for it, and said so once', async () => {
    await using keeping = await startKeeping({ maxBytes: 5_000 })
    await keeping.turn()
    for (let turn = 0; turn < 4; turn += 1) await keeping.later()
    expect(keeping.said('not whole')).toHaveLength(1)
    expect(keeping.store.bytes).toBeLessThanOrEqual(5_000)
    const queries = keeping.sandbox.calls.all().filter(({ path }) => path.endsWith('/users'))
    expect(queries.map(({ query }) => query).toSorted()).toEqual([
      'role=contact&count=true',
      'role=student&count=true',
    ])
  })

  it('is not loaded over and over when it turns out too large', async () => {
    await using keeping = await startKeeping({ maxBytes: 20_000, sandbox: { students: 40 } })
    keeping.sandbox.faults.add({ path: /count=true/, status: 200, body: '{}' })
    await keeping.turn()
    for (let turn = 0; turn < 10; turn += 1) await keeping.later()
    expect(keeping.store.bytes).toBeLessThanOrEqual(20_000)
    expect(keeping.said('not whole')).toHaveLength(1)
    expect(keeping.sandbox.calls.count(/\/users$/)).toBeLessThanOrEqual(6)
  })

  it('is tried again an hour later, however often its turn came in between', async () => {
    await using keeping = await startKeeping({ maxBytes: 20_000, sandbox: { students: 40 } })
    await keeping.turn()
    for (let turn = 0; turn < 5; turn += 1) await keeping.later(600_000)
    const before = keeping.sandbox.calls.count(/\/users$/)
    await keeping.later(900_000)
    expect(keeping.sandbox.calls.count(/\/users$/)).toBeGreaterThan(before)
  })

  it('forgets what is too old to be shown at all', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    keeping.sandbox.faults.add({ path: /./, status: 503 })
    await keeping.later(86_400_000 + 1_000)
    expect(keeping.store.bytes).toBe(0)
  })
})
