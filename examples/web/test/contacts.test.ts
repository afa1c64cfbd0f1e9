import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

const AARON = '63850203bfb8460546071ef6'

describe.skipIf(!hasChromium)('the contacts of a district', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it('come page by page as the list is scrolled, until all are there', async () => {
    await using visit = await world.open({ as: 'district admin' })
    const { page } = visit
    await visit.screenshot('list')
    const first = await visit.names()
    expect(first).toHaveLength(25)
    const [, total] = /of (\d+)/.exec(await visit.count()) ?? []
    await expect
      .poll(async () => {
        await page.locator('.contacts li').last().scrollIntoViewIfNeeded()
        return visit.count()
      })
      .toBe(`${total} of ${total} contacts`)
    const names = await visit.names()
    expect(names).toHaveLength(Number(total))
    expect(names.slice(0, 25)).toEqual(first)
    expect(await page.getByRole('button', { name: /more contacts/ }).count()).toBe(0)
    expect(visit.problems).toEqual([])
  })

  it('can be searched by name and by phone, and the whole list comes back', async () => {
    await using visit = await world.open({ as: 'district admin' })
    const search = visit.page.getByRole('searchbox', { name: 'Search' })
    await search.fill('collins')
    await expect.poll(visit.names).toEqual(['Aaron Collins', 'Simone Collins'])
    await search.fill('330 280 1898')
    await expect.poll(visit.names).toEqual(['Aaron Collins'])
    await search.fill('no such name')
    await visit.page.getByText('No contacts').waitFor()
    await visit.screenshot('nothing-found')
    await search.fill('')
    await expect.poll(async () => (await visit.names()).length).toBe(25)
    expect(visit.page.url()).not.toContain('collins')
  })

  it('are sorted by name, in both directions', async () => {
    await using visit = await world.open({ as: 'district admin' })
    const named = async () => (await visit.names()).filter((name) => name !== 'No name')
    const sorted = (names: readonly string[]) => names.toSorted(new Intl.Collator('en-US').compare)
    const ascending = await named()
    expect(ascending).toEqual(sorted(ascending))
    await visit.page.getByRole('combobox', { name: 'Sort' }).selectOption('Name, Z to A')
    await expect.poll(async () => (await named())[0]).not.toBe(ascending[0])
    const descending = await named()
    expect(descending).toEqual(sorted(descending).toReversed())
  })

  it('have a card: parent of one student with privileges, and uncle of two others without', async () => {
    await using visit = await world.open({ as: 'service' })
    await visit.page.getByRole('link', { name: /^Aaron Collins/ }).click()
    const card = visit.page.getByRole('article', { name: 'Aaron Collins' })
    const entries = card.locator('.relationships > li')
    const entryOf = (text: RegExp) => entries.filter({ has: visit.page.getByRole('heading', { name: text }) })
    await expect.poll(() => entries.count()).toBe(3)
    await visit.screenshot('card')

    const son = entryOf(/^Parent of Jonah .*Collins$/)
    expect(
      await son
        .getByRole('list', { name: /^Privileges for Jonah/ })
        .getByRole('listitem')
        .count(),
    ).toBe(7)
    expect(await son.innerText()).toContain('Pick up from school')
    for (const text of [/^Aunt or uncle of Naomi .*Whitfield$/, /^Aunt or uncle of Theo .*Whitfield$/]) {
      expect(await entryOf(text).innerText()).toMatch(/No privileges for/)
    }
    expect(await card.getByRole('link', { name: '(330) 280-1898' }).getAttribute('href')).toBe(
      'tel:+13302801898',
    )
    expect(visit.problems).toEqual([])
  })

  it('keep a card open after a reload and a new sign-in, and close it with Back', async () => {
    await using visit = await world.open({ as: 'service' })
    const card = visit.page.getByRole('article', { name: 'Aaron Collins' })
    await visit.page.getByRole('link', { name: /^Aaron Collins/ }).click()
    await card.waitFor()
    await visit.page.reload()
    await visit.signIn('service')
    await card.waitFor()
    await visit.page.goBack()
    await card.waitFor({ state: 'detached' })
  })

  it('say so if a contact is not there, or hidden', async () => {
    await using visit = await world.open({ as: 'guardian' })
    await visit.page.goto(`${visit.page.url()}#634e6a4e4cb4acdc4d31e213`)
    await visit.page.getByRole('article', { name: 'No such contact' }).waitFor()
    await visit.page.goto(`${world.url}#${AARON}`)
    await visit.page.getByRole('article', { name: 'Aaron Collins' }).waitFor()
  })
})
