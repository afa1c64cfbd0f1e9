import { createHmac } from 'node:crypto'
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHILD } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { sendRaw } from '../support/raw-http.ts'

const SECRET = 's'.repeat(32)
const ENTITIES = `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }]) { ... on Student { id } } }`
const BODY = JSON.stringify({ query: ENTITIES })
const sign = (bytes: string | Buffer) => createHmac('sha256', SECRET).update(bytes).digest('hex')

let gateway: TestGateway
let behindRouter: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  behindRouter = await startGateway({ router: { secrets: [SECRET], others: 'ALLOWED' } })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await behindRouter[Symbol.asyncDispose]()
})

/** The best brotli of 50 MB would take four seconds. */
function compressQuickly(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })
}

async function post(to: TestGateway, body: string | Buffer, headers: Record<string, string>) {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: to.authorization, ...headers },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  }
  const response = await fetch(`${to.url}/graphql`, init)
  const json = (await response.json()) as {
    data?: unknown
    errors?: { message: string; extensions: { code: string } }[]
  }
  return {
    status: response.status,
    data: json.data,
    code: json.errors?.[0]?.extensions.code,
    message: json.errors?.[0]?.message,
    accepts: response.headers.get('accept-encoding'),
  }
}

describe('O22: a compressed body', () => {
  it.each([
    ['gzip', gzipSync],
    ['GZIP', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['identity', Buffer.from],
  ] as const)('with content-encoding %s is answered', async (encoding, compress) => {
    const reply = await post(gateway, compress(Buffer.from(BODY)), { 'content-encoding': encoding })
    expect(reply).toMatchObject({ status: 200, data: { _entities: [{ id: CHILD }] } })
  })

  it.each(['compress', 'zstd', 'gzip, gzip', 'gzip;q=1', 'constructor'])(
    'with content-encoding %s is refused, and the reply lists what is accepted',
    async (encoding) => {
      const reply = await post(gateway, gzipSync(BODY), { 'content-encoding': encoding })
      expect(reply).toMatchObject({
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
        message: expect.stringContaining('gzip, deflate or br'),
        accepts: 'gzip, deflate, br',
      })
    },
  )

  it.each(['gzip', 'deflate', 'br'])('that is no %s is refused', async (encoding) => {
    expect(await post(gateway, BODY, { 'content-encoding': encoding })).toMatchObject({
      status: 400,
      code: 'BAD_REQUEST',
    })
    const whole = gzipSync(BODY)
    const half = await post(gateway, whole.subarray(0, whole.length / 2), { 'content-encoding': 'gzip' })
    expect(half).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  })

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', compressQuickly],
  ] as const)('that inflates beyond the limit by %s is refused', async (encoding, compress) => {
    const bomb = compress(Buffer.alloc(50_000_000))
    expect(bomb.length).toBeLessThan(102_400)
    expect(await post(gateway, bomb, { 'content-encoding': encoding })).toMatchObject({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    })
  })

  it.each([
    ['is too large', '/graphql', 413],
    ['has no token', '/graphql', 401],
    ['has an unknown path', '/nowhere', 404],
  ])(
    'that %s is refused before the connection closes, while the client still sends',
    async (why, path, status) => {
      const body = Buffer.alloc(5_000_000, ' ')
      const head = [
        `POST ${path} HTTP/1.1`,
        'Host: localhost',
        'Connection: close',
        ...(why === 'has no token' ? [] : [`Authorization: ${gateway.authorization}`]),
        'Content-Type: application/json',
        `Content-Length: ${body.length}`,
      ]
      const bytes = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body])
      const replies = await Promise.all(Array.from({ length: 10 }, () => sendRaw(gateway.url, bytes)))
      expect(new Set(replies.map((reply) => reply.status))).toEqual(new Set([status]))
    },
  )

  it('is signed by the router as it is sent', async () => {
    const bytes = gzipSync(BODY)
    const encoding = { 'content-encoding': 'gzip' }
    const signed = await post(behindRouter, bytes, { ...encoding, 'x-router-signature': sign(bytes) })
    expect(signed.data).toEqual({ _entities: [{ id: CHILD }] })
    const inflated = await post(behindRouter, bytes, { ...encoding, 'x-router-signature': sign(BODY) })
    expect(inflated.code).toBe('FORBIDDEN')
  })

  it('is signed byte for byte, also where it is not UTF-8', async () => {
    const query = Buffer.concat([
      Buffer.from('{"query":"{ __typename } #'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ])
    const lossy = sign(query.toString())
    await using only = await startGateway({ router: { secrets: [SECRET], others: 'REFUSED' } })
    expect((await post(only, query, { 'x-router-signature': lossy })).status).toBe(403)
    expect((await post(only, query, { 'x-router-signature': sign(query) })).status).toBe(200)
  })
})

describe('O12: a query in the URL', () => {
  it.each(['ALLOWED', 'REFUSED'] as const)(
    'is not taken for the router with a body that is signed for another, others being %s',
    async (others) => {
      await using signed = await startGateway({ router: { secrets: [SECRET], others } })
      const body = '{"query":"{__typename}"}'
      for (const method of ['GET', 'POST', 'HEAD', 'PUT']) {
        const reply = await sendRaw(
          signed.url,
          [
            `${method} /graphql?query=${encodeURIComponent(ENTITIES)} HTTP/1.1`,
            'Host: localhost',
            'Connection: close',
            `Authorization: ${signed.authorization}`,
            'Content-Type: application/json',
            `X-Router-Signature: ${sign(body)}`,
            `Content-Length: ${body.length}`,
            '',
            body,
          ].join('\r\n'),
        )
        expect(reply.body).not.toContain(CHILD)
        if (method === 'GET') expect(reply.code).toBe('FORBIDDEN')
        if (method === 'POST') expect(reply.body).toContain('"__typename":"Query"')
      }
    },
  )
})

describe('a query sent as a hash alone', () => {
  const hash = 'ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38'
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } }
  const refused = {
    status: 200,
    code: 'PERSISTED_QUERY_NOT_SUPPORTED',
    message: 'PersistedQueryNotSupported',
  }

  it.each(['application/json', 'application/graphql-response+json'])(
    'gets the answer by which clients of Apollo send the query itself (%s)',
    async (accept) => {
      expect(await post(gateway, JSON.stringify({ extensions, variables: {} }), { accept })).toMatchObject(
        refused,
      )
      const url = `${gateway.url}/graphql?extensions=${encodeURIComponent(JSON.stringify(extensions))}`
      const response = await fetch(url, { headers: { accept, authorization: gateway.authorization } })
      const { errors } = (await response.json()) as { errors: unknown[] }
      expect([response.status, errors]).toEqual([
        200,
        [{ message: refused.message, extensions: { code: refused.code } }],
      ])
    },
  )

  it('and with the query beside it is answered', async () => {
    const body = JSON.stringify({ query: '{ __typename }', extensions })
    expect(await post(gateway, body, {})).toMatchObject({ status: 200, data: { __typename: 'Query' } })
  })
})
