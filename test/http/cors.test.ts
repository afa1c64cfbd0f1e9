import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'

const ORIGIN = 'https://app.example.com'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ corsOrigins: [ORIGIN] })
})
afterAll(() => gateway[Symbol.asyncDispose]())

function send(headers: Record<string, string>, body = '{"query":"{__typename}"}', path = '/graphql') {
  return fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: ORIGIN, ...headers },
    body,
  })
}

const READABLE = {
  'access-control-allow-origin': ORIGIN,
  'access-control-expose-headers': expect.stringMatching(/x-request-id.*retry-after/),
  vary: expect.stringContaining('Origin'),
}

describe('O14: a page of a listed origin', () => {
  it.each<[string, number, () => Promise<Response>]>([
    ['an answer', 200, () => send({ authorization: gateway.authorization })],
    [
      'the 401 for an expired token',
      401,
      async () => send({ authorization: `Bearer ${await gateway.tokenFor(SERVICE, -60)}` }),
    ],
    ['the 401 for no token', 401, () => send({})],
    ['a 400', 400, () => send({ authorization: gateway.authorization }, '{')],
    ['a 404', 404, () => send({}, '', '/graphiql')],
    ['a 405', 405, () => send({}, '', '/health')],
    ['a 406', 406, () => send({ authorization: gateway.authorization, accept: 'image/png' })],
    ['a 413', 413, () => send({ authorization: gateway.authorization }, 'x'.repeat(110_000))],
    ['a 415', 415, () => send({ authorization: gateway.authorization, 'content-type': 'text/plain' })],
  ])('can read %s', async (_what, status, ask) => {
    const response = await ask()
    expect(response.status).toBe(status)
    expect(Object.fromEntries(response.headers)).toMatchObject(READABLE)
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(response.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('can read the 503 while keys cannot be had, and when to try again', async () => {
    await using without = await startGateway({
      corsOrigins: [ORIGIN],
      authenticate: async () => ({ outcome: 'UNAVAILABLE', reason: 'keys_unavailable' }),
    })
    const response = await fetch(`${without.url}/graphql?query=%7B__typename%7D`, {
      headers: { origin: ORIGIN, authorization: 'Bearer a.b.c' },
    })
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
    expect(Object.fromEntries(response.headers)).toMatchObject(READABLE)
  })

  it('may send the headers that it asks for', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type,last-event-id',
      },
    })
    expect(response.status).toBe(204)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      'access-control-allow-headers': 'authorization,content-type,last-event-id',
      'access-control-max-age': '7200',
    })
  })

  it.each(['https://evil.example', 'https://app.example.com.evil.example', 'http://app.example.com', 'null'])(
    'is not %s',
    async (origin) => {
      const response = await send({ origin, authorization: gateway.authorization })
      expect(response.headers.get('access-control-allow-origin')).toBeNull()
      expect(response.headers.get('vary')).toContain('Origin')
    },
  )
})
