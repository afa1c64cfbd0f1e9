import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemsOf } from './support/axe.ts'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

describe.skipIf(!hasChromium)('the page for everyone', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it.each([1280, 390])(
    'has nothing that axe finds, and fits, at %i pixels',
    async (width) => {
      await using visit = await world.open({ width })
      const { page } = visit
      async function isFine(name: string) {
        await visit.screenshot(name)
        expect(await problemsOf(page), name).toEqual([])
      }
      await isFine('page-sign-in')
      await visit.signIn('service')
      await visit.isLive()
      await world.office.changeEmergencyContact()
      await page.getByRole('log').getByText('Ruth Whitfield').first().waitFor()
      await isFine('page-list')
      await page.getByRole('link', { name: /^Aaron Collins/ }).click()
      await page.getByRole('heading', { name: /^Parent of Jonah/ }).waitFor()
      await isFine('page-card')
      await page.getByRole('button', { name: 'Close' }).click()
      await page.getByRole('searchbox').fill('no such name')
      await page.getByText('No contacts').waitFor()
      await isFine('page-nothing-found')
    },
    60_000,
  )

  it('lets the keyboard go from row to row, through several pages', async () => {
    await using visit = await world.open({ as: 'service' })
    await visit.page.getByRole('combobox', { name: 'Sort' }).focus()
    const seen: string[] = []
    while (seen.length < 60) {
      await expect.poll(async () => (await visit.names()).length).toBeGreaterThan(seen.length)
      await visit.page.keyboard.press('Tab')
      seen.push((await focused(visit.page)).split('\n')[0] ?? '')
    }
    expect(seen).toEqual((await visit.names()).slice(0, 60))
  })

  it.each([1280, 390])('can be used with the keyboard alone at %i pixels', async (width) => {
    await using visit = await world.open({ width })
    const { keyboard } = visit.page
    const next = async () => {
      await keyboard.press('Tab')
      return focused(visit.page)
    }
    await visit.page.getByRole('button', { name: /^District admin/ }).waitFor()
    expect(await next()).toMatch(/^District admin/)
    await keyboard.press('Enter')
    await visit.page.getByRole('link', { name: /^Aarav/ }).waitFor()
    await expect.poll(() => focused(visit.page)).toBe('Contacts')
    expect(await next()).toBe('Sign out')
    expect(await next()).toBe('Search')
    await keyboard.type('collins')
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
    expect(await next()).toBe('Sort')
    await keyboard.press('ArrowDown')
    await expect.poll(visit.names).toEqual(['Simone Collins', 'Aaron Collins'])
    expect(await next()).toMatch(/^Simone Collins/)
    expect(await next()).toMatch(/^Aaron Collins/)
    await keyboard.press('Enter')
    await expect.poll(() => focused(visit.page)).toBe('Aaron Collins')
    expect(await next()).toBe('Close')
    expect(await next()).toBe('aaron.collins@example.org')
    expect(await next()).toBe('(330) 280-1898')
    await keyboard.press('Escape')
    await expect.poll(() => focused(visit.page)).toMatch(/^Aaron Collins/)
    await visit.page.getByRole('article').waitFor({ state: 'detached' })
  })
})

/** The name of the element that has the focus, which must be visible. */
async function focused(page: Page): Promise<string> {
  const { name, outline } = await page.evaluate(() => {
    const element = document.activeElement as HTMLElement
    const label =
      element instanceof HTMLInputElement || element instanceof HTMLSelectElement
        ? element.labels?.[0]?.firstChild?.textContent
        : element.innerText
    return { name: label ?? '', outline: getComputedStyle(element).outlineStyle }
  })
  expect(outline, name).toBe('solid')
  return name.trim()
}
