import { describe, expect, it, vi } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { subscribe } from '../support/subscribe.ts'
import { INTERVAL, startWorld, withPhone } from './world.ts'

const DAY = 86_400_000

describe('C2: a Clever that gives 10 events a page, with next', () => {
  it('C2: the poll follows the links before it confirms anything', async () => {
    await using world = await startWorld({ sandbox: { students: 40, maxRows: 10 } })
    await world.known()
    const { district, gateway } = world
    const changed = district.changeContacts(1)
    expect(changed).toBeGreaterThan(30)
    district.sync()
    await world.poll()
    for (const id of district.contacts)
      expect(gateway.districts.all()[0]?.store.find('contact', id as never, 0)?.value).toMatchObject({
        lastModifiedAt: district.roster.user(id)?.last_modified,
      })
  })
})

describe('C3: a Clever that makes an event visible late', () => {
  it('C3: with a smaller id than one already read, it is applied, and reported once', async () => {
    await using world = await startWorld()
    await world.known()
    const [one, other] = [world.contact(0), world.contact(1)]
    await world.poll()
    await using subscription = await subscribe(world.gateway)
    const at = world.cleverNow()
    const late = world.event({ at: at - 1_000, object: withPhone(one, '555-0001', at - 2_000) })
    const first = world.event({ at, object: withPhone(other, '555-0002', at - 1_000) })
    const untell = world.tell([first])
    await world.poll()
    expect(await world.phoneOf(other.id)).toBe('555-0002')
    const told = await subscription.change()
    expect(told).toMatchObject({ contactId: other.id, eventId: first.data.id })

    untell()
    const third = world.event({ object: withPhone(other, '555-0003', world.cleverNow()) })
    world.tell([late, first, third])
    await world.poll()
    expect(await world.phoneOf(one.id)).toBe('555-0001')
    const next = [await subscription.change(), await subscription.change()]
    expect(next.map(({ contactId }) => contactId)).toEqual([one.id, other.id])
    const ids = [told, ...next].map(({ eventId }) => eventId)
    expect(ids).toEqual(ids.toSorted())

    // Each of the three is a place to go on from.
    for (const [place, expected] of [
      [0, [one.id, other.id]],
      [1, [other.id]],
    ] as const) {
      await using again = await subscribe(world.gateway, { variables: { after: ids[place] } })
      for (const contactId of expected) expect(await again.change()).toMatchObject({ contactId })
    }
    await world.poll()
    const count = (await world.gateway.metrics.events.get()).values.reduce((sum, { value }) => sum + value, 0)
    expect(count).toBe(3)
  })

  it('C3: after a restart, one goes on from a late change without hearing anything twice', async () => {
    await using world = await startWorld({ warm: 'off' })
    const at = world.cleverNow()
    const [one, other] = [world.contact(0), world.contact(1)]
    const late = world.event({ at: at - 1_000, object: withPhone(one, '1', at) })
    const first = world.event({ at, object: withPhone(other, '2', at) })
    const next = world.event({ at: at + 1_000, object: withPhone(other, '3', at + 1_000) })
    world.tell([late, first, next])
    await world.clock.advance(10 * INTERVAL)
    const after = `${first.data.id}~${at.toString(16).padStart(12, '0')}~${late.data.id}`
    await using subscription = await subscribe(world.gateway, { variables: { after } })
    expect(await subscription.change()).toMatchObject({ eventId: next.data.id })
  })
})

describe('C4: a Clever that reports an older state of a record after a newer answer was read', () => {
  it.each<[string, string, number | undefined, string]>([
    ['an update that is older than the answer', 'users.updated', -2_000, 'ANSWER'],
    ['a creation that is older than the answer', 'users.created', -2_000, 'ANSWER'],
    ['a deletion of what was before the answer', 'users.deleted', -2_000, 'ANSWER'],
    ['an update that is newer than the answer', 'users.updated', 2_000, 'EVENT'],
    ['an update that does not say when', 'users.updated', undefined, 'EVENT'],
    ['an update of the same time', 'users.updated', 0, 'EVENT'],
    ['a deletion of what was answered', 'users.deleted', 0, 'GONE'],
    ['a deletion of what came after the answer', 'users.deleted', 2_000, 'GONE'],
  ])('C4: %s', async (_what, type, modified, newer) => {
    await using world = await startWorld()
    const contact = world.contact(0)
    const answered = Date.parse(contact.last_modified ?? '')
    await world.known()
    await world.clock.advance(60_000)
    const at = modified === undefined ? undefined : answered + modified
    world.tell([world.event({ type, object: withPhone(contact, '555-0001', at) })])
    await world.poll()
    const expected = { ANSWER: contact.roles.contact?.phone, EVENT: '555-0001', GONE: null }[newer]
    expect(expected).not.toBe('')
    expect(await world.phoneOf(contact.id)).toEqual(expected)
  })
})

describe("C5: a Clever whose clock is not the gateway's", () => {
  it.each([-30_000, 30_000, -600_000, 7_200_000])(
    'C5: by %d ms: a record that changes 10 s after a full load is shown, and a warning is logged once',
    async (skew) => {
      await using world = await startWorld({ skew })
      await world.known()
      const id = world.contact(0).id
      await world.clock.advance(10_000)
      const object = withPhone(world.contact(0), '555-0001', undefined)
      world.tell([world.event({ object })])
      await world.poll()
      expect(await world.phoneOf(id)).toBe('555-0001')
      const warned = world.warnings().filter(({ msg }) => msg.includes('clock'))
      expect(warned).toHaveLength(1)
      expect(Math.abs(warned[0].seconds - skew / 1_000)).toBeLessThanOrEqual(1)
      const [gauge] = (await world.gateway.metrics.cleverClockSkew.get()).values
      expect(Math.abs((gauge?.value ?? 0) - skew / 1_000)).toBeLessThanOrEqual(1)
    },
  )

  it('C5: a clock that is set while the gateway runs is noticed, and so is that it is right again', async () => {
    await using world = await startWorld()
    await world.known()
    const said = () =>
      world.gateway.lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg.includes('clock'))
    expect(said()).toEqual([])
    world.setSkew(-45_000)
    await world.poll()
    await world.poll()
    expect(said().map(({ level, seconds }) => [level, seconds])).toEqual([['warn', -44]])
    world.tell([world.event({ object: withPhone(world.contact(0), '555-0001', undefined) })])
    await world.poll()
    expect(await world.phoneOf(world.contact(0).id)).toBe('555-0001')
    world.setSkew(0)
    await world.poll()
    expect(said().map(({ level }) => level)).toEqual(['warn', 'info'])
  })
})

describe('C6: one event whose id lies a year ahead', () => {
  it.each([
    ['of an updated contact', 'users.updated'],
    ['of a deleted contact', 'users.deleted'],
    ['of another record', 'schools.updated'],
  ])('C6: %s does not stop the feed, nor those who listen', async (_what, type) => {
    await using world = await startWorld()
    await world.known()
    await world.poll()
    await using subscription = await subscribe(world.gateway)
    const [one, other] = [world.contact(0), world.contact(1)]
    const ahead = world.event({
      at: world.cleverNow() + 365 * DAY,
      type,
      object: type.startsWith('users') ? withPhone(other, '1', world.cleverNow()) : { id: 'a'.repeat(24) },
    })
    const untell = world.tell([ahead])
    await world.poll()
    untell()
    const next = world.event({ object: withPhone(one, '555-0001', world.cleverNow()) })
    world.tell([next, ahead])
    await world.poll()
    expect(await world.phoneOf(one.id)).toBe('555-0001')
    // What the event was about is asked of Clever again.
    expect(await world.phoneOf(other.id)).toEqual(other.roles.contact?.phone || null)
    expect(await subscription.change()).toMatchObject({ contactId: one.id, eventId: next.data.id })
    const warned = world.warnings().filter(({ msg }) => msg.includes('ahead of its time'))
    const count = (await world.gateway.metrics.eventsAhead.get()).values[0]?.value
    expect([warned.length, count]).toEqual(type.startsWith('users') ? [1, 1] : [0, 0])

    await using again = await subscribe(world.gateway, { variables: { after: next.data.id } })
    const last = world.event({ object: withPhone(one, '555-0002', world.cleverNow()) })
    world.sandbox.faults.clear()
    world.tell([next, last, ahead])
    await world.poll()
    expect(await again.change()).toMatchObject({ eventId: last.data.id })
  })

  it('C6: that is there from the start does not hide what comes', async () => {
    await using world = await startWorld()
    const ahead = world.event({ at: world.cleverNow() + 365 * DAY, object: { id: 'a'.repeat(24) } })
    world.tell([ahead])
    await world.known()
    world.sandbox.faults.clear()
    const { id } = world.contact(0)
    world.tell([world.event({ object: withPhone(world.contact(0), '555-0001', world.cleverNow()) }), ahead])
    await world.poll()
    expect(await world.phoneOf(id)).toBe('555-0001')
  })
})

describe('C7: events of other records among those of users', () => {
  it.each(['districts.updated', 'schools.created', 'sections.deleted', 'terms.updated', 'unknown', 'a.b'])(
    'C7: %s is skipped, and the feed goes on',
    async (type) => {
      await using world = await startWorld()
      await world.known()
      await world.poll()
      await using subscription = await subscribe(world.gateway)
      const { id } = world.contact(0)
      world.tell([
        world.event({ type, object: { id: world.district.id } }),
        world.event({ type, object: null }),
        world.event({ object: withPhone(world.contact(0), '555-0001', world.cleverNow()) }),
      ])
      await world.poll()
      expect(await world.phoneOf(id)).toBe('555-0001')
      expect(await subscription.change()).toMatchObject({ contactId: id })
      expect(world.warnings()).toEqual([])
    },
  )
})

describe('C13: a Clever that fails at the first question for events', () => {
  it.each([[{ status: 503 }], [{ status: 502 }], [{ cut: 'before-headers' }], [{ garble: true }]] as const)(
    'C13: by %o: it is asked again soon, not in ten minutes',
    async (failure) => {
      await using world = await startWorld()
      const { faults, calls } = world.sandbox
      // More often than a call is repeated by itself.
      const mend = faults.add({ path: /\/events\?/, ...failure })
      await vi.waitFor(
        async () => {
          await world.clock.advance(3_000)
          expect(await world.outcomes()).toBe(1)
        },
        { timeout: 8_000, interval: 5 },
      )
      mend()
      calls.reset()
      await world.poll()
      expect(calls.count(/\/events$/)).toBeGreaterThan(0)
      await world.known()
    },
  )

  it.each([404, 403])(
    'C13: a district that has none (%d) is asked again after ten minutes',
    async (status) => {
      await using world = await startWorld()
      world.sandbox.faults.add({ path: /\/events\?/, status })
      await world.known()
      const asked = () => world.sandbox.calls.count(/\/events$/)
      const before = asked()
      for (let turn = 0; turn < 10; turn += 1) await world.clock.advance(INTERVAL)
      expect(asked()).toBe(before)
      await eventually(async () => {
        await world.clock.advance(INTERVAL)
        expect(asked()).toBeGreaterThan(before)
      })
    },
  )
})

describe('C16: a roster that shrinks by 90 % while events are off', () => {
  it('C16: is logged and counted as a mass change', async () => {
    await using world = await startWorld({ sandbox: { students: 60, eventsEnabled: false } })
    await world.known()
    const before = world.district.contacts.length
    world.district.removeContacts(0.9)
    await vi.waitFor(
      async () => {
        await world.clock.advance(INTERVAL)
        expect((await world.gateway.metrics.massChanges.get()).values[0]?.value).toBe(1)
      },
      { timeout: 8_000, interval: 5 },
    )
    const warned = world.warnings().filter(({ msg }) => msg.includes('deleted at once'))
    const rows = world.district.contacts.length
    expect(warned).toMatchObject([{ role: 'contact', rows, of: before, deleted: before - rows }])
  })
})
