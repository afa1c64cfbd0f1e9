import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { hasChromium, openChromium } from './chromium.ts'
import { type GraphiqlPage, openGraphiql, TABS } from './graphiql-page.ts'

/** Names of types and fields that are for routers. */
const FEDERATION = /_entities|_service|_Any|_Entity|FieldSet|federation__|link__/

describe.skipIf(!hasChromium)('GraphiQL over the sandbox', { timeout: 60_000 }, () => {
  let gateway: TestGateway
  let graphiql: GraphiqlPage
  beforeAll(async () => {
    gateway = await startGateway({ graphiql: 'on' })
    graphiql = await openGraphiql(await openChromium(), gateway.url)
  }, 60_000)
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]()
  })

  /** Data that came without errors and is on the screen, and the person whose token was sent. */
  async function answerOf(tab: string) {
    await graphiql.openTab(tab)
    const sent = graphiql.page.waitForRequest((request) => request.method() === 'POST')
    const answer = await graphiql.run()
    expect(answer).not.toHaveProperty('errors')
    await graphiql.result.getByText(`"${Object.keys(answer.data)[0]}"`, { exact: true }).waitFor()
    await graphiql.screenshot(tab)
    return { ...answer.data, person: personOf((await sent).headers().authorization) }
  }

  it('shows a tab for each person at the first look, with the whole title, and the headers with the token', async () => {
    const tabs = graphiql.page.getByRole('tab')
    await graphiql.screenshot('first-look')
    expect(await tabs.allInnerTexts()).toEqual(TABS)
    const list = await graphiql.page.getByRole('tablist').boundingBox()
    const last = await tabs.last().boundingBox()
    expect(right(last)).toBeLessThanOrEqual(right(list))
    await graphiql.headers.getByText('Bearer').waitFor()
    expect(await graphiql.headers.getByText('Bearer').isVisible()).toBe(true)
  })

  it('shows a service that one contact is aunt or uncle of two students and parent of a third', async () => {
    const { contact, person } = await answerOf('AsService')
    expect(person).toBe('service')
    expect(contact.displayName).toBe('Aaron Collins')
    expect(wordsOf(contact)).toEqual(['AUNT_UNCLE', 'AUNT_UNCLE', 'PARENT'])
  })

  it('shows this contact, signed in, the privileges of a parent for one student, and nothing as an uncle', async () => {
    const { contactsViewer: viewer, niece, person } = await answerOf('AsGuardian')
    expect(person).toBe('guardian')
    expect(viewer.kind).toBe('GUARDIAN')
    expect(viewer.students).toHaveLength(1)
    expect(viewer.students[0].privileges).toContain('PICK_UP')
    expect(viewer.contacts.flatMap(wordsOf)).toEqual(['PARENT'])
    expect(niece).toBeNull()
  })

  it('shows a teacher the contacts of a student', async () => {
    const { student, person } = await answerOf('AsTeacher')
    expect(person).toBe('teacher')
    expect(student.relationships).toContainEqual(
      expect.objectContaining({
        relationship: 'PARENT',
        contact: expect.objectContaining({
          displayName: 'Aaron Collins',
          email: { raw: expect.stringContaining('@') },
        }),
      }),
    )
  })

  it('shows school staff the contacts with a name', async () => {
    const { contacts, person } = await answerOf('AsSchoolStaff')
    expect(person).toBe('school_staff')
    expect(contacts.nodes).toContainEqual(expect.objectContaining({ displayName: 'Aaron Collins' }))
  })

  it('shows a district administrator the district and a page of its contacts', async () => {
    const { districts, contacts, person } = await answerOf('AsDistrictAdmin')
    expect(person).toBe('district_admin')
    expect(districts).toEqual([expect.objectContaining({ name: 'Harmony Valley School District' })])
    expect(contacts.nodes).toHaveLength(10)
    expect(contacts.pageInfo.hasNextPage).toBe(true)
  })

  it('shows a student the own contacts, without e-mail addresses', async () => {
    const { students, person } = await answerOf('AsStudent')
    expect(person).toBe('student')
    expect(students.nodes).toHaveLength(1)
    const [{ relationships }] = students.nodes
    expect(relationships.map(({ contact }: { contact: object }) => contact)).toEqual([
      { displayName: 'Aaron Collins', email: null, phone: null },
      { displayName: 'Simone Collins', email: null, phone: null },
    ])
  })

  it('has neither a query nor a token in any address, not of a subscription either, and asks no other host', async () => {
    await graphiql.openTab('Changes')
    const sent = graphiql.page.waitForRequest((request) => request.method() === 'POST')
    await graphiql.button(/^Execute query/).click()
    expect((await sent).headers().accept).toBe('text/event-stream')
    await graphiql.button(/^Stop query/).click()
    const icon = await graphiql.page.locator('link[rel=icon]').getAttribute('href')
    expect(graphiql.page.url()).toBe(`${gateway.url}/graphql`)
    expect(graphiql.requests.filter((url) => !isWithin(gateway.url, url))).toEqual([])
    expect(graphiql.requests.some((url) => url.startsWith('blob:'))).toBe(true)
    expect(graphiql.requests.filter((url) => /[?#]/.test(url) && url.startsWith('http'))).toEqual([])
    expect(icon).toMatch(/^data:/)
    expect(graphiql.problems).toEqual([])
  })

  it('documents the schema, with its titles still whole, and no federation', async () => {
    await graphiql.button('Show Documentation Explorer').click()
    const docs = graphiql.page.getByRole('region', { name: 'Documentation Explorer' })
    expect(await docs.getByText('StudentRelationship', { exact: true }).count()).toBe(1)
    expect(await docs.textContent()).not.toMatch(FEDERATION)
    await graphiql.screenshot('documentation')
    expect(right(await graphiql.page.getByRole('tab').last().boundingBox())).toBeLessThanOrEqual(1280)
    await docs.getByText('Query', { exact: true }).click()
    await docs.getByText('contactsViewer', { exact: true }).waitFor()
    expect(await docs.textContent()).not.toMatch(FEDERATION)
    await docs.getByText('Contact', { exact: true }).first().click()
    await docs.getByText('The relationship depends on the student').waitFor()
    expect(await docs.textContent()).toContain('one for each time that the district lists the pair')
  })

  it('has no federation in the explorer, but for a tool that introspects the gateway', async () => {
    await graphiql.openTab('AsGuardian')
    await graphiql.button('Show GraphiQL Explorer').click()
    const explorer = graphiql.page.locator('.graphiql-plugin')
    await explorer.getByText('districts', { exact: true }).first().waitFor()
    await graphiql.screenshot('explorer')
    expect(await explorer.textContent()).not.toMatch(FEDERATION)
    const { data } = await gateway.ask('{ __type(name: "Query") { fields { name } } }')
    expect(data.__type.fields).toContainEqual({ name: '_entities' })
  })

  it('completes the name of a field as it is typed', async () => {
    const { page, editor } = graphiql
    await graphiql.openTab('AsService')
    await editor.locator('.view-line').filter({ hasText: 'displayName' }).first().click()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.keyboard.type('disp')
    const offered = page.locator('.suggest-widget .monaco-list-row').filter({ hasText: 'displayName' })
    await offered.waitFor()
    await graphiql.screenshot('completion')
    expect(await offered.textContent()).toMatch(/^displayName\s*String$/)
  })
})

/** The kind of person in a token of the sandbox. */
function personOf(authorization: string | undefined): string {
  const [, payload = ''] = authorization?.split('.') ?? []
  return JSON.parse(Buffer.from(payload, 'base64url').toString()).clever_kind
}

function wordsOf(contact: { relationships: readonly { relationship: string }[] }): string[] {
  return contact.relationships.map(({ relationship }) => relationship).sort()
}

function right(box: { x: number; width: number } | null): number {
  return (box?.x ?? Number.NaN) + (box?.width ?? Number.NaN)
}

function isWithin(origin: string, url: string): boolean {
  return url.startsWith('data:') || url.startsWith(`blob:${origin}/`) || url.startsWith(`${origin}/`)
}
