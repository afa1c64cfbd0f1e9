import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Person } from '../src/session/people.ts'
import { hasChromium } from './support/chromium.ts'
import { createWorld, type World } from './support/world.ts'

const AARON = '63850203bfb8460546071ef6'

/** How many contacts each person sees, whether Aaron's phone, and how many of his three students. */
const PEOPLE: readonly [Person, number, boolean, number][] = [
  ['district admin', 162, true, 3],
  ['school staff', 105, false, 0],
  ['teacher', 36, true, 1],
  ['guardian', 2, true, 1],
  ['student', 2, false, 1],
  ['service', 162, true, 3],
]

describe.skipIf(!hasChromium)('sign-in as a person of the sandbox', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
  })
  afterAll(() => world[Symbol.asyncDispose]())

  it.each(PEOPLE)('%s: sees %i contacts, phones: %s, Aaron with %i students', async (...expected) => {
    const [person, total, seesPhones, students] = expected
    await using visit = await world.open({ as: person })
    const { page } = visit
    await visit.screenshot(person.replace(' ', '-'))
    expect(await visit.count()).toMatch(new RegExp(`of ${total} contacts`))
    await page.getByRole('searchbox').fill('aaron collins')
    await expect.poll(visit.names).toEqual(students > 0 ? ['Aaron Collins'] : [])
    await page.goto(`${world.url}#${AARON}`)
    const card = page.getByRole('article', { name: students > 0 ? 'Aaron Collins' : 'No such contact' })
    await card.waitFor()
    await expect.poll(() => card.locator('.relationships > li').count()).toBe(students)
    expect(await card.getByRole('link', { name: '(330) 280-1898' }).count()).toBe(seesPhones ? 1 : 0)
    expect(visit.problems).toEqual([])
  })

  it('shows a person nothing of what the person before saw', async () => {
    await using visit = await world.open({ as: 'district admin' })
    await visit.page.getByRole('link', { name: /^Aaron Collins/ }).click()
    await visit.page.getByRole('article', { name: 'Aaron Collins' }).waitFor()
    await visit.page.getByRole('button', { name: 'Close' }).click()
    await visit.page.getByRole('button', { name: 'Sign out' }).click()
    await visit.signIn('student')
    expect(await visit.names()).toEqual(['Aaron Collins', 'Simone Collins'])
    expect(await visit.page.getByText('Whitfield').count()).toBe(0)
    await visit.page.getByText('Jonah L Collins').first().waitFor()
  })

  it('leaves no token in the address or in the storage of the browser', async () => {
    await using visit = await world.open({ as: 'guardian' })
    const kept = await visit.page.evaluate(
      'JSON.stringify([location.href, { ...localStorage }, { ...sessionStorage }, document.cookie])',
    )
    expect(kept).not.toMatch(/eyJ/)
  })
})
