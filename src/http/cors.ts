import type { IncomingMessage, ServerResponse } from 'node:http'

/** The response headers that a page may read, besides those that every page may read. */
const EXPOSED = 'x-request-id, retry-after, www-authenticate'
/** The maximum time for which Chromium keeps the answer to a preflight. s */
const PREFLIGHT_MAX_AGE = '7200'
/** A list of header names, as a browser writes it. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?: *, *[\w!#$%&'*+.^`|~-]+)*$/

/** Lets pages of the listed origins read the answer, whatever its status. Called before anything is answered. */
export function allowOrigin(
  { headers }: IncomingMessage,
  response: ServerResponse,
  origins: readonly string[],
): void {
  response.setHeader('vary', 'Origin')
  if (headers.origin === undefined || !origins.includes(headers.origin)) return
  response.setHeader('access-control-allow-origin', headers.origin)
  response.setHeader('access-control-expose-headers', EXPOSED)
}

/** Whether a browser asks if a page may send a request. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'OPTIONS' &&
    headers.origin !== undefined &&
    headers['access-control-request-method'] !== undefined
  )
}

/**
 * Answers a preflight of a listed origin: the page may send any header. Cookies and other browser credentials
 * are never allowed.
 */
export function answerPreflight(
  { headers }: IncomingMessage,
  response: ServerResponse,
  methods: string,
): void {
  const names = headers['access-control-request-headers']
  response.setHeader('access-control-allow-methods', methods)
  response.setHeader('access-control-max-age', PREFLIGHT_MAX_AGE)
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers')
  if (names !== undefined && HEADER_NAMES.test(names))
    response.setHeader('access-control-allow-headers', names)
  response.writeHead(204).end()
}

/**
 * Whether the request comes from a page of an origin that is not listed, by headers that a page cannot
 * change. Such a page could spend calls without seeing the answer.
 */
export function isForeignPage({ headers }: IncomingMessage, origins: readonly string[]): boolean {
  const site = headers['sec-fetch-site']
  if (site !== 'cross-site' && site !== 'same-site') return false
  return headers.origin === undefined || !origins.includes(headers.origin)
}
