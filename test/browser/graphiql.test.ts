import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { type GraphiqlPage, openGraphiql } from './graphiql-page.ts'

describe.skipIf(!hasChromium)('GraphiQL over the sandbox', () => {
  let gateway: TestGateway
  let browser: Browser
  beforeAll(async () => {
    gateway = await startGateway({ graphiql: 'on' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await gateway[Symbol.asyncDispose]()
  })

  it('opens without a word to any other host, and without an error', async () => {
    await using graphiql = await openGraphiql(browser, gateway.url)
    await graphiql.run()
    await graphiql.result.getByText('"data"').waitFor()
    const icon = await graphiql.page.locator('link[rel=icon]').getAttribute('href')

    const elsewhere = graphiql.requests.filter((url) => !isWithin(gateway.url, url))
    expect(elsewhere).toEqual([])
    expect(graphiql.requests.some((url) => url.startsWith('blob:'))).toBe(true)
    expect(icon).toMatch(/^data:/)
    expect(graphiql.problems).toEqual([])
  })

  it('completes the name of a field as it is typed', async () => {
    await using graphiql = await openGraphiql(browser, gateway.url)
    const { page, editor } = graphiql
    await editor.locator('.view-line').filter({ hasText: 'displayName' }).first().click()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.keyboard.type('disp')
    const offered = page.locator('.suggest-widget .monaco-list-row').filter({ hasText: 'displayName' })
    await offered.waitFor()
    await graphiql.screenshot('completion')
    expect(await offered.textContent()).toMatch(/^displayName\s*String$/)
  })

  it('documents the schema', async () => {
    await using graphiql = await openGraphiql(browser, gateway.url)
    await graphiql.button('Show Documentation Explorer').click()
    const docs = graphiql.page.getByRole('region', { name: 'Documentation Explorer' })
    await docs.getByText('Contact', { exact: true }).click()
    await docs.getByText('The relationship depends on the student').waitFor()
    await graphiql.screenshot('documentation')
    expect(await docs.textContent()).toContain('one for each time that the district lists the pair')
  })

  describe('the tabs', () => {
    let graphiql: GraphiqlPage
    beforeAll(async () => {
      graphiql = await openGraphiql(browser, gateway.url)
      await graphiql.screenshot('first-impression')
    })
    afterAll(() => graphiql[Symbol.asyncDispose]())

    it('are named after what they ask', async () => {
      expect(await graphiql.page.getByRole('tab').allInnerTexts()).toEqual([
        'MixedContact',
        'WhatMayISee',
        'ContactsOfStudent',
        'PageOfContacts',
        'Districts',
        'FindContacts',
        'ContactChanges',
      ])
    })

    it('answer at a click: a contact who is aunt or uncle of two students and parent of a third', async () => {
      const { contact } = await answerOf(graphiql, 'MixedContact')
      expect(contact.displayName).toBe('Aaron Collins')
      expect(
        contact.relationships.map(({ relationship }: { relationship: string }) => relationship).sort(),
      ).toEqual(['AUNT_UNCLE', 'AUNT_UNCLE', 'PARENT'])
    })

    it('answer at a click: the same person signed in, with the privileges of a parent for one child alone', async () => {
      const { contactsViewer: viewer } = await answerOf(graphiql, 'WhatMayISee')
      expect(viewer.students).toHaveLength(1)
      expect(viewer.students[0].privileges).toContain('PICK_UP')
      expect(viewer.contacts[0].relationships).toHaveLength(1)
    })

    it('answer at a click: what each contact is to one student', async () => {
      const { student } = await answerOf(graphiql, 'ContactsOfStudent')
      expect(student.relationships).toContainEqual(
        expect.objectContaining({
          relationship: 'PARENT',
          contact: expect.objectContaining({ displayName: 'Aaron Collins' }),
        }),
      )
    })

    it('answer at a click: a page of contacts', async () => {
      const { contacts } = await answerOf(graphiql, 'PageOfContacts')
      expect(contacts.nodes).toHaveLength(10)
      expect(contacts.pageInfo.hasNextPage).toBe(true)
    })

    it('answer at a click: the district', async () => {
      const { districts } = await answerOf(graphiql, 'Districts')
      expect(districts).toEqual([expect.objectContaining({ name: 'Harmony Valley School District' })])
    })
  })
})

/** Data that came without errors and is on the screen. */
async function answerOf(graphiql: GraphiqlPage, tab: string) {
  await graphiql.openTab(tab)
  const answer = await graphiql.run()
  expect(answer).not.toHaveProperty('errors')
  await graphiql.result.getByText(`"${Object.keys(answer.data)[0]}"`, { exact: true }).waitFor()
  await graphiql.screenshot(tab)
  return answer.data
}

function isWithin(origin: string, url: string): boolean {
  return url.startsWith('data:') || url.startsWith(`blob:${origin}/`) || url.startsWith(`${origin}/`)
}
