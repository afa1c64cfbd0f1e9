import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGateway } from '../server/gateway.ts'
import { hasChromium } from './support/chromium.ts'
import { freePort } from './support/free-port.ts'
import { createWorld, type World } from './support/world.ts'

const JONAH = '63850203bfb8460546071e6e'

describe.skipIf(!hasChromium)('the page in trouble', () => {
  let world: World
  let ports: Record<string, string>
  beforeEach(async () => {
    ports = { PORT: `${await freePort()}`, SANDBOX_PORT: `${await freePort()}` }
    world = await createWorld({ settings: { ...ports, WARM: 'off', DISPLAY_MAX_AGE_MS: '5000' } })
  })
  afterEach(() => world[Symbol.asyncDispose]())

  it('says that data may be old while Clever cannot be reached', async () => {
    await using visit = await world.open({ as: 'service' })
    const notice = visit.page.getByRole('status').getByText('What you see may be old')
    const letters = [...'abcdefghijklmnoprstuvwyz'].values()
    const searchUntil = (isShown: boolean) =>
      expect
        .poll(
          async () => {
            await visit.page.getByRole('searchbox').fill(letters.next().value ?? '')
            return notice.isVisible()
          },
          { interval: 2000, timeout: 30_000 },
        )
        .toBe(isShown)
    await searchUntil(false)
    await world.breakClever({ pattern: '/users', status: 503 })
    await searchUntil(true)
    await visit.page.getByRole('searchbox').fill('collins')
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
    await visit.screenshot('stale')
  })

  it('shows contacts without students that cannot be read, and says why', async () => {
    await world.breakClever({ pattern: `/users/${JONAH}$|role=student`, status: 503 })
    await using visit = await world.open({ as: 'service' })
    await visit.page.getByRole('alert').getByText('Clever cannot be reached').waitFor()
    await visit.screenshot('partial')
    const row = visit.page.getByRole('link', { name: /^Simone Collins/ })
    await visit.page.getByRole('searchbox').fill('simone collins')
    await row.getByText('Parent of a student who is not shown').waitFor()
  })

  it('goes on after the gateway was restarted', async () => {
    await using visit = await world.open({ as: 'district admin' })
    await visit.isLive()
    await world.gateway[Symbol.asyncDispose]()
    await visit.page.getByText('Connecting …').waitFor()
    await visit.page.getByRole('searchbox').fill('collins')
    await visit.page.getByRole('alert').getByText('The contacts cannot be reached.').waitFor()
    await visit.screenshot('gateway-down')
    expect(await visit.names()).toEqual([])

    await using _restarted = await startGateway({ ...ports, SANDBOX_STUDENTS: '120' })
    // The sandbox signs with another key from now on.
    await visit.page
      .getByRole('button', { name: 'Sign in again as district admin' })
      .click({ timeout: 40_000 })
    await visit.page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
    await visit.isLive()
  })
})
