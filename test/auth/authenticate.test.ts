import { createHmac, createPublicKey } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenRefusal } from '../../src/auth/token-refusal.ts'
import {
  authenticateBy,
  base64url,
  createKey,
  GUARDIAN,
  issuer,
  jwksOf,
  type Key,
  READS_CHILD,
  sign,
} from '../access/issuer.ts'
import { CHILD } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
let rsa: Key
let keys: readonly Key[]
beforeAll(async () => {
  keys = await Promise.all([createKey('RS256'), createKey('ES256'), createKey('EdDSA')])
  rsa = keys[0] ?? expect.unreachable()
  gateway = await startGateway({
    authenticate: authenticateBy(
      issuer(jwksOf(...keys)),
      issuer(jwksOf(...keys), { issuer: 'https://narrow.example', algorithms: ['ES256'] }),
    ),
  })
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** Real HTTP: what comes back, and how many calls it made. */
async function post(headers: Record<string, string>, query = '') {
  // A record that was read before would cost no call either.
  gateway.forget()
  const before = gateway.sandbox.calls.count()
  const response = await fetch(`${gateway.url}/graphql${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: READS_CHILD }),
  })
  const { data, errors } = (await response.json()) as {
    data?: unknown
    errors?: { message: string; extensions: { code: string } }[]
  }
  return {
    status: response.status,
    challenge: response.headers.get('www-authenticate'),
    data,
    code: errors?.[0]?.extensions.code,
    calls: gateway.sandbox.calls.count() - before,
  }
}

const bearing = (token: string) => post({ authorization: `Bearer ${token}` })
const [head, body, signature] = [0, 1, 2] as const
const part = (token: string, which: 0 | 1 | 2) => token.split('.')[which] ?? ''

describe('a token is accepted', () => {
  it.each(['RS256', 'ES256', 'EdDSA'])('that is signed by %s', async (alg) => {
    const key = keys.find((each) => each.alg === alg) ?? expect.unreachable()
    expect(await bearing(await sign(key))).toMatchObject({ status: 200, data: { student: { id: CHILD } } })
  })

  it('for one of several audiences, and under a scheme in any case', async () => {
    const token = await sign(rsa, { audience: ['somebody-else', 'contacts'] })
    expect((await post({ authorization: `bEARER  ${token}` })).status).toBe(200)
  })

  it('that has expired within the tolerance for clocks', async () => {
    expect((await bearing(await sign(rsa, { expires: -2 }))).status).toBe(200)
  })

  it('that was issued in the future: only nbf and exp say when a token is valid', async () => {
    expect((await bearing(await sign(rsa, { issuedAt: 7_200 }))).status).toBe(200)
  })

  it.each([
    [0, 5, 401],
    [5_000, 2, 200],
    [5_000, 60, 401],
    [120_000, 60, 200],
    [120_000, 180, 401],
  ])('with a leeway of %i ms when the clocks differ by %i s: %i', async (leeway, seconds, status) => {
    await using lenient = await startGateway({
      issuers: [issuer(jwksOf(...keys))],
      leeway,
      over: gateway.sandbox,
    })
    for (const signing of [{ expires: -seconds }, { notBefore: seconds }]) {
      const response = await fetch(`${lenient.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await sign(rsa, signing)}` },
        body: JSON.stringify({ query: READS_CHILD }),
      })
      expect(response.status).toBe(status)
    }
  })
})

describe('no token is accepted, and Clever is not asked,', () => {
  const refused: readonly [string, TokenRefusal, () => Promise<string> | string][] = [
    ['with an empty token', 'malformed', () => ''],
    ['with garbage', 'malformed', () => 'garbage'],
    ['with garbage in three parts', 'malformed', () => 'aaa.bbb.ccc'],
    ['with a token that has expired', 'expired', () => sign(rsa, { expires: -60 })],
    ['with a token that never expires', 'claims', () => sign(rsa, { expires: 'never' })],
    ['with a token that is not yet good', 'not_yet_valid', () => sign(rsa, { notBefore: 60 })],
    ['with a token of another issuer', 'issuer', () => sign(rsa, { issuer: 'https://other.example' })],
    ['with an issuer spelt otherwise', 'issuer', () => sign(rsa, { issuer: 'https://issuer.example/' })],
    ['with a token for another audience', 'audience', () => sign(rsa, { audience: 'somebody-else' })],
    [
      'with an algorithm that this issuer does not use',
      'algorithm',
      () => sign(rsa, { issuer: 'https://narrow.example' }),
    ],
    ['with another key under the same kid', 'signature', async () => sign(await createKey('RS256'))],
    ['with an unknown kid', 'unknown_key', async () => sign(await createKey('ES256', 'unknown'))],
    [
      'with the key of one algorithm under the kid of another',
      'unknown_key',
      () => sign({ ...rsa, kid: 'ES256' }),
    ],
    [
      'with the algorithm none and no signature',
      'malformed',
      async () => `${base64url({ alg: 'none' })}.${part(await sign(rsa), body)}.`,
    ],
    [
      'with the algorithm none and somebody’s signature',
      'algorithm',
      async () => {
        const token = await sign(rsa)
        return `${base64url({ alg: 'none', kid: 'RS256' })}.${part(token, body)}.${part(token, signature)}`
      },
    ],
    [
      'with the public key as the secret of an HMAC',
      'algorithm',
      async () => {
        const pem = createPublicKey({ key: rsa.jwk as never, format: 'jwk' }).export({
          type: 'spki',
          format: 'pem',
        })
        const signed = `${base64url({ alg: 'HS256', kid: 'RS256' })}.${part(await sign(rsa), body)}`
        return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`
      },
    ],
    [
      'with a key that the token brings itself',
      'unknown_key',
      async () => {
        const own = await createKey('ES256', 'own')
        return sign(own, { header: { jwk: own.jwk } })
      },
    ],
    [
      'with other claims than were signed',
      'signature',
      async () => {
        const token = await sign(rsa)
        const claims = JSON.parse(Buffer.from(part(token, body), 'base64url').toString())
        const forged = base64url({ ...claims, kind: 'service', azp: 'x', districts: '*' })
        return `${part(token, head)}.${forged}.${part(token, signature)}`
      },
    ],
    [
      'with a header that must be understood and is not',
      'malformed',
      () => sign(rsa, { critical: 'no-such-word' }),
    ],
    ['with a signature cut short', 'signature', async () => (await sign(rsa)).slice(0, -8)],
    [
      'with a token whose time is no number',
      'claims',
      () => sign(rsa, { claims: { ...GUARDIAN, nbf: 'now' } }),
    ],
    ['with claims that name no person', 'claims', () => sign(rsa, { claims: { kind: 'guardian' } })],
    ['with two tokens', 'malformed', async () => `${await sign(rsa)} ${await sign(rsa)}`],
  ]

  it.each(refused)('%s, and the log and a metric say why: %s', async (_what, reason, token) => {
    const count = async () =>
      (await gateway.metrics.requestsRefused.get()).values.find(({ labels }) => labels.reason === reason)
        ?.value ?? 0
    const before = await count()
    expect(await bearing(await token())).toEqual({
      status: 401,
      challenge: 'Bearer realm="clever-contacts-gateway", error="invalid_token"',
      data: undefined,
      code: 'UNAUTHENTICATED',
      calls: 0,
    })
    expect(await count()).toBe(before + 1)
    const said = gateway.lines
      .map((line) => JSON.parse(line))
      .filter(({ msg }) => msg === 'the token is refused')
    expect(said.at(-1)).toEqual({
      level: 'info',
      time: expect.any(String),
      requestId: expect.any(String),
      reason,
      msg: 'the token is refused',
    })
  })

  const MISSING = {
    status: 401,
    challenge: 'Bearer realm="clever-contacts-gateway"',
    data: undefined,
    code: 'UNAUTHENTICATED',
    calls: 0,
  }
  it('without a token', async () => {
    expect(await post({})).toEqual(MISSING)
  })

  it('with a token in the URL, in a cookie or in the body of the request', async () => {
    const token = await sign(rsa)
    expect(await post({}, `?access_token=${token}&authorization=Bearer%20${token}`)).toEqual(MISSING)
    expect(await post({ cookie: `authorization=Bearer ${token}; access_token=${token}` })).toEqual(MISSING)
    expect(await post({ 'x-authorization': `Bearer ${token}` })).toEqual(MISSING)
  })

  it('with another scheme', async () => {
    const token = await sign(rsa)
    expect((await post({ authorization: token })).status).toBe(401)
    expect((await post({ authorization: `Basic ${token}` })).status).toBe(401)
  })

  it('and before the body is looked at: by GET, and with a body that is no JSON', async () => {
    const got = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(READS_CHILD)}`)
    expect([got.status, got.headers.get('www-authenticate')]).toEqual([401, MISSING.challenge])
    const posted = await fetch(`${gateway.url}/graphql`, { method: 'POST', body: '{' })
    expect(posted.status).toBe(401)
  })

  it('and nothing of a token is returned or logged', async () => {
    const token = await sign(rsa, { expires: -60, claims: { ...GUARDIAN, name: 'Zebulon Marker' } })
    const reply = await bearing(token)
    const text = JSON.stringify(reply) + gateway.lines.join()
    for (const secret of [token, part(token, body), 'Zebulon']) expect(text).not.toContain(secret)
  })
})
