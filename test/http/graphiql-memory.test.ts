import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { BROWSER_FUNCTIONS, rememberTabs } from '../../src/http/graphiql-memory.ts'

const headersWith = (token: string) => JSON.stringify({ authorization: `Bearer ${token}` }, null, 2)
const tabsWith = (service: string, guardian: string) => [
  { query: 'query Mixed { a }', person: 'service', headers: headersWith(service) },
  { query: 'query Mine { b }', person: 'guardian', headers: headersWith(guardian) },
]
const TABS = 'graphiql:tabState'

function createBrowser() {
  const kept = new Map<string, string>()
  return {
    kept,
    get length() {
      return kept.size
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    all: () => [...kept.values()].join('\n'),
  }
}

/** As GraphiQL does with its tabs when anything has changed. */
function change(memory: ReturnType<typeof rememberTabs>, activeTabIndex: number, headers?: string) {
  const state = JSON.parse(memory.storage.getItem(TABS) ?? '')
  if (headers !== undefined) state.tabs[activeTabIndex].headers = headers
  memory.storage.setItem(TABS, JSON.stringify({ ...state, activeTabIndex }))
}

describe('O20: what GraphiQL remembers in the browser', () => {
  it('is, at the first visit, the tabs of the page, each with the token of its person', () => {
    const memory = rememberTabs(createBrowser(), tabsWith('s1', 'g1'), null)
    const { tabs } = JSON.parse(memory.storage.getItem(TABS) ?? '')
    expect(tabs).toMatchObject([
      { title: 'Mixed', headers: headersWith('s1') },
      { title: 'Mine', headers: headersWith('g1') },
    ])
    expect(memory).toMatchObject({ initialQuery: 'query Mixed { a }', initialHeaders: headersWith('s1') })
  })

  it('is the active tab, with the address of its query or without', () => {
    const browser = createBrowser()
    change(rememberTabs(browser, tabsWith('s1', 'g1'), null), 1)
    for (const linked of [null, '', 'query Mine { b }'])
      expect(rememberTabs(browser, tabsWith('s1', 'g1'), linked)).toMatchObject({
        initialQuery: 'query Mine { b }',
        initialHeaders: headersWith('g1'),
      })
    const other = rememberTabs(browser, tabsWith('s1', 'g1'), 'query Mixed { a }')
    expect(other).toMatchObject({ initialQuery: 'query Mixed { a }', initialHeaders: headersWith('s1') })
  })

  it('is a query of the address that is in no tab without the token of anybody', () => {
    const memory = rememberTabs(createBrowser(), tabsWith('s1', 'g1'), '{ linked }')
    expect(memory).toMatchObject({ initialQuery: '{ linked }', initialHeaders: '', initialVariables: '' })
  })

  it('is no token, and after a restart the tabs have the new ones', () => {
    const browser = createBrowser()
    change(rememberTabs(browser, tabsWith('s1', 'g1'), null), 1)
    expect(browser.all()).not.toMatch(/s1|g1|Bearer/)
    const { tabs } = JSON.parse(rememberTabs(browser, tabsWith('s2', 'g2'), null).storage.getItem(TABS) ?? '')
    expect(tabs).toMatchObject([{ headers: headersWith('s2') }, { headers: headersWith('g2') }])
  })

  it('is no header that was typed', () => {
    const browser = createBrowser()
    const memory = rememberTabs(browser, tabsWith('s1', 'g1'), null)
    change(memory, 1, headersWith('secret'))
    memory.storage.setItem('graphiql:headers', headersWith('secret'))
    memory.storage.setItem(
      'graphiql:queries',
      JSON.stringify({ queries: [{ headers: headersWith('secret') }] }),
    )
    change(memory, 0, '{"authorization":"Bearer s1","x-secret":"secret"}')
    expect(browser.all()).not.toMatch(/secret|s1/)
    const { tabs } = JSON.parse(rememberTabs(browser, tabsWith('s1', 'g1'), null).storage.getItem(TABS) ?? '')
    expect(tabs).toMatchObject([{ headers: null }, { headers: null }])
  })

  it('is, where the page has other tabs than before, these tabs and behind them the own ones', () => {
    const browser = createBrowser()
    const [mixed, mine] = tabsWith('s1', 'g1')
    change(rememberTabs(browser, tabsWith('s1', 'g1'), null), 0)
    const before = rememberTabs(browser, tabsWith('s1', 'g1'), null)
    const state = JSON.parse(before.storage.getItem(TABS) ?? '')
    state.tabs.push({ ...state.tabs[1], id: 'x', query: 'query Own { c }' })
    before.storage.setItem(TABS, JSON.stringify({ ...state, activeTabIndex: 2 }))
    const other = { ...mixed, query: 'query Other { a }' }
    const after = rememberTabs(
      browser,
      [other, mine].filter((tab) => tab !== undefined),
      null,
    )
    expect(JSON.parse(after.storage.getItem(TABS) ?? '')).toMatchObject({
      activeTabIndex: 0,
      tabs: [
        { query: 'query Other { a }', headers: headersWith('s1') },
        { query: 'query Mine { b }', headers: headersWith('g1') },
        { query: 'query Own { c }', headers: headersWith('g1') },
      ],
    })
  })

  it('is nothing where the data was cleared, or what is kept is broken', () => {
    const browser = createBrowser()
    browser.setItem('of another page', 'kept')
    const memory = rememberTabs(browser, tabsWith('s1', 'g1'), null)
    change(memory, 1)
    memory.storage.clear()
    expect([...browser.kept.keys()]).toEqual(['of another page'])
    change(rememberTabs(browser, tabsWith('s1', 'g1'), null), 1)
    for (const key of browser.kept.keys()) browser.setItem(key, '{"tabs":')
    expect(rememberTabs(browser, tabsWith('s1', 'g1'), null).initialQuery).toBe('query Mixed { a }')
  })

  it('needs nothing but the functions that are printed into the page', () => {
    const page = `${BROWSER_FUNCTIONS.join('\n')}\nrememberTabs(browser, tabs, null)`
    const memory = runInNewContext(page, { browser: createBrowser(), tabs: tabsWith('s1', 'g1') })
    change(memory, 1)
    expect(memory).toMatchObject({ initialQuery: 'query Mixed { a }', initialHeaders: headersWith('s1') })
  })
})
