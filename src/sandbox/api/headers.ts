import { hash, randomUUID } from 'node:crypto'

/**
 * The headers that all answers of Clever have in common, except `date`. `tookMs`: from the arrival of the call
 * to its answer.
 */
export function apiHeaders(path: string, body: Buffer, tookMs: number): Record<string, string> {
  const common = {
    'access-control-allow-headers':
      'Content-Type,Authorization,X-Requested-With,Accept,Origin,Referer,User-Agent',
    'access-control-allow-methods': 'GET,PATCH,POST,DELETE',
    'access-control-allow-origin': '*',
    'cache-control': 'no-store',
    server: 'envoy',
    'strict-transport-security': 'max-age=15552000; includeSubDomains',
    'x-envoy-upstream-service-time': String(Math.round(tookMs)),
    'x-request-id': randomUUID(),
  }
  // Seen on the wire: events come from another service. It sends a request id, and it is not Express.
  const isEvents = /^\/v3\.[01]\/events/i.test(path)
  const own = isEvents
    ? { 'clever-request-id': randomUUID().replaceAll('-', '') }
    : { 'x-powered-by': 'Express', ...(body.length === 0 ? {} : { etag: weakEtag(body) }) }
  return { ...common, ...own }
}

/** An ETag in the format of old Express versions: the length in hex and an MD5 without padding. */
function weakEtag(body: Buffer): string {
  const digest = hash('md5', body, 'base64').replace(/=+$/, '')
  return `W/"${body.length.toString(16)}-${digest}"`
}
