import { describe, expect, it } from 'vitest'
import { isLoopbackHost, proxyFor } from '../src/outbound.ts'

const PROXIES = { https: 'http://user:secret@proxy.test:3128', http: 'http://plain.test:8080' }

describe('the proxy for an origin', () => {
  it('is the one for its scheme', () => {
    expect(proxyFor('https://api.clever.com', PROXIES)?.host).toBe('proxy.test:3128')
    expect(proxyFor('http://keys.test', PROXIES)?.host).toBe('plain.test:8080')
    expect(proxyFor('http://keys.test', { https: PROXIES.https })).toBeUndefined()
    expect(proxyFor('https://api.clever.com', {})).toBeUndefined()
  })

  it.each([
    'http://localhost:4010',
    'http://LOCALHOST.',
    'http://api.localhost',
    'http://127.0.0.1:1',
    'http://127.1',
    'http://0x7f.0.0.1',
    'http://2130706433',
    'http://127.255.0.9',
    'http://[::1]:4010',
    'http://[0:0:0:0:0:0:0:1]',
    'http://[::ffff:127.0.0.1]',
    'http://0.0.0.0:4010',
    'http://[::]',
    'https://localhost',
  ])('is never used for loopback: %s', (origin) => {
    expect(proxyFor(origin, { ...PROXIES, none: 'elsewhere.test' })).toBeUndefined()
  })

  it.each<[string, string, boolean]>([
    ['https://api.clever.com', 'api.clever.com', true],
    ['https://api.clever.com', 'clever.com', true],
    ['https://api.clever.com', '.clever.com', true],
    ['https://api.clever.com', '*.clever.com', true],
    ['https://api.clever.com', 'one.test, API.Clever.com.', true],
    ['https://api.clever.com', 'one.test two.test clever.com', true],
    ['https://api.clever.com', '*', true],
    ['https://api.clever.com', 'api.clever.com:443', true],
    ['https://api.clever.com', 'api.clever.com:8443', false],
    ['https://api.clever.com', 'ever.com', false],
    ['https://api.clever.com', 'com.clever', false],
    ['https://api.clever.com', '', false],
    ['https://10.1.2.3', '10.1.2.3', true],
    ['https://10.1.2.3', '10.0.0.0/8', true],
    ['https://10.1.2.3', '10.2.0.0/16', false],
    ['https://10.1.2.3', '2.3', false],
    ['https://10.1.2.3', '10.0.0.0/99', false],
    ['https://[fd00::7]', 'fd00::7', true],
    ['https://[fd00::7]:8443', '[fd00::7]:8443', true],
    ['https://[fd00::7]', 'fd00::/8', true],
  ])('for %s with NO_PROXY=%s is left out: %s', (origin, none, isDirect) => {
    expect(proxyFor(origin, { ...PROXIES, none }) === undefined).toBe(isDirect)
  })

  it('takes another machine for no loopback', () => {
    for (const host of ['localhost.example.com', '128.0.0.1', 'mylocalhost', '::2'])
      expect(isLoopbackHost(host)).toBe(false)
  })
})
