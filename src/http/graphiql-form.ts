import type { Tab } from './graphiql-tabs.ts'

/** GraphiQL needs more room than this. A wide page that is zoomed to 200 % is narrow, too. */
export const NARROW = '(max-width: 760px) or (max-height: 440px)'

/**
 * A form for narrow windows, which sends queries without GraphiQL. Its person is one of the sandbox. Without people
 * it asks for a token.
 */
export function formHtml(tabs: readonly Tab[]): string {
  const people = peopleOf(tabs)
  const who =
    people.length === 0
      ? '<label for="form-token">Token</label><input id="form-token" type="password" autocomplete="off" spellcheck="false">'
      : `<label for="form-person">Person</label><select id="form-person">${people.map((person) => `<option>${person}</option>`).join('')}</select>`
  return `<form id="form">
    <p>GraphiQL needs a wider window. This form sends queries without it.</p>
    ${who}
    <label for="form-query">Query</label>
    <textarea id="form-query" rows="14" spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>
    <label for="form-variables">Variables, as JSON</label>
    <textarea id="form-variables" rows="2" spellcheck="false" autocapitalize="off" autocomplete="off"></textarea>
    <button>Send</button>
    <p id="form-status" role="status"></p>
    <pre id="form-answer" role="region" aria-label="Answer" tabindex="0"></pre>
  </form>`
}

function peopleOf(tabs: readonly Tab[]): readonly string[] {
  return [...new Set(tabs.flatMap(({ person }) => person ?? []))]
}

export const FORM_STYLE = `
  #form { max-width: 44rem; margin: 0 auto; padding: 0 1rem 2rem; font: 1rem/1.4 system-ui, sans-serif; color: #1b2240 }
  #form label { display: block; margin: 0.75rem 0 0.25rem; font-weight: 600 }
  #form :is(input, select, textarea, button) { box-sizing: border-box; width: 100%; padding: 0.6rem; font: inherit; color: inherit;
    background: #fff; border: 1px solid #6b7280; border-radius: 6px }
  #form :is(textarea, pre) { font: 0.875rem/1.45 ui-monospace, monospace }
  #form textarea { resize: vertical }
  #form button { margin-top: 1rem; font-weight: 600; color: #fff; background: #b4006e; border: 0 }
  #form pre { min-height: 6rem; margin: 0; padding: 0.75rem; overflow: auto; background: #f3f4f6; border-radius: 6px }
  #form :focus-visible { outline: 3px solid #1d4ed8; outline-offset: 2px }
`

/** The parts of the page's elements that the form uses. The types of a browser are not loaded, because a server has none. */
interface Element {
  value: string
  textContent: string | null
  addEventListener(type: string, listener: (event: Event & Pressed) => void): void
  requestSubmit(): void
}

interface Pressed {
  readonly key: string
  readonly ctrlKey: boolean
  readonly metaKey: boolean
}

/** Finds an element of the page by its id. */
type Find = (id: string) => Element

/** Runs in the browser: it must refer to nothing but the functions of FORM_FUNCTIONS. */
export function startForm(find: Find, tabs: readonly Tab[], path: string) {
  const form = find('form')
  const query = find('form-query')
  const hasPeople = tabs.some(({ person }) => person !== undefined)
  const tabOf = (person: string) => tabs.find((tab) => tab.person === person)
  const headersOf = (token: string) => (token === '' ? {} : { authorization: `Bearer ${token}` })
  let sending = new AbortController()

  query.value = tabs[0]?.query ?? ''
  if (hasPeople)
    find('form-person').addEventListener('change', () => {
      // A query that the user changed stays, so that the answers for several people can be compared.
      const isChanged = !tabs.some((tab) => tab.query === query.value)
      if (!isChanged) query.value = tabOf(find('form-person').value)?.query ?? ''
    })
  form.addEventListener('keydown', ({ key, ctrlKey, metaKey }) => {
    if (key === 'Enter' && (ctrlKey || metaKey)) form.requestSubmit()
  })
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    sending.abort()
    sending = new AbortController()
    const headers = hasPeople
      ? JSON.parse(tabOf(find('form-person').value)?.headers ?? '{}')
      : headersOf(find('form-token').value.trim())
    sendForm(find, path, headers, sending.signal)
  })
}

async function sendForm(find: Find, path: string, headers: Record<string, string>, signal: AbortSignal) {
  const show = (status: string, answer: string) => {
    if (signal.aborted) return
    find('form-status').textContent = status
    find('form-answer').textContent = answer
  }
  const variables = parseJson(find('form-variables').value || '{}')
  if (variables === undefined) return show('The variables are not JSON. Write them as {"id": "…"}.', '')
  show('Waiting for the answer …', '')
  try {
    const response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
      body: JSON.stringify({ query: find('form-query').value, variables }),
      signal,
    })
    const text = await response.text()
    const answer = parseJson(text)
    show(
      `The gateway answered with status ${response.status}.`,
      answer === undefined ? text : JSON.stringify(answer, null, 2),
    )
  } catch {
    show('The gateway cannot be reached.', '')
  }
}

/** Undefined for a text that is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The functions to print into the page. */
export const FORM_FUNCTIONS = [startForm, sendForm, parseJson]
