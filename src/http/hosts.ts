import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../loopback.ts'
import { REFUSALS, type Refusal } from './refuse.ts'

/** The names that a request may be sent to: any, or those of loopback and these. Lower case, without ports. */
export type Names = 'any' | readonly string[]

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{0,5})?$/i

/**
 * Why the Host header or the target of a request is refused; undefined where both are fine. A gateway on loopback must
 * not answer a page that has rebound a name of its own to 127.0.0.1 (DNS rebinding).
 */
export function misaddressed(request: IncomingMessage, names: Names): Refusal | undefined {
  // HTTP/1.0 has no Host header, and health checks of balancers still speak it.
  const isNameless = request.httpVersion === '1.0' && request.headers.host === undefined && names === 'any'
  const host = isNameless ? 'localhost' : onlyHost(request)
  if (host === undefined || !HOST.test(host) || !URL.canParse(`http://${host}`)) return REFUSALS.BAD_HOST
  if (!request.url?.startsWith('/') || !URL.canParse(`http://${host}${request.url}`))
    return REFUSALS.BAD_TARGET
  if (names === 'any') return undefined
  const name = new URL(`http://${host}`).hostname.replace(/\.$/, '')
  return isLoopback(name) || names.includes(name) ? undefined : REFUSALS.MISDIRECTED
}

/** node:http would take the first of several. */
function onlyHost({ rawHeaders, headers }: IncomingMessage): string | undefined {
  const count = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length
  return count === 1 ? headers.host : undefined
}
