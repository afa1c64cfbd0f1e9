import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../loopback.ts'
import { REFUSALS, type Refusal } from './refuse.ts'

/** The accepted host names: any, or the loopback names and these. Lower case, without ports. */
export type AllowedHosts = 'any' | readonly string[]

const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{0,5})?$/i

/**
 * Why the Host header or the target of a request is refused. Undefined if both are accepted. A gateway on
 * loopback must not answer a page that has rebound a name of its own to 127.0.0.1 (DNS rebinding).
 */
export function isWrongHost(request: IncomingMessage, names: AllowedHosts): Refusal | undefined {
  // HTTP/1.0 has no Host header, and health checks of balancers still speak it.
  const isNameless = request.httpVersion === '1.0' && request.headers.host === undefined && names === 'any'
  const host = isNameless ? 'localhost' : onlyHost(request)
  const name = host === undefined ? undefined : nameIn(host)
  if (name === undefined) return REFUSALS.BAD_HOST
  if (request.url !== '/graphql' && !isTarget(request.url, host)) return REFUSALS.BAD_TARGET
  if (names === 'any') return undefined
  return name.isLoopback || names.includes(name.text) ? undefined : REFUSALS.MISDIRECTED
}

/** node:http would accept the first of several Host headers. */
function onlyHost({ rawHeaders, headers }: IncomingMessage): string | undefined {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') count += 1
  return count === 1 ? headers.host : undefined
}

function isTarget(url: string | undefined, host: string | undefined): boolean {
  return url?.startsWith('/') === true && URL.canParse(`http://${host}${url}`)
}

interface Name {
  readonly text: string
  readonly isLoopback: boolean
}

/** Names in Host headers that were read before. Clients send the same few all the time, and parsing one takes 10 µs. */
const known = new Map<string, Name | undefined>()
const MAX_KNOWN = 100

/** The name without its port; undefined for a header that is not a host. */
function nameIn(host: string): Name | undefined {
  if (known.has(host)) return known.get(host)
  const isHost = HOST.test(host) && URL.canParse(`http://${host}`)
  const text = isHost ? new URL(`http://${host}`).hostname.replace(/\.$/, '') : undefined
  const name = text === undefined ? undefined : { text, isLoopback: isLoopback(text) }
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(host, name)
  return name
}
