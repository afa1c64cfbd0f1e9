import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemsOf } from './support/axe.ts'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

describe.skipIf(!hasChromium)('a token that expires', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld({ tokenSeconds: 20 })
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('asks for a new sign-in at once, and the page goes on where it was', async () => {
    await using visit = await world.open({ as: 'district admin' })
    const { page } = visit
    await visit.isLive()
    await page.getByRole('searchbox').fill('collins')
    await page.getByRole('combobox', { name: 'Sort' }).selectOption('Name, Z to A')
    await expect.poll(visit.names).toEqual(['Simone Collins', 'Aaron Collins'])
    await page.getByRole('link', { name: /^Simone Collins/ }).click()
    await page.getByRole('article', { name: 'Simone Collins' }).waitFor()

    const dialog = page.getByRole('dialog', { name: 'Your sign-in has expired' })
    await dialog.waitFor({ timeout: 30_000 })
    await visit.screenshot('expired')
    await page.keyboard.press('Escape')
    expect(await dialog.isVisible()).toBe(true)
    await page.getByRole('button', { name: 'Sign in again as district admin' }).click()
    await dialog.waitFor({ state: 'hidden' })
    expect(await page.getByRole('searchbox').inputValue()).toBe('collins')
    expect(await visit.names()).toEqual(['Simone Collins', 'Aaron Collins'])
    expect(await page.getByRole('article', { name: 'Simone Collins' }).isVisible()).toBe(true)
    await visit.isLive()
    await world.office.changeEmergencyContact()
    await page.getByRole('log').getByText('Ruth Whitfield: relationships changed.').waitFor()
    await world.office.changeEmergencyContact()
  })

  it('is said in a dialog that fits a phone, and axe finds nothing in it', async () => {
    await using visit = await world.open({ as: 'guardian', width: 390 })
    await visit.page.getByRole('dialog').waitFor({ timeout: 30_000 })
    await visit.screenshot('expired')
    expect(await problemsOf(visit.page)).toEqual([])
  })

  it('lets another person sign in instead, who starts from the beginning', async () => {
    await using visit = await world.open({ as: 'district admin' })
    await visit.page.getByRole('searchbox').fill('collins')
    await visit.page.getByRole('dialog').waitFor({ timeout: 30_000 })
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
    await visit.signIn('student')
    expect(await visit.page.getByRole('searchbox').inputValue()).toBe('')
    expect(await visit.names()).toEqual(['Aaron Collins', 'Simone Collins'])
  })

  it('is noticed at the next query in a district without live changes, and the query is answered', async () => {
    await world.office.setEvents('off')
    await using visit = await world.open()
    const sent = visit.page.waitForRequest('**/graphql')
    await visit.signIn('guardian')
    await visit.page.getByText('No live changes in this district').waitFor()
    const { authorization = '' } = (await sent).headers()
    const ask = () => fetch(`${world.gateway.url}/graphql?query={__typename}`, { headers: { authorization } })
    await expect.poll(async () => (await ask()).status, { timeout: 30_000 }).toBe(401)

    await visit.page.getByRole('searchbox').fill('simone')
    await visit.page.getByRole('button', { name: 'Sign in again as guardian' }).click()
    await expect.poll(visit.names).toEqual(['Simone Collins'])
  })
})
