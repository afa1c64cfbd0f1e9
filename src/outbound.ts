import { BlockList, isIP, isIPv6 } from 'node:net'
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici'
import { isLoopback } from './loopback.ts'

/** Proxies for outgoing calls, as HTTPS_PROXY, HTTP_PROXY and NO_PROXY name them. */
export interface Proxies {
  /** Origin of the proxy for https calls, with its credentials if it needs them. */
  readonly https?: string | undefined
  /** Origin of the proxy for http calls. */
  readonly http?: string | undefined
  /**
   * Hosts that are called without a proxy: names, suffixes, addresses or subnets, each with an optional port.
   * `*` for all.
   */
  readonly none?: string | undefined
}

/** Per-connection limits. Durations in ms, sizes in bytes. */
export interface OutboundLimits {
  /** The maximum number of connections to the origin. */
  readonly connections: number
  readonly connectTimeout: number
  readonly headersTimeout: number
  readonly bodyTimeout: number
  readonly maxResponseSize: number
}

export interface Outbound {
  readonly dispatcher: Dispatcher
  /** Host and port of the proxy, without credentials; undefined for a direct connection. */
  readonly via: string | undefined
}

/**
 * Connections to one origin, through the proxy that the settings name for it. A loopback origin is never called through a
 * proxy. Close it with `dispatcher.destroy()`. Redirects are not followed.
 */
export function createOutbound(origin: string, proxies: Proxies, limits: OutboundLimits): Outbound {
  const { connectTimeout, ...rest } = limits
  const options = { ...rest, pipelining: 1 }
  const proxy = proxyFor(origin, proxies)
  if (proxy === undefined) {
    const dispatcher = new Agent({ ...options, connect: { timeout: connectTimeout } })
    return { dispatcher, via: undefined }
  }
  const dispatcher = new ProxyAgent({
    ...options,
    uri: proxy.href,
    connectTimeout,
    // A proxy that takes the connection and does not answer CONNECT would hold the call for minutes.
    clientFactory: (proxyOrigin, poolOptions) =>
      new Pool(proxyOrigin, { ...poolOptions, headersTimeout: connectTimeout }),
  })
  return { dispatcher, via: proxy.host }
}

/** The proxy for an origin; undefined for a direct call. */
export function proxyFor(origin: string, { https, http, none = '' }: Proxies): URL | undefined {
  const { protocol, hostname, port } = new URL(origin)
  const proxy = protocol === 'https:' ? https : http
  const host = bareHost(hostname)
  if (proxy === undefined || isLoopbackHost(host)) return undefined
  const effectivePort = port || (protocol === 'https:' ? '443' : '80')
  const entries = none.split(/[\s,]+/).filter((entry) => entry !== '')
  return entries.some((entry) => excludes(entry, host, effectivePort)) ? undefined : new URL(proxy)
}

/** The unspecified addresses lead to the machine itself. */
const UNSPECIFIED = ['0.0.0.0', '::', '::ffff:0:0']

/** Whether a host is this machine, in any spelling. */
export function isLoopbackHost(hostname: string): boolean {
  const host = bareHost(hostname)
  return isLoopback(host) || UNSPECIFIED.includes(host) || host.endsWith('.localhost')
}

/** Without the brackets of an IPv6 address and without the dot of an absolute name. */
function bareHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
}

/** Reads NO_PROXY like curl: a name excludes its subdomains too. */
function excludes(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true
  const { name, only } = splitPort(entry)
  if (only !== undefined && only !== port) return false
  const wanted = bareHost(name).replace(/^\*?\./, '')
  if (wanted.includes('/')) return isInSubnet(wanted, host)
  return host === wanted || (!isIP(host) && host.endsWith(`.${wanted}`))
}

function splitPort(entry: string): { name: string; only: string | undefined } {
  const [, name = entry, only] = isIP(entry) ? [] : (/^(.+):(\d+)$/.exec(entry) ?? [])
  return { name, only }
}

function isInSubnet(subnet: string, host: string): boolean {
  const [, network = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(subnet) ?? []
  const family = isIPv6(network) ? 'ipv6' : 'ipv4'
  if (!isIP(network) || isIP(host) !== isIP(network) || Number(prefix) > (family === 'ipv6' ? 128 : 32))
    return false
  const list = new BlockList()
  list.addSubnet(network, Number(prefix), family)
  return list.check(host, family)
}
