import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from './support/chromium.ts'
import type { Visit } from './support/visit.ts'
import { createWorld, type World } from './support/world.ts'

describe.skipIf(!hasChromium)('a change in the district', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('appears in the open card, in the list and among the changes, without a reload', async () => {
    await using visit = await world.open({ as: 'district admin' })
    await visit.page.getByRole('searchbox').fill('ruth whitfield')
    const row = visit.page.getByRole('link', { name: /^Ruth Whitfield/ }).first()
    await row.click()
    const entry = visit.page.getByRole('heading', { name: /^Aunt or uncle of Jonah/ })
    await visit.page.getByRole('article', { name: 'Ruth Whitfield' }).waitFor()
    expect(await entry.count()).toBe(0)
    await visit.isLive()

    await world.office.changeEmergencyContact()
    await entry.waitFor()
    expect(await row.innerText()).toContain('Aunt or uncle of Jonah')
    await visit.page.getByRole('log').getByText('Ruth Whitfield: relationships changed.').waitFor()
    await visit.page
      .getByRole('list', { name: /Privileges for Jonah/ })
      .getByText('Be called in an emergency')
      .waitFor()
    await visit.screenshot('live')

    await world.office.changeEmergencyContact()
    await entry.waitFor({ state: 'detached' })
    expect(visit.problems).toEqual([])
  })

  it('shows a guardian a contact that becomes visible, at a click, and hides it when it no longer is', async () => {
    await using visit = await world.open({ as: 'guardian' })
    await visit.isLive()
    await world.office.changeEmergencyContact()
    await visit.page.getByRole('log').getByText('Ruth Whitfield is new.').waitFor()
    expect(await visit.names()).toEqual(['Aaron Collins', 'Simone Collins'])
    await visit.page.getByRole('button', { name: /Show the new list/ }).click()
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Ruth Whitfield', 'Simone Collins'])
    await world.office.changeEmergencyContact()
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
    expect(await visit.count()).toBe('2 of 2 contacts')
    await visit.page.getByRole('log').getByText('Ruth Whitfield was removed.').waitFor()
  })

  it('that happened before the first one arrived, while the connection was lost, is offered', async () => {
    await using visit = await world.open({ as: 'guardian' })
    await visit.isLive()
    await visit.page.context().setOffline(true)
    world.cutConnections()
    await visit.page.getByText('Connecting …').waitFor()
    await using witness = await world.open({ as: 'guardian' })
    await witness.isLive()
    await world.office.changeEmergencyContact()
    await witness.page.getByRole('log').getByText('Ruth Whitfield is new.').waitFor()
    await visit.page.context().setOffline(false)
    await visit.page.getByRole('button', { name: /Show the new list/ }).click()
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Ruth Whitfield', 'Simone Collins'])
    await world.office.changeEmergencyContact()
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
  })

  it('is no longer followed after the page was closed', async () => {
    const open = async () => /^gateway_subscriptions (\d+)$/m.exec(await metrics(world))?.[1]
    await expect.poll(open).toBe('0')
    const visit = await world.open({ as: 'district admin' })
    await visit.isLive()
    expect(await open()).toBe('1')
    await visit[Symbol.asyncDispose]()
    await expect.poll(open).toBe('0')
  })

  it('that happened while the connection was lost arrives afterward, once', async () => {
    await using visit = await world.open({ as: 'district admin' })
    await using witness = await world.open({ as: 'district admin' })
    const linesOf = ({ page }: Visit) =>
      page.getByRole('log').getByText('Ruth Whitfield: relationships changed.')
    const haveSeen = (count: number, ...visits: readonly Visit[]) =>
      Promise.all(visits.map((each) => expect.poll(() => linesOf(each).count()).toBe(count)))
    await visit.isLive()
    await witness.isLive()
    await world.office.changeEmergencyContact()
    await haveSeen(1, visit, witness)

    await visit.page.context().setOffline(true)
    world.cutConnections()
    await visit.page.getByText('Connecting …').waitFor()
    await world.office.changeEmergencyContact()
    await haveSeen(2, witness)
    expect(await linesOf(visit).count()).toBe(1)

    await visit.page.context().setOffline(false)
    await haveSeen(2, visit)
    await visit.isLive()
    await world.office.changeEmergencyContact()
    await haveSeen(3, visit, witness)
    await world.office.changeEmergencyContact()
    await haveSeen(4, visit, witness)
  })
})

async function metrics({ gateway }: World): Promise<string> {
  return (await fetch(`${gateway.url}/metrics`)).text()
}
