import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { REFUSALS } from '../../src/http/refuse.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { nextReply, open, type RawReply, sendRaw } from '../support/raw-http.ts'
import { unicodeText } from '../support/unicode-text.ts'

const ORIGIN = 'https://app.example.com'
const QUERY = '{"query":"{__typename}"}'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ corsOrigins: [ORIGIN], maxBodyBytes: 1_024, requestTimeout: 400 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** The text of a request; `authorization: GOOD` is a token that is good. */
function request(first: string, headers: readonly string[] = ['Host: localhost'], body = ''): string {
  const lines = headers.map((line) => line.replace('GOOD', gateway.authorization))
  return `${[`${first} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n${body}`
}

const POST = ['Host: localhost', 'Authorization: GOOD', 'Content-Type: application/json']
const withLength = (body: string) => `Content-Length: ${Buffer.byteLength(body)}`

function expectRefusal(reply: RawReply, status: number, code: string) {
  expect([reply.status, reply.code]).toEqual([status, code])
  expect(reply.headers).toMatchObject({
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'cache-control': 'no-store',
    'content-type': 'application/json; charset=utf-8',
  })
  expect(reply.headers.vary?.toLowerCase()).toContain('origin')
  expect(reply.body).not.toMatch(/ at .*:\d|node:|\.ts/)
}

describe('O11: a request that names no host of this gateway', () => {
  it.each([
    ['256.256.256.256', 400],
    ['256.256.256.256:80', 400],
    ['localhost:99999', 400],
    ['[::1', 400],
    ['[:::]', 400],
    ['[v1.x]', 400],
    ['a b', 400],
    ['%zz', 400],
    ['me@localhost', 400],
    ['localhost/x', 400],
    ['localhost#', 400],
    ['<script>', 400],
    ['', 400],
    ['999999999999', 400],
    ['0x.1.1.1.1', 400],
    ['evil.example', 421],
    ['localhost.evil.example', 421],
    ['evil.example:4000', 421],
    ['10.0.0.1', 421],
    ['0.0.0.0', 421],
    ['127.evil.example', 421],
    ['[::ffff:10.0.0.1]', 421],
  ])('in Host: %s is refused with %i in JSON', async (host, status) => {
    const reply = await sendRaw(
      gateway.url,
      request('GET /graphql?query=%7B__typename%7D', [`Host: ${host}`]),
    )
    expectRefusal(reply, status, status === 400 ? 'BAD_REQUEST' : 'MISDIRECTED_REQUEST')
  })

  it.each([
    ['has no Host', 'GET /health', []],
    ['has two', 'GET /health', ['Host: localhost', 'Host: evil.example']],
    ['has the same twice', 'GET /health', ['Host: localhost', 'host: localhost']],
    ['has a target with a host', 'GET http://evil.example/health', ['Host: localhost']],
    ['has a target with its own host', 'GET http://localhost/health', ['Host: localhost']],
    ['asks for *', 'OPTIONS *', ['Host: localhost']],
    ['is a CONNECT', 'CONNECT evil.example:443', ['Host: evil.example:443']],
    ['is a CONNECT to itself', 'CONNECT localhost:80', ['Host: localhost']],
    [
      'upgrades to WebSocket',
      'GET /graphql',
      ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
    ],
  ])('and one that %s is refused with 400', async (_what, first, headers) => {
    expectRefusal(await sendRaw(gateway.url, request(first, headers)), 400, 'BAD_REQUEST')
  })

  it('leaves the gateway as it was', async () => {
    expect((await gateway.ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
    expect(gateway.lines.join('')).not.toContain('unexpected error')
  })

  it.each([
    'localhost',
    'LOCALHOST:4000',
    'localhost.',
    'localhost:',
    '127.0.0.2',
    '127.1',
    '[::1]:80',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:127.0.0.1]',
  ])('and is not meant by %s, which is loopback', async (host) => {
    const reply = await sendRaw(gateway.url, request('GET /health', [`Host: ${host}`]))
    expect([reply.status, reply.body]).toEqual([200, '{"status":"up"}'])
  })

  it('answers under the names of ALLOWED_HOSTS too, and under no others', async () => {
    await using proxied = await startGateway({ names: ['contacts.example.com'] })
    const statuses = await Promise.all(
      ['contacts.example.com', 'CONTACTS.example.com.:443', 'localhost', 'x.contacts.example.com'].map(
        async (host) => (await sendRaw(proxied.url, request('GET /health', [`Host: ${host}`]))).status,
      ),
    )
    expect(statuses).toEqual([200, 200, 200, 421])
  })
})

describe('every refusal has a JSON body with a code, and the headers of a normal answer:', () => {
  it.each<[string, number, string, () => string]>([
    ['a line that is not HTTP', 400, 'BAD_REQUEST', () => 'NONSENSE\r\n\r\n'],
    ['TLS on a plain port', 400, 'BAD_REQUEST', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n'],
    ['a header that is not one', 400, 'BAD_REQUEST', () => request('GET /health', ['Host: x', 'no header'])],
    [
      'two lengths',
      400,
      'BAD_REQUEST',
      () => request('POST /graphql', [...POST, 'Content-Length: 1', 'Content-Length: 2']),
    ],
    [
      'a length and chunks',
      400,
      'BAD_REQUEST',
      () =>
        request('POST /graphql', [...POST, 'Content-Length: 3', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
    ],
    [
      'a chunk without a size',
      400,
      'BAD_REQUEST',
      () => request('POST /graphql', [...POST, 'Transfer-Encoding: chunked'], 'zz\r\nabc\r\n'),
    ],
    [
      'a chunk that goes wrong later',
      400,
      'BAD_REQUEST',
      () => request('POST /graphql', [...POST, 'Transfer-Encoding: chunked'], '3\r\n{"q\r\nzz\r\n'),
    ],
    ['a path that does not exist', 404, 'NOT_FOUND', () => request('GET /graphiql')],
    ['another method', 405, 'METHOD_NOT_ALLOWED', () => request('DELETE /graphql', POST)],
    ['another method elsewhere', 405, 'METHOD_NOT_ALLOWED', () => request('POST /health')],
    [
      'an Accept that nothing fits',
      406,
      'NOT_ACCEPTABLE',
      () => request('GET /graphql?query=%7B__typename%7D', [...POST, 'Accept: text/html']),
    ],
    [
      'an Accept that refuses JSON',
      406,
      'NOT_ACCEPTABLE',
      () => request('GET /graphql?query=%7B__typename%7D', [...POST, 'Accept: application/json;q=0']),
    ],
    [
      'no content-type',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () => request('POST /graphql', [...POST.slice(0, 2), withLength(QUERY)], QUERY),
    ],
    [
      'a content-type that is not read',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () =>
        request('POST /graphql', [...POST.slice(0, 2), 'Content-Type: text/plain', withLength(QUERY)], QUERY),
    ],
    [
      'another charset',
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      () =>
        request(
          'POST /graphql',
          [...POST.slice(0, 2), 'Content-Type: application/json; charset=utf-16', withLength(QUERY)],
          QUERY,
        ),
    ],
    [
      'a body that is too large',
      413,
      'PAYLOAD_TOO_LARGE',
      () => request('POST /graphql', [...POST, 'Content-Length: 2000'], 'x'.repeat(2_000)),
    ],
    [
      'an expectation that is not met',
      417,
      'EXPECTATION_FAILED',
      () => request('POST /graphql', [...POST, 'Expect: 200-ok', withLength(QUERY)], QUERY),
    ],
    [
      'headers that are too large',
      431,
      'HEADERS_TOO_LARGE',
      () => request(`GET /graphql?query=${'x'.repeat(20_000)}`),
    ],
    ['no token', 401, 'UNAUTHENTICATED', () => request('GET /graphql?query=%7B__typename%7D')],
    [
      'a page of another site',
      403,
      'FORBIDDEN',
      () => request('GET /graphql?query=%7B__typename%7D', [...POST, 'Sec-Fetch-Site: cross-site']),
    ],
    [
      'a preflight of a page that is not listed',
      403,
      'FORBIDDEN',
      () =>
        request('OPTIONS /graphql', [
          ...POST,
          'Origin: https://evil.example',
          'Access-Control-Request-Method: POST',
        ]),
    ],
    [
      'a body that is no JSON',
      400,
      'BAD_REQUEST',
      () => request('POST /graphql', [...POST, 'Content-Length: 2'], '{"'),
    ],
    ['no query', 400, 'BAD_REQUEST', () => request('GET /graphql', POST)],
  ])('%s', async (_what, status, code, text) => {
    const reply = await sendRaw(gateway.url, text())
    expectRefusal(reply, status, code)
  })

  it('headers that do not arrive in time', async () => {
    expectRefusal(await sendRaw(gateway.url, 'GET /health HTTP/1.1\r\nHost: loc'), 408, 'REQUEST_TIMEOUT')
  })

  it('a body that does not arrive in time', async () => {
    const bodies = ['Content-Length: 100', 'Transfer-Encoding: chunked'].map((how) =>
      sendRaw(gateway.url, request('POST /graphql', [...POST, how], '5\r\n{"que')),
    )
    for (const reply of await Promise.all(bodies)) expectRefusal(reply, 408, 'REQUEST_TIMEOUT')
  })

  it('and a request that is not HTTP does not break the answer before it', async () => {
    const socket = open(gateway.url)
    socket.write(`${request('GET /health')}`)
    expect((await nextReply(socket)).status).toBe(200)
    socket.removeAllListeners('data').write('NONSENSE\r\n\r\n')
    expectRefusal(await nextReply(socket), 400, 'BAD_REQUEST')
  })
})

describe('a request over HTTP/1.0 without a Host', () => {
  it('is answered, as balancers check health so, but not on loopback', async () => {
    await using open = await startGateway({ names: 'any' })
    const check = 'GET /health HTTP/1.0\r\n\r\n'
    expect((await sendRaw(open.url, check)).status).toBe(200)
    expect((await sendRaw(gateway.url, check)).status).toBe(400)
    expect((await sendRaw(open.url, check.replace('1.0', '1.1'))).status).toBe(400)
  })
})

/** Side by side, because many of them wait for the time-out of a request. */
const TWELVE = { minLength: 12, maxLength: 12 }

describe('whatever bytes come', () => {
  it('are answered in JSON or not at all, and leave the gateway as it was', async () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'GET ',
        'POST ',
        'HEAD ',
        'PRI ',
        'TRACE ',
        '/graphql',
        '/graphql?query={__typename}',
        '/',
        '*',
        ' HTTP/1.1',
        ' HTTP/1.0',
        ' HTTP/2.0',
        '\r\n',
        '\r\n\r\n',
        '\n',
        'Host: localhost',
        'Host: ',
        '[::1',
        'Content-Length: 5',
        'Content-Length: -1',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: gzip',
        'Content-Encoding: br',
        'Expect: x',
        'Content-Type: application/json',
        'Accept: */*;q=x',
        'Upgrade: websocket',
        'Connection: close',
        '5\r\nabcde\r\n',
        '0\r\n\r\n',
        `Authorization: ${gateway.authorization}`,
        `Origin: ${ORIGIN}`,
        'Last-Event-ID: %00',
        'x'.repeat(17_000),
      ),
      unicodeText({ maxLength: 8 }),
    )
    const pieces = fc.array(piece, { maxLength: 14 })
    const send = (parts: readonly string[]) =>
      sendRaw(gateway.url, Buffer.from(`${parts.join('')}\r\n\r\n`, 'latin1')).catch(() => undefined)
    await fc.assert(
      fc.asyncProperty(fc.array(pieces, TWELVE), async (requests) => {
        const replies = await Promise.all(requests.map(send))
        for (const [index, reply] of replies.entries()) {
          if (reply === undefined || reply.status < 400 || requests[index]?.includes('HEAD ')) continue
          expect(reply.code, reply.body).toEqual(expect.any(String))
          expect(reply.headers['x-request-id']).toBeDefined()
          expect(reply.body).not.toMatch(/node_modules|node:|\.ts:/)
        }
      }),
      { numRuns: 5 },
    )
    expect((await gateway.ask('{ __typename }')).data).toEqual({ __typename: 'Query' })
  }, 60_000)
})

/** The codes that the source names, in errors of GraphQL and in refusals of HTTP. */
function codesInSource(): readonly string[] {
  const files = ['schema', 'src/http', 'src/execution'].flatMap((folder) =>
    readdirSync(folder).map((name) => `${folder}/${name}`),
  )
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  return [...text.matchAll(/(?:code: |coded\(\s*)'([A-Z_]+)'/g)].map(([, code = '']) => code)
}

describe('the code of each error and refusal', () => {
  it.each([...new Set([...Object.values(REFUSALS).map(({ code }) => code), ...codesInSource()])].toSorted())(
    '%s is explained in docs/errors.md',
    (code) => {
      expect(readFileSync('docs/errors.md', 'utf8')).toMatch(new RegExp(`^\\| .*\`${code}\``, 'm'))
    },
  )
})

describe('HEAD and OPTIONS', () => {
  it('HEAD answers as GET does, without a body', async () => {
    const reply = await sendRaw(
      gateway.url,
      request('HEAD /health', ['Host: localhost', 'Connection: close']),
    )
    expect([reply.status, reply.body, reply.headers['content-type']]).toEqual([
      200,
      '',
      'application/json; charset=utf-8',
    ])
  })

  it('OPTIONS lists the methods of a path', async () => {
    const lists = await Promise.all(
      ['/graphql', '/health'].map(async (path) => {
        const { status, headers } = await sendRaw(
          gateway.url,
          request(`OPTIONS ${path}`, ['Host: localhost', 'Connection: close']),
        )
        return [status, headers.allow]
      }),
    )
    expect(lists).toEqual([
      [204, 'GET, POST, OPTIONS'],
      [204, 'GET, HEAD, OPTIONS'],
    ])
  })

  it('a request that offers HTTP/2 is answered over HTTP/1.1', async () => {
    const offer = [
      'Host: localhost',
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAMAAABk',
    ]
    expect((await sendRaw(gateway.url, request('GET /health', offer))).status).toBe(200)
  })
})
