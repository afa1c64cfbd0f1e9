import { describe, expect, it } from 'vitest'
import { parseUserId } from '../../src/model/ids.ts'
import { INTERVAL, type Keeping, pageOfEvents, startKeeping } from './syncing.ts'

const HOUR = 3_600_000
const EVENTS = /\/events\?/

const idOf = (text = '') => parseUserId(text) ?? expect.unreachable()

function userAt({ roster }: Keeping, n: number) {
  return roster.roster.user(roster.contacts[n] ?? '') ?? expect.unreachable()
}

function phoneOf({ store }: Keeping, id: string) {
  const found = store.find('contact', idOf(id), Number.NEGATIVE_INFINITY)?.value
  return typeof found === 'object' ? found.phone : found
}

/** A contact as Clever has it, with another phone. */
function withPhone(user: ReturnType<typeof userAt>, phone: string, at: number) {
  const contact = user.roles.contact ?? expect.unreachable()
  return { ...user, last_modified: new Date(at).toISOString(), roles: { contact: { ...contact, phone } } }
}

describe('a district that is kept ready, when the clock of the host is set', () => {
  it('back by two hours, is kept young by events, and is not read over and over', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    keeping.clock.setBy(-2 * HOUR)
    for (let turn = 0; turn < 12; turn += 1) await keeping.later()
    keeping.sandbox.calls.reset()
    for (let turn = 0; turn < 20; turn += 1) await keeping.later()
    expect(keeping.sandbox.calls.count(/\/users$/)).toBe(0)
    expect(keeping.store.count('contact', keeping.clock.now() - 150_000)).toBeDefined()
  })

  it('forward by two hours, gets an event that Clever shows late', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    const [one, other] = [userAt(keeping, 0), userAt(keeping, 1)]
    await keeping.later()
    const at = keeping.clock.now()
    const late = { n: 1, kind: 'updated', object: withPhone(one, '555-0001', at) } as const
    const first = { n: 2, kind: 'updated', object: withPhone(other, '555-0002', at) } as const
    const tell = (events: Parameters<typeof pageOfEvents>[0]) =>
      keeping.sandbox.faults.add({ path: EVENTS, status: 200, body: pageOfEvents(events, at) })
    const untell = tell([first])
    keeping.clock.setBy(2 * HOUR)
    await keeping.later()
    untell()
    tell([late, first])
    await keeping.later()
    expect(phoneOf(keeping, one.id)).toBe('555-0001')
  })

  it('forward by two hours in the middle of a sync, does not take the first who came for the successor', async () => {
    await using keeping = await startKeeping()
    keeping.district.backfill.want()
    await keeping.turn()
    await keeping.later()
    const { idHistory } = keeping.district
    const gone = userAt(keeping, 0)
    const at = keeping.clock.now()
    const events = [
      { n: 1, kind: 'deleted', object: gone },
      { n: 2, kind: 'created', object: { ...gone, id: 'a'.repeat(24) } },
      { n: 3, kind: 'created', object: { ...gone, id: 'b'.repeat(24) } },
    ] as const
    const tell = (count: number) =>
      keeping.sandbox.faults.add({
        path: EVENTS,
        status: 200,
        body: pageOfEvents(events.slice(0, count), at),
      })
    const untell = tell(2)
    await keeping.later()
    keeping.clock.setBy(2 * HOUR)
    await keeping.later()
    expect(idHistory.successorOf(idOf(gone.id))).toBeUndefined()
    untell()
    tell(3)
    for (let turn = 0; turn < 10; turn += 1) await keeping.later(INTERVAL)
    expect(idHistory.successorOf(idOf(gone.id))).toBeUndefined()
  })

  it('not at all: the one who came alone is the successor', async () => {
    await using keeping = await startKeeping()
    keeping.district.backfill.want()
    await keeping.turn()
    await keeping.later()
    const gone = userAt(keeping, 0)
    const events = [
      { n: 1, kind: 'deleted', object: gone },
      { n: 2, kind: 'created', object: { ...gone, id: 'a'.repeat(24) } },
    ] as const
    const body = pageOfEvents(events, keeping.clock.now())
    keeping.sandbox.faults.add({ path: EVENTS, status: 200, body })
    for (let turn = 0; turn < 12; turn += 1) await keeping.later()
    expect(keeping.district.idHistory.successorOf(idOf(gone.id))).toBe('a'.repeat(24))
  })
})
