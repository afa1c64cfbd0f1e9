import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type GraphQLSchema, introspectionFromSchema } from 'graphql'
import { withoutFederation } from '../../schema/sdl.ts'
import { FORM_FUNCTIONS, FORM_STYLE, formHtml, NARROW } from './graphiql-form.ts'
import { BROWSER_FUNCTIONS } from './graphiql-memory.ts'
import type { Tab } from './graphiql-tabs.ts'

export interface Graphiql {
  /** Whether this is a browser that opens the page, rather than a query. */
  isAskedFor(request: IncomingMessage): boolean
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const TITLE = 'clever-contacts-gateway'

const STYLE = `<style>
  /* GraphiQL 5 leaves a stale offset on its tabs. At the first mouse press the tab jumps away, and the click is lost. */
  .graphiql-tab { transform: none !important }
  /* The titles of all tabs fit, at 1280 pixels also beside the documentation. */
  .graphiql-session-header { container-type: inline-size }
  .graphiql-logo { flex: none; white-space: nowrap; color: inherit !important }
  @container (max-width: 1100px) { .graphiql-logo { display: none } }
  .graphiql-tab .graphiql-tab-button { padding-right: 24px }
  /* The page has its schema, so nothing can be fetched again. */
  .graphiql-sidebar button[aria-label^='Re-fetch'] { display: none }
  .graphiql-sidebar button[data-value='short-keys'] { margin-top: auto }
  /* Monaco shows the number of an empty last line with too little contrast. */
  .dimmed-line-number { color: var(--vscode-editorLineNumber-foreground) !important }
  main > h1 { position: absolute; width: 1px; height: 1px; margin: 0; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
  @media not (${NARROW}) { main > form { display: none } }
  @media ${NARROW} {
    #root { display: none }
    main > h1 { position: static; width: auto; height: auto; clip-path: none; padding: 1rem 1rem 0; font: 600 1.25rem system-ui, sans-serif }
  }
  ${FORM_STYLE}
</style>`

/** How the page of the package starts GraphiQL. Its options are JSON, which cannot hold a storage. */
const RENDERING = 'YogaGraphiQL.renderYogaGraphiQL('
const ROOT = '<div id="root"></div>'

function headOf(tabs: readonly Tab[], schema: GraphQLSchema): string {
  const embed = (value: unknown) => JSON.stringify(value).replaceAll('<', '\\u003c')
  const introspection = introspectionFromSchema(withoutFederation(schema), { inputValueDeprecation: true })
  return `<meta name="viewport" content="width=device-width, initial-scale=1">${STYLE}<script>
    ${[...BROWSER_FUNCTIONS, ...FORM_FUNCTIONS].join('\n')}
    function renderPage(element, options) {
      const tabs = ${embed(tabs)}
      const schema = ${embed(introspection)}
      startForm((id) => document.getElementById(id), tabs, location.pathname)
      const linked = new URL(location.href).searchParams.get('query')
      // A query may have names in it. They do not belong into the URL, which browsers and proxies keep.
      history.replaceState(null, '', location.pathname)
      const narrow = matchMedia(${embed(NARROW)})
      let isRendered = false
      function renderWhereWide() {
        if (narrow.matches || isRendered) return
        isRendered = true
        const memory = rememberTabs(localStorage, tabs, linked)
        // A new tab has the token of the first one.
        const ours = { schema, defaultHeaders: tabs[0]?.headers, onEditQuery() {} }
        YogaGraphiQL.renderYogaGraphiQL(element, { ...options, ...memory, ...ours })
      }
      narrow.addEventListener('change', renderWhereWide)
      renderWhereWide()
    }
  </script>`
}

/** The page contains everything that it needs, runs no other script, connects only to this gateway, and may not be framed. */
function policyOf(html: string): string {
  const scripts = [...html.matchAll(/<script>(.*?)<\/script>/gs)]
  const hashes = scripts.map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  )
  return [
    "default-src 'none'",
    `script-src ${hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/**
 * GraphiQL as one page of 9 MB that loads nothing from other hosts. It shows `schema` without the fields for routers.
 * The page is built once, at the first request.
 */
export function createGraphiql(tabs: readonly Tab[], schema: GraphQLSchema): Graphiql {
  let page: Promise<{ headers: Record<string, string>; plain: Buffer; zipped: Buffer }> | undefined

  async function render() {
    // The module has 9 MB, so it is not loaded at start.
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
    const html = renderGraphiQL({
      title: TITLE,
      // No tab has variables, so the headers are what the editor below the query shows.
      defaultEditorToolsVisibility: 'headers',
      // A subscription, too: a GET request would have its query and variables in the URL.
      method: 'POST',
    })
      .replace(RENDERING, () => 'renderPage(')
      .replace('</head>', () => `${headOf(tabs, schema)}</head>`)
      .replace(ROOT, () => `<main><h1>${TITLE}</h1>${formHtml(tabs)}${ROOT}</main>`)
    const plain = Buffer.from(html)
    const headers = {
      'content-type': 'text/html; charset=utf-8',
      vary: 'Origin, Accept, Accept-Encoding',
      'referrer-policy': 'no-referrer',
      'content-security-policy': policyOf(html),
    }
    return { headers, plain, zipped: await promisify(gzip)(plain) }
  }

  return {
    isAskedFor({ method, headers }) {
      return method === 'GET' && (headers.accept ?? '').includes('text/html')
    },
    async serve(request, response) {
      page ??= render()
      const { headers, plain, zipped } = await page
      const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
      if (takesGzip) response.setHeader('content-encoding', 'gzip')
      response.writeHead(200, headers).end(takesGzip ? zipped : plain)
    },
  }
}
