import type { Tab } from './graphiql-tabs.ts'

/** The part of localStorage that GraphiQL uses. */
interface BrowserStorage {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

interface StoredTab {
  readonly id: string
  readonly query: string | null
  readonly variables: string | null
  readonly headers: string | null
}

interface StoredTabs {
  readonly activeTabIndex: number
  readonly tabs: readonly StoredTab[]
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
  const TABS = 'graphiql:tabState'
  const storage = createStorage(browser, defaults)
  const DEFAULTS = 'defaults'
  const made = JSON.stringify({ tabs: defaults.map(({ query, person }) => ({ query, person })) })
  const before = storage.getItem(DEFAULTS)
  if (before !== made) {
    const kept = storage.getItem(TABS)
    storage.setItem(TABS, JSON.stringify(withOwnTabs(freshTabs(defaults), kept, before)))
    storage.setItem(DEFAULTS, made)
    // The editor of the headers is open again, because an earlier version began with it closed.
    storage.removeItem('graphiql:secondaryEditorFlex')
  }
  const { tabs, activeTabIndex } = parseTabs(storage.getItem(TABS)) ?? freshTabs(defaults)
  return { storage, ...initialTab(tabs, tabs[activeTabIndex], linked) }
}

/** GraphiQL's storage, which keeps persons in the place of tokens. */
function createStorage(browser: BrowserStorage, defaults: readonly Tab[]) {
  const PREFIX = 'clever-contacts-gateway:'
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

  let isCleared = false
  return {
    length: 0,
    /** For the button "Clear data" in GraphiQL's settings. GraphiQL writes its open tabs again after it, so nothing is kept until the page is loaded again. */
    clear() {
      isCleared = true
      const keys = Array.from({ length: browser.length }, (_, index) => browser.key(index))
      for (const key of keys) if (key?.startsWith(PREFIX)) browser.removeItem(key)
    },
    getItem(key: string): string | null {
      if (FORGOTTEN.includes(key)) return null
      const kept = browser.getItem(PREFIX + key)
      const restored = convertTabs(kept, ({ person, ...rest }) => ({
        ...rest,
        headers: headersOf[String(person)] ?? null,
      }))
      return restored ?? kept
    },
    setItem(key: string, value: string) {
      if (isCleared || FORGOTTEN.includes(key)) return
      const kept = convertTabs(value, (each) => ({ ...each, headers: null, person: personOf(each.headers) }))
      browser.setItem(PREFIX + key, kept ?? value)
    },
    removeItem: (key: string) => browser.removeItem(PREFIX + key),
  }
}

/** The state of GraphiQL's tabs at the first visit. */
function freshTabs(defaults: readonly Tab[]): StoredTabs {
  const titleOf = (query: string) =>
    /^(?!#).*(?:query|subscription|mutation)\s+(\w+)/m.exec(query)?.[1] ?? '<untitled>'
  return {
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
  }
}

/**
 * The new tabs of the page, as after an update, and behind them the user's own tabs. `before` has the tabs of the page
 * at the last visit. Null after a visit to a version that did not keep them.
 */
function withOwnTabs(fresh: StoredTabs, kept: string | null, before: string | null): StoredTabs {
  const old = parseTabs(before)?.tabs
  const has = (tabs: readonly StoredTab[], query: string | null) => tabs.some((tab) => tab.query === query)
  const isOwn = ({ id, query }: StoredTab) =>
    !has(fresh.tabs, query) && (old === undefined ? !id.startsWith('default-') : !has(old, query))
  const own = (parseTabs(kept)?.tabs ?? []).filter(isOwn)
  return { ...fresh, tabs: [...fresh.tabs, ...own.map((tab, index) => ({ ...tab, id: `own-${index}` }))] }
}

function parseTabs(text: string | null): StoredTabs | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(text ?? '')
    return tabs.length > 0 ? { tabs, activeTabIndex: activeTabIndex ?? 0 } : undefined
  } catch {
    return undefined
  }
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
export const BROWSER_FUNCTIONS = [
  rememberTabs,
  createStorage,
  freshTabs,
  withOwnTabs,
  parseTabs,
  convertTabs,
  initialTab,
]
