import { describe, expect, it } from 'vitest'
import { firstIdAt } from '../../src/model/events.ts'
import { startKeeping } from './syncing.ts'

const YEAR = 365 * 86_400_000

describe('an event a year ahead of its time, in the middle of a page with a further one', () => {
  it('hides none of the events that come after the page', async () => {
    await using keeping = await startKeeping()
    await keeping.turn()
    await keeping.later()
    const now = keeping.clock.now()
    const [one, other, last] = [0, 1, 2].map((n) => keeping.roster.contacts[n] ?? expect.unreachable())
    const event = (id: string, contact = '') => ({
      data: { id, type: 'users.deleted', data: { object: keeping.roster.roster.user(contact) } },
    })
    const ids = [now, now + YEAR, now + 1_000, now + 2_000].map((at) => firstIdAt(at))
    const [first, ahead, second, third] = [
      event(ids[0] ?? '', one),
      event(ids[1] ?? '', one),
      event(ids[2] ?? '', other),
      event(ids[3] ?? '', last),
    ]
    const answer = (path: RegExp, data: readonly object[], links: readonly object[] = []) =>
      keeping.sandbox.faults.add({
        path,
        status: 200,
        body: JSON.stringify({ data, links: [{ rel: 'self', uri: '/v3.1/events' }, ...links] }),
      })
    const next = `/v3.1/events?starting_after=${ids[2]}`
    answer(new RegExp(`starting_after=${ids[2]}`), [third])
    answer(new RegExp(`starting_after=${ids[1]}`), [])
    answer(/\/events\?/, [first, ahead, second], [{ rel: 'next', uri: next }])
    await keeping.later()
    const { values } = await keeping.metrics.events.get()
    expect(values.reduce((sum, { value }) => sum + value, 0)).toBe(3)
  })
})
