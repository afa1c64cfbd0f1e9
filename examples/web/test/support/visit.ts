import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import type { Person } from '../../src/session/people.ts'

export interface OpenOptions {
  readonly width?: number
  readonly as?: Person
}

/** The page in a window of its own. */
export interface Visit extends AsyncDisposable {
  readonly page: Page
  /** Messages of the browser that a user's console would show in red or yellow. */
  readonly problems: readonly string[]
  signIn(person: Person): Promise<void>
  /** Waits until the event stream is open. */
  isLive(): Promise<void>
  /** Such as "25 of 162 contacts". */
  count(): Promise<string>
  /** The names in the list. */
  names(): Promise<readonly string[]>
  screenshot(name: string): Promise<void>
}

export async function openPage(
  browser: Browser,
  url: string,
  { width = 1280, as }: OpenOptions = {},
): Promise<Visit> {
  const page = await browser.newPage({ viewport: { width, height: width < 600 ? 844 : 800 } })
  page.setDefaultTimeout(10_000)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  await page.goto(url)
  const visit: Visit = {
    page,
    problems,
    async signIn(person) {
      await page.getByRole('button', { name: new RegExp(`^${person}`, 'i') }).click()
      await page
        .getByRole('status')
        .getByText(/\d contacts?$/)
        .waitFor()
    },
    isLive: () => page.getByRole('status').getByText('Live', { exact: true }).waitFor(),
    count: () =>
      page
        .getByRole('status')
        .getByText(/ contacts?$/)
        .innerText(),
    names: () => page.locator('.contacts strong').allInnerTexts(),
    async screenshot(name) {
      const { SCREENSHOT_DIR } = process.env
      if (SCREENSHOT_DIR) await page.screenshot({ path: join(SCREENSHOT_DIR, `${name}-${width}.png`) })
    },
    [Symbol.asyncDispose]: () => page.close(),
  }
  if (as !== undefined) await visit.signIn(as)
  return visit
}
