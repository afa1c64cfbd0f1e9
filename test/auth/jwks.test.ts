import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { issuersFile } from '../../src/auth/issuers-file.ts'
import {
  AUDIENCE,
  authenticateBy,
  createKey,
  ISSUER,
  issuer,
  type Key,
  READS_CHILD,
  sign,
} from '../access/issuer.ts'
import { startGateway } from '../support/gateway.ts'

/** An issuer's keys on loopback. */
async function serveKeys(...keys: Key[]) {
  let served: readonly Key[] = keys
  let status = 200
  let fetches = 0
  const server = createServer((_request, response) => {
    fetches += 1
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(status === 200 ? JSON.stringify({ keys: served.map(({ jwk }) => jwk) }) : 'no')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
    fetches: () => fetches,
    serve(...next: Key[]) {
      served = next
    },
    answer(next: number) {
      status = next
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Only the date: sockets go on as ever. */
function holdTime() {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-22T12:00:00Z') })
  return (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)
}
afterEach(() => void vi.useRealTimers())

const bearer = async (key: Key, signing = {}) => `Bearer ${await sign(key, signing)}`

describe('keys by URL', () => {
  it('are fetched when first needed, kept for ten minutes, and fetched again then', async () => {
    const goOn = holdTime()
    const key = await createKey('ES256', 'first')
    await using endpoint = await serveKeys(key)
    const authenticate = authenticateBy(issuer(endpoint.url))
    expect(endpoint.fetches()).toBe(0)
    for (const seconds of [0, 60, 500]) {
      goOn(seconds)
      expect((await authenticate(await bearer(key))).outcome).toBe('KNOWN')
    }
    expect(endpoint.fetches()).toBe(1)
    goOn(60)
    expect((await authenticate(await bearer(key))).outcome).toBe('KNOWN')
    expect(endpoint.fetches()).toBe(2)
  })

  it('are fetched again for an unknown kid, once in 30 s however many such tokens come', async () => {
    const goOn = holdTime()
    const [first, second, forged] = await Promise.all([
      createKey('ES256', 'first'),
      createKey('ES256', 'second'),
      createKey('ES256', 'forged'),
    ])
    await using endpoint = await serveKeys(first)
    const authenticate = authenticateBy(issuer(endpoint.url))
    expect((await authenticate(await bearer(first))).outcome).toBe('KNOWN')
    endpoint.serve(first, second)
    expect((await authenticate(await bearer(second))).outcome).toBe('INVALID')
    expect(endpoint.fetches()).toBe(1)

    goOn(31)
    expect((await authenticate(await bearer(second))).outcome).toBe('KNOWN')
    expect(endpoint.fetches()).toBe(2)
    const tokens = await Promise.all(Array.from({ length: 20 }, () => bearer(forged)))
    const outcomes = await Promise.all(tokens.map(authenticate))
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['INVALID']))
    expect(endpoint.fetches()).toBe(2)
  })

  it('are not fetched for a token of an unknown issuer', async () => {
    const key = await createKey('ES256')
    await using endpoint = await serveKeys(key)
    const authenticate = authenticateBy(issuer(endpoint.url))
    expect((await authenticate(await bearer(key, { issuer: 'https://other.example' }))).outcome).toBe(
      'INVALID',
    )
    expect((await authenticate('Bearer a.b.c')).outcome).toBe('INVALID')
    expect((await authenticate(undefined)).outcome).toBe('MISSING')
    expect(endpoint.fetches()).toBe(0)
  })

  it('that were withdrawn count no more when they have been fetched again', async () => {
    const goOn = holdTime()
    const [old, next] = await Promise.all([createKey('ES256', 'old'), createKey('ES256', 'next')])
    await using endpoint = await serveKeys(old)
    const authenticate = authenticateBy(issuer(endpoint.url))
    expect((await authenticate(await bearer(old))).outcome).toBe('KNOWN')
    endpoint.serve(next)
    goOn(601)
    expect((await authenticate(await bearer(old))).outcome).toBe('INVALID')
  })

  it.each([
    ['answer 500', 500],
    ['answer 404', 404],
  ])('that %s let nobody in: 503, and no call to Clever', async (_what, status) => {
    const goOn = holdTime()
    const key = await createKey('ES256')
    await using endpoint = await serveKeys(key)
    endpoint.answer(status)
    await using gateway = await startGateway({ authenticate: authenticateBy(issuer(endpoint.url)) })
    const ask = async () =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: await bearer(key) },
        body: JSON.stringify({ query: READS_CHILD }),
      })
    const response = await ask()
    const { errors } = (await response.json()) as { errors: { extensions: object }[] }
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('30')
    expect(errors[0]?.extensions).toEqual({ code: 'AUTHENTICATION_UNAVAILABLE' })
    expect(gateway.sandbox.calls.count()).toBe(0)
    endpoint.answer(200)
    goOn(1)
    expect((await ask()).status).toBe(200)
  })

  it('that cannot be reached, or are no keys, are UNAVAILABLE', async () => {
    const key = await createKey('ES256')
    const endpoint = await serveKeys(key)
    await endpoint[Symbol.asyncDispose]()
    expect((await authenticateBy(issuer(endpoint.url))(await bearer(key))).outcome).toBe('UNAVAILABLE')
  })

  it('stay good for a day while the endpoint is down', async () => {
    const goOn = holdTime()
    const key = await createKey('ES256')
    await using endpoint = await serveKeys(key)
    const authenticate = authenticateBy(issuer(endpoint.url))
    expect((await authenticate(await bearer(key))).outcome).toBe('KNOWN')
    endpoint.answer(500)
    goOn(300)
    expect((await authenticate(await bearer(key))).outcome).toBe('KNOWN')
    goOn(301)
    expect((await authenticate(await bearer(key))).outcome).toBe('KNOWN')
    goOn(86_400)
    expect((await authenticate(await bearer(key))).outcome).toBe('UNAVAILABLE')
  })
})

describe('a file of issuers', () => {
  const entry = { issuer: ISSUER, audience: AUDIENCE, jwks: 'https://issuer.example/keys', claims: {} }
  const accepts = (...issuers: object[]) => issuersFile.safeParse({ issuers }).success

  it('names each issuer once, its audience, its keys by https or in itself, and safe algorithms', () => {
    expect(accepts(entry)).toBe(true)
    expect(accepts({ ...entry, algorithms: ['ES256'], claims: 'clever' })).toBe(true)
    expect(accepts()).toBe(false)
    expect(accepts(entry, entry)).toBe(false)
    expect(accepts({ ...entry, jwks: 'http://issuer.example/keys' })).toBe(false)
    expect(accepts({ ...entry, jwks: 'file:///etc/keys' })).toBe(false)
    expect(accepts({ ...entry, jwks: { keys: [] } })).toBe(false)
    expect(accepts({ ...entry, audience: [] })).toBe(false)
    expect(accepts({ ...entry, audience: undefined })).toBe(false)
    for (const algorithm of ['none', 'HS256', 'RS1'])
      expect(accepts({ ...entry, algorithms: [algorithm] })).toBe(false)
  })
})
