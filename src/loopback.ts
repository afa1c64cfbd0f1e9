import { BlockList, isIPv6 } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8)
LOOPBACK.addAddress('::1', 'ipv6')

/**
 * Whether the name or address can only mean this machine: `localhost`, `127.0.0.0/8` or `::1`, in any spelling that a URL takes,
 * such as `localhost.`, `127.1`, `0x7f.1` or `::ffff:127.0.0.1`. Without a port.
 */
export function isLoopback(host: string): boolean {
  if (/[\s/?#@\\]/.test(host)) return false
  // A zone names an interface of this machine, which an address on loopback does not need.
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%[\w.-]+$/, '')
  const url = URL.parse(`http://${bare.includes(':') ? `[${bare}]` : bare}`)
  if (url === null || url.host !== url.hostname) return false
  const name = url.hostname.replace(/^\[|\]$|\.$/g, '')
  if (name === 'localhost') return true
  if (!/^[\d.]+$/.test(name) && !name.includes(':')) return false
  return LOOPBACK.check(name, isIPv6(name) ? 'ipv6' : 'ipv4')
}
