import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startGateway } from '../server/gateway.ts'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

const JONAH = '63850203bfb8460546071e6e'

describe.skipIf(!hasChromium)('the page in trouble', () => {
  let world: World
  beforeEach(async () => {
    world = await createWorld({ settings: { WARM: 'off', DISPLAY_MAX_AGE_MS: '5000' } })
  })
  afterEach(() => world[Symbol.asyncDispose]())

  it('says that data may be old while Clever cannot be reached', async () => {
    await using visit = await world.open({ as: 'service' })
    const notice = visit.page.getByRole('status').getByText('What you see may be old')
    expect(await notice.count()).toBe(0)
    await world.breakClever({ pattern: '/users', status: 503 })
    const words = ['collins', 'collin', 'colli', 'coll', 'col', 'co', 'c'].values()
    await expect
      .poll(
        async () => {
          await visit.page.getByRole('searchbox').fill(words.next().value ?? 'collins')
          return notice.isVisible()
        },
        { interval: 2000, timeout: 30_000 },
      )
      .toBe(true)
    await visit.screenshot('stale')
    expect(await visit.names()).toContain('Simone Collins')
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

    const portOf = (url: string) => new URL(url).port
    await using _restarted = await startGateway({
      PORT: portOf(world.gateway.url),
      SANDBOX_PORT: portOf(world.gateway.sandboxUrl),
      SANDBOX_STUDENTS: '120',
    })
    // The sandbox signs with another key from now on.
    await visit.page
      .getByRole('button', { name: 'Sign in again as district admin' })
      .click({ timeout: 40_000 })
    await visit.page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
    await visit.isLive()
  })
})
