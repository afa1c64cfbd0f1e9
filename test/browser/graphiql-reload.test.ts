import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { hasChromium, launchChromium } from './chromium.ts'
import { type GraphiqlPage, openGraphiql } from './graphiql-page.ts'

const TABS = [
  'MixedContact',
  'WhatMayISee',
  'ContactsOfStudent',
  'PageOfContacts',
  'Districts',
  'FindContacts',
  'ContactChanges',
]
const SECRET = 'a-token-that-was-typed'

describe.skipIf(!hasChromium)('O20: GraphiQL over the sandbox, reloaded', { timeout: 60_000 }, () => {
  let gateway: TestGateway
  let browser: Browser
  let graphiql: GraphiqlPage
  beforeAll(async () => {
    gateway = await startGateway({ graphiql: 'on' })
    browser = await launchChromium()
    graphiql = await openGraphiql(browser, gateway.url)
  }, 60_000)
  afterAll(async () => {
    await browser.close()
    await gateway[Symbol.asyncDispose]()
  })

  const tabNames = () => graphiql.page.getByRole('tab').allInnerTexts()
  const selected = () => graphiql.page.getByRole('tab', { selected: true }).innerText()
  const kept = () => graphiql.page.evaluate('JSON.stringify({ ...localStorage })') as Promise<string>
  /** GraphiQL keeps its tabs half a second after a change. */
  const hasKept = (activeTab: number) =>
    vi.waitFor(
      async () => expect(await kept()).toMatch(new RegExp(`activeTabIndex\\\\":${activeTab}\\b`)),
      5_000,
    )

  async function visit(address?: string) {
    if (address === undefined) await graphiql.page.reload()
    else await graphiql.page.goto(address)
    await graphiql.editor.getByText('query', { exact: true }).waitFor()
  }

  it('has the same tabs, the same one in front, and the token of its person', async () => {
    await graphiql.openTab('WhatMayISee')
    await hasKept(1)
    await visit()
    await graphiql.screenshot('reloaded')
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('WhatMayISee')
    expect((await graphiql.run()).data.contactsViewer.kind).toBe('GUARDIAN')
    await graphiql.openTab('ContactsOfStudent')
    expect((await graphiql.run()).errors).toBeUndefined()
  })

  it('has them at the next visit too', async () => {
    await hasKept(2)
    await visit(`${gateway.url}/graphql`)
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('ContactsOfStudent')
    expect((await graphiql.run()).data.student.relationships).not.toEqual([])
    expect(await kept()).not.toMatch(/Bearer|eyJ/)
  })

  it('does not keep headers that were typed', async () => {
    await graphiql.button('Headers').click()
    const headers = graphiql.page.locator('.graphiql-editor:not(.hidden) .monaco-editor').last()
    await headers.locator('.view-line').first().click()
    await graphiql.page.keyboard.press('Control+A')
    await graphiql.page.keyboard.press('Delete')
    await graphiql.page.keyboard.type(JSON.stringify({ authorization: `Bearer ${SECRET}` }))
    const sent = graphiql.page.waitForRequest((request) => request.method() === 'POST')
    await graphiql.button(/^Execute query/).click()
    expect((await sent).headers().authorization).toBe(`Bearer ${SECRET}`)
    await graphiql.openTab('WhatMayISee')
    await hasKept(1)
    expect(await kept()).not.toContain(SECRET)
    expect(await kept()).not.toMatch(/Bearer|eyJ/)
  })

  it('has the tokens of today after the sandbox has been restarted', async () => {
    await using restarted = await startGateway({ graphiql: 'on' })
    const entries = await kept()
    await graphiql.page.goto(`${restarted.url}/health`)
    await graphiql.page.evaluate(`Object.assign(localStorage, ${entries})`)
    await visit(`${restarted.url}/graphql`)
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('WhatMayISee')
    expect((await graphiql.run()).data.contactsViewer.kind).toBe('GUARDIAN')
    await graphiql.screenshot('restarted')
  })
})
