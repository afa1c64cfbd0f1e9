import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

describe.skipIf(!hasChromium)('a viewer of several districts', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ settings: { SANDBOX_DISTRICTS: '2', SANDBOX_STUDENTS: '24' } })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('chooses one, and sees its contacts and its changes', async () => {
    await using visit = await world.open({ as: 'service' })
    const district = visit.page.getByRole('combobox', { name: 'District' })
    const [first = '', second = ''] = await district.getByRole('option').allInnerTexts()
    const inFirst = await visit.names()
    await district.selectOption(second)
    await expect.poll(async () => (await visit.names())[0]).not.toBe(inFirst[0])
    await visit.screenshot('districts')
    await visit.isLive()
    await district.selectOption(first)
    await expect.poll(visit.names).toEqual(inFirst)
    await visit.isLive()
    await world.office.changeEmergencyContact()
    await visit.page.getByRole('log').getByText('Ruth Whitfield').waitFor()
    expect(visit.problems).toEqual([])
  })
})
