import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

describe.skipIf(!hasChromium)('a page that was built for a gateway of another origin', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ isCrossOrigin: true, tokenSeconds: 20 })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('asks it directly, follows its changes, and notices an expired token', async () => {
    await using visit = await world.open()
    const requests: string[] = []
    visit.page.on('request', (request) => requests.push(request.url()))
    await visit.signIn('district admin')
    await visit.isLive()
    await world.office.changeEmergencyContact()
    await visit.page.getByRole('log').getByText('Ruth Whitfield').waitFor()
    await visit.page.getByRole('dialog', { name: 'Your sign-in has expired' }).waitFor({ timeout: 30_000 })
    await visit.page.getByRole('button', { name: /^Sign in again/ }).click()
    await visit.isLive()
    expect(requests).toContain(`${world.gateway.url}/graphql`)
    expect(requests).not.toContain(`${world.url}graphql`)
    expect(visit.problems.filter((problem) => !/401/.test(problem))).toEqual([])
  })
})
