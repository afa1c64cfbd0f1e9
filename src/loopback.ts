const IPV4 = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/
/** 127.0.0.0/8 as URLs write it when it is mapped into IPv6. */
const MAPPED = /^::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}$/

/** Whether the name or address, in any spelling that a URL takes and without a port, can only mean this machine. */
export function isLoopback(host: string): boolean {
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (!URL.canParse(`http://${bare}`)) return false
  const name = new URL(`http://${bare}`).hostname.replace(/^\[|\]$|\.$/g, '')
  return name === 'localhost' || name === '::1' || IPV4.test(name) || MAPPED.test(name)
}
