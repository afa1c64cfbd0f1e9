import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { hasChromium, openChromium } from './chromium.ts'
import { type GraphiqlPage, openGraphiql, TABS } from './graphiql-page.ts'

const SECRET = 'a-token-that-was-typed'

describe.skipIf(!hasChromium)('O20: GraphiQL over the sandbox, reloaded', { timeout: 60_000 }, () => {
  let gateway: TestGateway
  let graphiql: GraphiqlPage
  beforeAll(async () => {
    gateway = await startGateway({ graphiql: 'on' })
    graphiql = await openGraphiql(await openChromium(), gateway.url)
  }, 60_000)
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
  })

  const tabNames = () => graphiql.page.getByRole('tab').allInnerTexts()
  const selected = () => graphiql.page.getByRole('tab', { selected: true }).innerText()
  const activeTab = (index: number) => new RegExp(`activeTabIndex\\\\":${index}\\b`)
  /** Replaces everything that the page keeps in the browser, as if `entries` were there before the visit. */
  async function visitWith(url: string, entries: object) {
    await graphiql.page.goto(`${url}/health`)
    await graphiql.page.evaluate(
      `localStorage.clear(); Object.assign(localStorage, ${JSON.stringify(entries)})`,
    )
    await graphiql.visit(`${url}/graphql`)
  }

  it('has the same tabs, the same one in front, and the token of its person', async () => {
    await graphiql.openTab('AsGuardian')
    await graphiql.visit()
    await graphiql.screenshot('reloaded')
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('AsGuardian')
    expect((await graphiql.run()).data.contactsViewer.kind).toBe('GUARDIAN')
    await graphiql.openTab('AsTeacher')
    expect((await graphiql.run()).errors).toBeUndefined()
  })

  it('has them at the next visit too', async () => {
    await graphiql.hasKept(activeTab(2))
    await graphiql.visit(`${gateway.url}/graphql`)
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('AsTeacher')
    expect((await graphiql.run()).data.student.relationships).not.toEqual([])
    expect(await graphiql.kept()).not.toMatch(/Bearer|eyJ/)
  })

  it('opens a new tab with the token of the service, and keeps it', async () => {
    await graphiql.button('New tab').click()
    await graphiql.editor.locator('.view-line').first().click()
    await graphiql.page.keyboard.insertText('query Own { contactsViewer { kind } }')
    await graphiql.hasKept(/query Own/)
    await graphiql.visit()
    await graphiql.headers.getByText('Bearer').waitFor()
    expect(await tabNames()).toEqual([...TABS, 'Own'])
    expect((await graphiql.run()).data.contactsViewer.kind).toBe('SERVICE')
    await graphiql.page.getByRole('button', { name: 'Close Tab' }).last().click()
    await graphiql.hasKept(activeTab(6))
    expect(await tabNames()).toEqual(TABS)
  })

  it('does not keep headers that were typed', async () => {
    await graphiql.openTab('AsTeacher')
    await graphiql.headers.locator('.graphiql-editor:not(.hidden) .view-line').first().click()
    await graphiql.page.keyboard.press('Control+A')
    await graphiql.page.keyboard.press('Delete')
    await graphiql.page.keyboard.type(JSON.stringify({ authorization: `Bearer ${SECRET}` }))
    const sent = graphiql.page.waitForRequest((request) => request.method() === 'POST')
    await graphiql.button(/^Execute query/).click()
    expect((await sent).headers().authorization).toBe(`Bearer ${SECRET}`)
    await graphiql.openTab('AsGuardian')
    expect(await graphiql.kept()).not.toContain(SECRET)
    expect(await graphiql.kept()).not.toMatch(/Bearer|eyJ/)
  })

  it('shows the query of a link, and removes it from the address', async () => {
    await graphiql.visit(
      `${gateway.url}/graphql?query=${encodeURIComponent('query Linked { districts { id } }')}`,
    )
    expect(await selected()).toBe('Linked')
    expect(graphiql.page.url()).toBe(`${gateway.url}/graphql`)
    await graphiql.page.getByRole('button', { name: 'Close Tab' }).last().click()
    await graphiql.hasKept(activeTab(6))
    expect(await tabNames()).toEqual(TABS)
    await graphiql.openTab('AsGuardian')
  })

  it('has the tokens of today after the sandbox has been restarted', async () => {
    await using restarted = await startGateway({ graphiql: 'on' })
    await visitWith(restarted.url, JSON.parse(await graphiql.kept()))
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('AsGuardian')
    expect((await graphiql.run()).data.contactsViewer.kind).toBe('GUARDIAN')
    await graphiql.screenshot('restarted')
  })

  it('shows the new tabs in front of the own ones, and the headers, after a visit to an earlier version', async () => {
    const rest = { hash: null, variables: null, headers: null, operationName: null, response: null }
    const tab = (id: string, query: string, person?: string) => ({
      ...rest,
      id,
      title: 'Mine',
      query,
      person,
    })
    const tabs = [
      tab('default-0', 'query MixedContact { districts { id } }', 'service'),
      tab('default-1', 'query WhatMayISee { districts { id } }', 'guardian'),
      tab('a1b2', 'query Mine { contactsViewer { kind } }', 'guardian'),
    ]
    await visitWith(gateway.url, {
      'clever-contacts-gateway:graphiql:tabState': JSON.stringify({ activeTabIndex: 1, tabs }),
      'clever-contacts-gateway:graphiql:secondaryEditorFlex': 'hide-second',
      // As GraphiQL itself wrote before the gateway had a memory of its own.
      'graphiql:tabState': JSON.stringify({ activeTabIndex: 0, tabs: [tab('x', 'query Older { a }')] }),
      'graphiql:query': 'query Older { a }',
    })
    await graphiql.screenshot('after-update')
    expect(await selected()).toBe('AsService')
    await graphiql.headers.getByText('Bearer').waitFor()
    expect(await tabNames()).toEqual([...TABS, 'Mine'])
    await graphiql.openTab('Mine')
    expect((await graphiql.run()).data).toEqual({ contactsViewer: { kind: 'GUARDIAN' } })
  })

  it('forgets all of it where the user clears the data', async () => {
    await graphiql.button('Open settings dialog').click()
    await graphiql.button('Clear data').click()
    await graphiql.button('Cleared data').waitFor()
    await graphiql.visit()
    expect(await tabNames()).toEqual(TABS)
    expect(await selected()).toBe('AsService')
  })

  it('shows no person of the sandbox where a real issuer signs the tokens, also after a visit to the sandbox', async () => {
    await using real = await startGateway({ graphiql: 'without people' })
    await visitWith(real.url, JSON.parse(await graphiql.kept()))
    await graphiql.screenshot('real-issuer')
    expect(await tabNames()).toEqual(['Districts', 'PageOfContacts'])
    expect(await graphiql.headers.innerText()).not.toContain('Bearer')
    expect(/Bearer eyJ|63850203bfb8460546071e|Collins/i.test(await graphiql.page.content())).toBe(false)
  })
})
