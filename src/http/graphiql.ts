import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { BROWSER_FUNCTIONS } from './graphiql-memory.ts'
import type { Tab } from './graphiql-tabs.ts'

export interface Graphiql {
  /** Whether this is a browser that opens the page, rather than a query. */
  isAskedFor(request: IncomingMessage): boolean
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>
}

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  vary: 'Origin, Accept, Accept-Encoding',
  'referrer-policy': 'no-referrer',
  // The page contains everything that it needs, connects only to this gateway, and may not be framed.
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'font-src data:',
    'img-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
}

/**
 * GraphiQL 5 leaves a stale offset on its tabs. At the first mouse press the tab jumps away, and the click is
 * lost.
 */
const TABS_STAY = '<style>.graphiql-tab { transform: none !important }</style>'

/** How the page of the package starts GraphiQL. Its options are JSON, which cannot hold a storage. */
const RENDERING = 'YogaGraphiQL.renderYogaGraphiQL('

function memoryScript(tabs: readonly Tab[]): string {
  return `<script>
    ${BROWSER_FUNCTIONS.join('\n')}
    function renderWithMemory(element, options) {
      const linked = new URL(location.href).searchParams.get('query')
      const memory = rememberTabs(localStorage, ${JSON.stringify(tabs).replaceAll('<', '\\u003c')}, linked)
      YogaGraphiQL.renderYogaGraphiQL(element, { ...options, ...memory })
    }
  </script>`
}

/**
 * GraphiQL as one page of 9 MB that loads nothing from other hosts. It is built once, at the first request.
 */
export function createGraphiql(tabs: readonly Tab[]): Graphiql {
  let page: Promise<{ plain: Buffer; zipped: Buffer }> | undefined

  async function render() {
    // The module has 9 MB, so it is not loaded at start.
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
    const html = renderGraphiQL({
      title: 'clever-contacts-gateway',
      // No tab has variables, so the editor for them is closed.
      defaultEditorToolsVisibility: false,
    })
    const page = html
      .replace(RENDERING, () => 'renderWithMemory(')
      .replace('</head>', () => `${TABS_STAY}${memoryScript(tabs)}</head>`)
    const plain = Buffer.from(page)
    return { plain, zipped: await promisify(gzip)(plain) }
  }

  return {
    isAskedFor({ method, headers }) {
      return method === 'GET' && (headers.accept ?? '').includes('text/html')
    },
    async serve(request, response) {
      page ??= render()
      const { plain, zipped } = await page
      const takesGzip = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
      if (takesGzip) response.setHeader('content-encoding', 'gzip')
      response.writeHead(200, HEADERS).end(takesGzip ? zipped : plain)
    },
  }
}
