import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { connectIssuer } from '../../src/auth/fetch-keys.ts'
import type { Issuers } from '../../src/auth/issuers-file.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { createOutbound } from '../../src/outbound.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { createKey, ISSUER, issuer, type Key, READS_CHILD, type Signing, sign } from '../access/issuer.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway } from '../support/gateway.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The endpoint of an issuer's keys, which answers as the test says. */
async function serveKeys(...keys: object[]) {
  let answer: RequestListener = (_request, response) => response.end(JSON.stringify({ keys }))
  let fetches = 0
  const served = await serve((request, response) => {
    fetches += 1
    answer(request, response)
  })
  return {
    ...served,
    url: `${served.url}/keys`,
    fetches: () => fetches,
    serve(...next: object[]) {
      answer = (_request, response) => response.end(JSON.stringify({ keys: next }))
    },
    answer(next: RequestListener) {
      answer = next
    },
  }
}

/** A gateway whose clock is in the test's hand. */
async function startWith(...issuers: Issuers) {
  const clock = createFakeClock()
  const gateway = await startGateway({ clock, issuers, over: sandbox })
  return {
    ...gateway,
    advance: clock.advance,
    /** The status of a query with a token of this key, signed now. */
    async ask(key: Key, signing: Signing = {}) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await sign(key, { at: clock.now(), ...signing })}`,
        },
        body: JSON.stringify({ query: READS_CHILD }),
      })
      await response.body?.cancel()
      return response.status
    },
    /** The log, without the lines of requests. */
    said: () => gateway.lines.map((line) => JSON.parse(line)).filter(({ issuer }) => issuer !== undefined),
    outcomes: async () =>
      Object.fromEntries(
        (await gateway.metrics.issuerKeyFetches.get()).values.map(({ labels, value }) => [
          labels.outcome,
          value,
        ]),
      ),
  }
}

let sandbox: Sandbox
let [first, second, forged]: Key[] = []
beforeAll(async () => {
  sandbox = await startSandbox()
  ;[first, second, forged] = await Promise.all(
    ['first', 'second', 'forged'].map((kid) => createKey('ES256', kid)),
  )
})
afterAll(() => sandbox.close())
const given = (key: Key | undefined) => key ?? expect.unreachable()

describe('O15: an issuer', () => {
  const [old, next] = [() => given(first), () => given(second)]

  it('that answers with no keys once: a failure, not an answer', async () => {
    await using endpoint = await serveKeys(old().jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
    endpoint.serve()
    await gateway.advance(11 * MINUTE)
    expect(await gateway.ask(old())).toBe(200)
    expect(endpoint.fetches()).toBe(2)
    expect(gateway.said()).toMatchObject([
      { level: 'warn', issuer: ISSUER, reason: 'no_usable_key', ageSeconds: 660 },
    ])
    endpoint.serve(next().jwk)
    await gateway.advance(MINUTE)
    // The first of them starts the question, and does not wait for it.
    await gateway.ask(old())
    await expect.poll(() => gateway.ask(next())).toBe(200)
    expect(await gateway.ask(old())).toBe(401)
    expect(gateway.said().at(-1)).toMatchObject({
      level: 'info',
      msg: 'the keys of the issuer were read again',
    })
    expect(await gateway.outcomes()).toEqual({ ok: 2, no_usable_key: 1 })
  })

  it('that is away for an hour: its last keys are used meanwhile, and no request waits for it', async () => {
    await using endpoint = await serveKeys(old().jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
    endpoint.answer((request) => request.socket.destroy())
    for (let minutes = 0; minutes <= 60; minutes += 15) {
      await gateway.advance(15 * MINUTE)
      expect(await gateway.ask(old())).toBe(200)
    }
    expect((await gateway.outcomes()).unreachable).toBeGreaterThan(3)
    const readAt = (await gateway.metrics.issuerKeysReadAt.get()).values
    expect(readAt).toMatchObject([
      { labels: { issuer: ISSUER }, value: Date.parse('2026-11-22T12:00:00Z') / 1000 },
    ])
  })

  it('that is away for more than a day: 503, and the log says that no token is accepted', async () => {
    await using endpoint = await serveKeys(old().jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
    endpoint.answer((_request, response) => response.writeHead(502).end())
    await gateway.advance(24 * HOUR - MINUTE)
    expect(await gateway.ask(old())).toBe(200)
    await gateway.advance(MINUTE)
    expect(await gateway.ask(old())).toBe(503)
    expect(gateway.said().at(-1)).toMatchObject({
      reason: 'status',
      status: 502,
      msg: expect.stringContaining(
        'the keys of the issuer cannot be read: no token of the issuer is accepted',
      ),
    })
    endpoint.serve(old().jwk)
    await gateway.advance(MINUTE)
    expect(await gateway.ask(old())).toBe(200)
  })

  it('that has never given a key is asked once a second, however many tokens come', async () => {
    await using endpoint = await serveKeys()
    await using gateway = await startWith(issuer(endpoint.url))
    for (let request = 0; request < 20; request += 1) expect(await gateway.ask(old())).toBe(503)
    expect(endpoint.fetches()).toBe(1)
    endpoint.serve(old().jwk)
    expect(await gateway.ask(old())).toBe(503)
    await gateway.advance(1_000)
    expect(await gateway.ask(old())).toBe(200)
    expect(endpoint.fetches()).toBe(2)
  })

  it('that compresses what it sends to clients that do not refuse it is asked for plain text', async () => {
    await using endpoint = await serveKeys()
    endpoint.answer(({ headers }, response) => {
      const keys = JSON.stringify({ keys: [old().jwk] })
      if (headers['accept-encoding'] === 'identity') response.end(keys)
      else response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(keys))
    })
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
  })

  it('that is away: a token of an unknown key is 503, a forged one of a known key 401', async () => {
    await using endpoint = await serveKeys(old().jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
    endpoint.answer((request) => request.socket.destroy())
    await gateway.advance(MINUTE)
    expect(await gateway.ask(next())).toBe(503)
    expect(await gateway.ask({ ...given(forged), kid: 'first' })).toBe(401)
    expect(await gateway.ask(old())).toBe(200)
  })

  it('that has two keys without kid: each is tried', async () => {
    const nameless = (key: Key) => ({ ...key.jwk, kid: undefined })
    const rsa = await createKey('RS256')
    await using endpoint = await serveKeys(nameless(rsa), nameless(old()), nameless(next()))
    await using gateway = await startWith(issuer(endpoint.url))
    for (const key of [old(), next(), rsa]) {
      expect(await gateway.ask(key, { header: { kid: undefined } })).toBe(200)
      expect(await gateway.ask(key)).toBe(200)
    }
    expect(await gateway.ask(given(forged), { header: { kid: undefined } })).toBe(401)
    expect(endpoint.fetches()).toBe(1)
  })

  it('whose two keys without kid are in the file itself: each is tried', async () => {
    const keys = [old(), next()].map(({ jwk }) => ({ ...jwk, kty: 'EC', kid: undefined }))
    await using gateway = await startWith(issuer({ keys }))
    for (const key of [old(), next()])
      expect(await gateway.ask(key, { header: { kid: undefined } })).toBe(200)
    expect(await gateway.ask(given(forged))).toBe(401)
  })

  it('that has several keys of one kid: each that fits is tried', async () => {
    const rsa = await createKey('RS256')
    const named = (key: Key) => ({ ...key.jwk, kid: 'one' })
    await using endpoint = await serveKeys(named(rsa), named(old()), named(next()))
    await using gateway = await startWith(issuer(endpoint.url))
    for (const key of [old(), next(), rsa]) expect(await gateway.ask({ ...key, kid: 'one' })).toBe(200)
    expect(await gateway.ask({ ...given(forged), kid: 'one' })).toBe(401)
  })

  it.each([
    [['EdDSA'], 'Ed25519'],
    [['Ed25519'], 'EdDSA'],
    [['Ed25519'], 'Ed25519'],
  ] as const)('that is allowed %s and signs as %s', async (algorithms, alg) => {
    const key = await createKey('EdDSA')
    for (const jwk of [key.jwk, { ...key.jwk, alg }, { ...key.jwk, alg: undefined }]) {
      await using endpoint = await serveKeys(jwk)
      await using gateway = await startWith(issuer(endpoint.url, { algorithms: [...algorithms] }))
      expect(await gateway.ask({ ...key, alg })).toBe(200)
      expect(await gateway.ask(old())).toBe(401)
    }
  })

  it('when our clock is set back by two hours: a removed key ceases to count, a new one begins to', async () => {
    await using endpoint = await serveKeys(old().jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
    await gateway.advance(-2 * HOUR)
    expect(await gateway.ask(old())).toBe(200)
    endpoint.serve(next().jwk)
    await gateway.advance(MINUTE)
    expect(await gateway.ask(next())).toBe(200)
    expect(await gateway.ask(old())).toBe(401)
    endpoint.serve(old().jwk)
    await gateway.advance(10 * MINUTE)
    expect(await gateway.ask(next())).toBe(401)
    expect(endpoint.fetches()).toBe(3)
  })

  it('whose clock differs by two hours after ours was set back: keys are kept for a day and no longer', async () => {
    await using endpoint = await serveKeys(old().jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(old())).toBe(200)
    await gateway.advance(-2 * HOUR)
    endpoint.answer((request) => request.socket.destroy())
    await gateway.ask(old())
    await gateway.advance(24 * HOUR)
    expect(await gateway.ask(old())).toBe(503)
  })
})

describe('an answer of an issuer that holds no usable keys', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const text =
    (body: string, status = 200, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end(body)
  const keys = (...each: unknown[]) => text(JSON.stringify({ keys: each }))
  const good = () => JSON.stringify({ keys: [given(first).jwk] })

  it.each<[string, () => RequestListener, string]>([
    [
      'an HTML page',
      () => text('<html>be back soon</html>', 200, { 'content-type': 'text/html' }),
      'not_json',
    ],
    ['an empty body', () => text(''), 'not_json'],
    ['half of the keys', () => text(good().slice(0, -9)), 'not_json'],
    ['null', () => text('null'), 'no_usable_key'],
    ['a list of keys', () => text(`[${JSON.stringify(given(first).jwk)}]`), 'no_usable_key'],
    ['keys that are no list', () => text('{"keys":{}}'), 'no_usable_key'],
    ['keys that are no objects', () => keys(null, 1, 'x', []), 'no_usable_key'],
    ['an empty key', () => keys({}), 'no_usable_key'],
    ['keys for encryption', () => keys({ ...given(first).jwk, use: 'enc' }), 'no_usable_key'],
    ['keys for other operations', () => keys({ ...given(first).jwk, key_ops: ['sign'] }), 'no_usable_key'],
    ['keys of another algorithm', () => keys({ ...given(first).jwk, alg: 'ES512' }), 'no_usable_key'],
    ['keys of another curve', () => keys(other), 'no_usable_key'],
    ['a weak key', () => keys(weak), 'no_usable_key'],
    ['a secret', () => keys({ kty: 'oct', k: 'AAAA', alg: 'HS256' }), 'no_usable_key'],
    ['a broken key', () => keys({ ...given(first).jwk, x: '!' }), 'no_usable_key'],
    ['the right keys with status 500', () => text(good(), 500), 'status'],
    ['the right keys with status 203', () => text(good(), 203), 'status'],
    ['404', () => text('', 404), 'status'],
    ['a redirect', () => text('', 302, { location: '/elsewhere' }), 'status'],
    ['a very large body', () => text(`${' '.repeat(600_000)}${good()}`), 'too_large'],
    [
      'an answer that breaks off',
      () => (request, response) => {
        response.writeHead(200, { 'content-length': 9 }).write('{')
        setImmediate(() => request.socket.destroy())
      },
      'unreachable',
    ],
  ])('such as %s replaces no keys, and is counted', async (_what, answer, outcome) => {
    await using endpoint = await serveKeys(given(first).jwk)
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(given(first))).toBe(200)
    endpoint.answer(answer())
    await gateway.advance(11 * MINUTE)
    expect(await gateway.ask(given(first))).toBe(200)
    expect(await gateway.outcomes()).toEqual({ ok: 1, [outcome]: 1 })
    expect(JSON.stringify(gateway.said())).not.toContain('be back')
  })

  it('beside usable ones does not hide them', async () => {
    await using endpoint = await serveKeys(
      {},
      weak,
      other,
      { ...given(first).jwk, kid: 7 },
      given(second).jwk,
    )
    await using gateway = await startWith(issuer(endpoint.url))
    expect(await gateway.ask(given(second))).toBe(200)
  })

  it('within its time is a failure as well', async () => {
    const log = createLog('silent')
    const metrics = createMetrics()
    await using endpoint = await serveKeys()
    endpoint.answer(() => {})
    const limits = {
      connections: 1,
      connectTimeout: 50,
      headersTimeout: 50,
      bodyTimeout: 50,
      maxResponseSize: 1_000,
    }
    const authenticate = createAuthenticate({
      issuers: [issuer(endpoint.url)],
      now: Date.now,
      leeway: 5_000,
      connect: (origin) => createOutbound(origin, {}, limits).dispatcher,
      log,
      metrics,
    })
    const answer = await authenticate(`Bearer ${await sign(given(first))}`)
    expect(answer).toEqual({ outcome: 'UNAVAILABLE', reason: 'keys_unavailable' })
    expect((await metrics.issuerKeyFetches.get()).values).toMatchObject([
      { labels: { outcome: 'timeout' }, value: 1 },
    ])
  })
})

describe('the way to the keys', () => {
  const passed: string[] = []
  let target: Awaited<ReturnType<typeof serveKeys>>
  let proxy: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    target = await serveKeys(given(first).jwk)
    proxy = await serve((request, response) => {
      passed.push(request.url ?? '')
      response.end(JSON.stringify({ keys: [given(first).jwk] }))
    })
  })
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]()
    await target[Symbol.asyncDispose]()
  })

  const outcomeVia = async (url: string, none?: string) => {
    const authenticate = createAuthenticate({
      issuers: [issuer(url)],
      now: Date.now,
      leeway: 5_000,
      connect: (origin) => connectIssuer(origin, { http: proxy.url, https: proxy.url, none }),
      log: createLog('silent'),
      metrics: createMetrics(),
    })
    return (await authenticate(`Bearer ${await sign(given(first))}`)).outcome
  }

  it('leads through the proxy, and never for loopback', async () => {
    expect(await outcomeVia('http://keys.issuer.test/keys')).toBe('KNOWN')
    expect(passed).toEqual(['http://keys.issuer.test/keys'])
    expect(await outcomeVia(target.url)).toBe('KNOWN')
    expect(await outcomeVia('http://keys.issuer.test/keys', 'issuer.test')).toBe('UNAVAILABLE')
    expect(passed).toHaveLength(1)
  })
})
