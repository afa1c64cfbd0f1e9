import { join } from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect, vi } from 'vitest'

/** The tabs over the sandbox: one for each person, and one for changes. */
export const TABS = [
  'AsService',
  'AsGuardian',
  'AsTeacher',
  'AsSchoolStaff',
  'AsDistrictAdmin',
  'AsStudent',
  'Changes',
]

/** GraphiQL in a browser that has never seen its origin before. */
export interface GraphiqlPage extends AsyncDisposable {
  readonly page: Page
  /** The address of everything that was asked for, data: and blob: included. */
  readonly requests: readonly string[]
  /** Console errors and warnings, exceptions, and requests without an answer. */
  readonly problems: readonly string[]
  readonly editor: Locator
  readonly headers: Locator
  readonly result: Locator
  button(name: string | RegExp): Locator
  openTab(name: string): Promise<void>
  /** Waits until GraphiQL would run this operation. It takes the name from the editor a moment after the tab is open. */
  isReady(operation: string): Promise<void>
  /** Opens the page again, or another address. */
  visit(address?: string): Promise<void>
  /** Waits until GraphiQL has kept a change of its tabs, half a second later. */
  hasKept(change: RegExp): Promise<void>
  /** All that the page keeps in the browser. */
  kept(): Promise<string>
  /** Clicks the play button; gives the answer as it came over the wire. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for
  run(): Promise<any>
  /** For a person to look at; only where SCREENSHOT_DIR says where to. */
  screenshot(name: string): Promise<void>
}

export async function openGraphiql(browser: BrowserContext, url: string): Promise<GraphiqlPage> {
  const page = await browser.newPage()
  await page.setViewportSize({ width: 1280, height: 800 })
  const requests: string[] = []
  const problems: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('requestfailed', (request) => problems.push(`${request.url()} failed`))
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const editor = page.locator('.graphiql-query-editor')
  const kept = () => page.evaluate('JSON.stringify({ ...localStorage })') as Promise<string>

  async function visit(address?: string) {
    if (address === undefined) await page.reload()
    else await page.goto(address)
    // A word on its own is an element of its own once the editor knows the language.
    await editor.getByText('query', { exact: true }).waitFor()
  }

  async function isReady(operation: string) {
    const active = `(() => {
      const { tabs, activeTabIndex } = JSON.parse(localStorage['clever-contacts-gateway:graphiql:tabState'])
      return tabs[activeTabIndex].operationName
    })()`
    await vi.waitFor(async () => expect(await page.evaluate(active)).toBe(operation), 5_000)
  }

  await visit(`${url}/graphql`)
  return {
    page,
    requests,
    problems,
    editor,
    headers: page.getByRole('region', { name: 'Headers' }),
    result: page.locator('.result-window'),
    button,
    kept,
    visit,
    hasKept: (change) => vi.waitFor(async () => expect(await kept()).toMatch(change), 5_000),
    async openTab(name) {
      await button(name).click()
      await isReady(name)
    },
    isReady,
    async run() {
      const answered = page.waitForResponse((response) =>
        isGraphql(response.request().method(), response.url()),
      )
      await button(/^Execute query/).click()
      return (await answered).json()
    },
    screenshot: (name) => takeScreenshot(page, name),
    [Symbol.asyncDispose]: () => page.close(),
  }
}

export async function takeScreenshot(page: Page, name: string): Promise<void> {
  const { SCREENSHOT_DIR } = process.env
  if (SCREENSHOT_DIR) await page.screenshot({ path: join(SCREENSHOT_DIR, `${name}.png`) })
}

function isGraphql(method: string, url: string): boolean {
  return method === 'POST' && new URL(url).pathname === '/graphql'
}
