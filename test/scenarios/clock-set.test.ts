import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway } from '../support/gateway.ts'
import { startWorld } from './world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const CONTACT = '{ contact(id: "63850203bfb8460546071ef6") { displayName } }'

type World = Awaited<ReturnType<typeof startWorld>>

/** The clock of the host, and not that of Clever. */
function setHostClock(world: World, milliseconds: number) {
  world.clock.setBy(milliseconds)
  world.setSkew(-milliseconds)
}

describe('a gateway whose clock is set back by two hours', () => {
  it('reads the tokens again when one is refused, as before', async () => {
    const clock = createFakeClock(Date.now())
    await using gateway = await startGateway({ source: 'client', clock })
    await gateway.ask(CONTACT)
    clock.setBy(-2 * HOUR)
    await clock.advance(301_000)
    gateway.sandbox.districts[0]?.rotateToken()
    const { data, errors } = await gateway.ask(CONTACT)
    expect(errors).toEqual([])
    expect(data.contact.displayName).toBe('Aaron Collins')
  })

  it('notices after ten minutes that a district has switched its events on', async () => {
    await using world = await startWorld()
    world.district.setEvents('off')
    await world.known()
    setHostClock(world, -2 * HOUR)
    world.district.setEvents('on')
    world.sandbox.calls.reset()
    await world.clock.advance(10 * MINUTE)
    for (let turn = 0; turn < 5; turn += 1) await world.poll()
    expect(world.sandbox.calls.count(/\/events$/)).toBeGreaterThan(2)
  })
})
