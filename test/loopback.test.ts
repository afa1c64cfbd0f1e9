import { describe, expect, it } from 'vitest'
import { isLoopback } from '../src/loopback.ts'

describe('loopback', () => {
  it.each([
    'localhost',
    'LOCALHOST',
    'localhost.',
    '127.0.0.1',
    '127.0.0.1.',
    '127.1',
    '127.255.255.254',
    '0x7f.1',
    '0x7f000001',
    '0177.0.0.1',
    '2130706433',
    '①②⑦.0.0.1',
    '::1',
    '[::1]',
    '::1%lo',
    '0:0:0:0:0:0:0:1',
    '::ffff:127.0.0.1',
    '[::ffff:7f00:1]',
    '0:0:0:0:0:FFFF:7F12:3456',
  ])('is %s', (host) => expect(isLoopback(host)).toBe(true))

  it.each([
    '',
    '0.0.0.0',
    '::',
    '::2',
    '128.0.0.1',
    '126.255.255.255',
    '127.0.0.256',
    '::ffff:128.0.0.1',
    '64:ff9b::127.0.0.1',
    'localhost..',
    'localhost.example.com',
    'mylocalhost',
    'api.localhost',
    '127.0.0.1.example.com',
    'localhost:80',
    'localhost/x',
    '127.0.0.1/8',
    'localhost#a',
    'user@localhost',
    'example.com\\@localhost',
    'http://localhost',
  ])('is not %s', (host) => expect(isLoopback(host)).toBe(false))
})
