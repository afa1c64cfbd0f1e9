import type { Tab } from './graphiql-tabs.ts'

/** The part of localStorage that GraphiQL uses. */
interface BrowserStorage {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

interface StoredTab {
  readonly query: string | null
  readonly variables: string | null
  readonly headers: string | null
}

/**
 * GraphiQL's memory in the browser. It keeps the tabs, but replaces their headers by the name of the person
 * whose sandbox token they hold. A reloaded tab gets the current token of that person, even after a restart
 * of the sandbox. Headers that a user types are never kept. GraphiQL selects the tab that has the query in
 * the page's URL (`linked`), and opens a new tab only if no tab has it.
 *
 * This function runs in the browser: it must refer to nothing but the functions of BROWSER_FUNCTIONS.
 */
export function rememberTabs(browser: BrowserStorage, defaults: readonly Tab[], linked: string | null) {
  const PREFIX = 'clever-contacts-gateway:'
  const TABS = 'graphiql:tabState'
  /** The content of the active tab. It is also in the list of tabs. */
  const FORGOTTEN = [
    'graphiql:query',
    'graphiql:variables',
    'graphiql:headers',
    'graphiql:shouldPersistHeaders',
  ]

  /** The headers with the token of each person. */
  const headersOf: Record<string, string> = {}
  for (const { person, headers } of defaults)
    if (person !== undefined && headers !== undefined) headersOf[person] = headers

  function personOf(headers: unknown): string | undefined {
    const squeeze = (text: unknown) => String(text).replace(/\s/g, '')
    return Object.keys(headersOf).find((person) => squeeze(headersOf[person]) === squeeze(headers))
  }

  const fresh = freshTabs(defaults)
  const storage = {
    length: 0,
    clear() {},
    getItem(key: string): string | null {
      if (FORGOTTEN.includes(key)) return null
      const kept = browser.getItem(PREFIX + key)
      const restored = convertTabs(kept, ({ person, ...rest }) => ({
        ...rest,
        headers: headersOf[String(person)] ?? null,
      }))
      return restored ?? (key === TABS ? fresh : kept)
    },
    setItem(key: string, value: string) {
      if (FORGOTTEN.includes(key)) return
      const kept = convertTabs(value, (each) => ({ ...each, headers: null, person: personOf(each.headers) }))
      browser.setItem(PREFIX + key, kept ?? value)
    },
    removeItem: (key: string) => browser.removeItem(PREFIX + key),
  }

  const state: { activeTabIndex: number; tabs: StoredTab[] } = JSON.parse(storage.getItem(TABS) ?? fresh)
  return { storage, ...initialTab(state.tabs, state.tabs[state.activeTabIndex], linked) }
}

/** The state of GraphiQL's tabs at the first visit. */
function freshTabs(defaults: readonly Tab[]): string {
  const titleOf = (query: string) =>
    /^(?!#).*(?:query|subscription|mutation)\s+(\w+)/m.exec(query)?.[1] ?? '<untitled>'
  return JSON.stringify({
    activeTabIndex: 0,
    tabs: defaults.map(({ query, headers }, index) => ({
      id: `default-${index}`,
      hash: null,
      title: titleOf(query),
      query,
      variables: null,
      headers: headers ?? null,
      operationName: titleOf(query),
      response: null,
    })),
  })
}

/** Changes each object with headers, at any depth of the JSON. Undefined if the text is not JSON. */
function convertTabs(
  text: string | null,
  change: (value: Record<string, unknown>) => object,
): string | undefined {
  try {
    return JSON.stringify(
      JSON.parse(text ?? '', (_key, value) =>
        value && typeof value === 'object' && 'headers' in value ? change(value) : value,
      ),
    )
  } catch {
    return undefined
  }
}

/** GraphiQL's options for the tab that it shows first. */
function initialTab(tabs: readonly StoredTab[], active: StoredTab | undefined, linked: string | null) {
  const isActive = linked === null || linked === '' || active?.query === linked
  const tab = isActive ? active : tabs.find(({ query }) => query === linked)
  return {
    // The storage replaces the headers by the person.
    shouldPersistHeaders: true,
    showPersistHeadersSettings: false,
    initialQuery: tab ? (tab.query ?? '') : linked,
    initialVariables: tab?.variables ?? '',
    initialHeaders: tab?.headers ?? '',
  }
}

/** The functions to print into the page. They refer to each other by name, and to nothing else outside of themselves. */
export const BROWSER_FUNCTIONS = [rememberTabs, freshTabs, convertTabs, initialTab]
