import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'

/** GraphiQL in a browser that has never seen it before. */
export interface GraphiqlPage extends AsyncDisposable {
  readonly page: Page
  /** The address of everything that was asked for, data: and blob: included. */
  readonly requests: readonly string[]
  /** Console errors and warnings, exceptions, and requests without an answer. */
  readonly problems: readonly string[]
  readonly editor: Locator
  readonly result: Locator
  button(name: string | RegExp): Locator
  openTab(name: string): Promise<void>
  /** Clicks the play button; gives the answer as it came over the wire. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for
  run(): Promise<any>
  /** For a person to look at; only where SCREENSHOT_DIR says where to. */
  screenshot(name: string): Promise<void>
}

export async function openGraphiql(browser: Browser, url: string): Promise<GraphiqlPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
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

  const hasSchema = page.waitForResponse((response) => isGraphql(response.request().method(), response.url()))
  await page.goto(`${url}/graphql`)
  await (await hasSchema).finished()
  // A word on its own is an element of its own once the editor knows the language.
  await editor.getByText('query', { exact: true }).waitFor()

  return {
    page,
    requests,
    problems,
    editor,
    result: page.locator('.result-window'),
    button,
    async openTab(name) {
      const isOpen = await page
        .getByRole('tab', { selected: true })
        .getByText(name, { exact: true })
        .isVisible()
      await button(name).click()
      // GraphiQL takes the name of the operation from the editor a moment later, with the query in the address.
      if (!isOpen) await page.waitForURL(({ searchParams }) => names(searchParams.get('query'), name))
    },
    async run() {
      const answered = page.waitForResponse((response) =>
        isGraphql(response.request().method(), response.url()),
      )
      await button(/^Execute query/).click()
      return (await answered).json()
    },
    async screenshot(name) {
      const { SCREENSHOT_DIR } = process.env
      if (SCREENSHOT_DIR) await page.screenshot({ path: join(SCREENSHOT_DIR, `${name}.png`) })
    },
    [Symbol.asyncDispose]: () => page.close(),
  }
}

function isGraphql(method: string, url: string): boolean {
  return method === 'POST' && new URL(url).pathname === '/graphql'
}

function names(query: string | null, operation: string): boolean {
  return query?.includes(`query ${operation} {`) ?? false
}
