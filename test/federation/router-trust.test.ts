import { createHmac } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { sendRaw } from '../support/raw-http.ts'
import { CHILD } from './documented-family.ts'

const NEW = 'nnnnnnnnnnnnnnnn0123456789abcdef'
const OLD = 'oooooooooooooooo0123456789abcdef'
const RETIRED = 'rrrrrrrrrrrrrrrr0123456789abcdef'
const JSON_TYPE = 'application/json'

const QUERY = 'query($representations:[_Any!]!){_entities(representations:$representations){__typename}}'
const VARIABLES = { representations: [{ id: CHILD, __typename: 'Student' }] }
const ENTITIES = { data: { _entities: [{ __typename: 'Student' }] } }

let open: TestGateway
let closed: TestGateway
let sandbox: TestGateway
beforeAll(async () => {
  const secrets = [NEW, OLD]
  open = await startGateway({ router: { secrets, others: 'ALLOWED' } })
  closed = await startGateway({ router: { secrets, others: 'REFUSED' }, over: open.sandbox, warm: 'off' })
  sandbox = await startGateway({ isSandbox: true, over: open.sandbox })
})
afterAll(async () => {
  await sandbox[Symbol.asyncDispose]()
  await closed[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
})

interface Answer {
  readonly status: number
  readonly data?: { _entities?: unknown; _service?: { sdl: string } }
  readonly code: string | undefined
  readonly text: string
}

async function send(to: TestGateway, path: string, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${to.url}${path}`, {
    ...init,
    headers: { accept: JSON_TYPE, authorization: to.authorization, ...(init.headers as object) },
  })
  const text = await response.text()
  const { data, errors } = JSON.parse(text)
  return { status: response.status, data, code: errors?.[0]?.extensions.code, text }
}

function post(
  to: TestGateway,
  body: object | string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const bytes = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body)
  return send(to, '/graphql', {
    method: 'POST',
    body: bytes,
    headers: { 'content-type': JSON_TYPE, ...headers },
  })
}

function get(to: TestGateway, headers: Record<string, string>): Promise<Answer> {
  const parameters = new URLSearchParams({ query: QUERY, variables: JSON.stringify(VARIABLES) })
  return send(to, `/graphql?${parameters}`, { headers })
}

/** One request with these header lines, in which a name may occur twice. */
function sendLines(to: TestGateway, lines: readonly string[], body: string) {
  const head = ['Host: localhost', 'Connection: close', `Authorization: ${to.authorization}`]
  const length = `Content-Length: ${Buffer.byteLength(body)}`
  const request = [
    'POST /graphql HTTP/1.1',
    ...head,
    `Content-Type: ${JSON_TYPE}`,
    length,
    ...lines,
    '',
    body,
  ]
  return sendRaw(to.url, Buffer.from(request.join('\r\n'), 'latin1'))
}

/** No answer with a status other than 200 or with data, and no secret in what the gateway wrote. */
async function expectRefused(answer: Promise<Answer> | Answer, others: 'ALLOWED' | 'REFUSED') {
  const { status, code, text } = await answer
  expect({ status, code }).toEqual({ status: others === 'REFUSED' ? 403 : 200, code: 'FORBIDDEN' })
  expect(text).not.toContain('"__typename":"Student"')
}

const body = { query: QUERY, variables: VARIABLES }
const gateways = () => [[open, 'ALLOWED'] as const, [closed, 'REFUSED'] as const]

describe('the header x-router-secret', () => {
  it.each([
    ['the secret', NEW],
    ['the previous secret', OLD],
  ])('with %s proves a POST and a GET, of each content type', async (_what, secret) => {
    const headers = { 'x-router-secret': secret }
    for (const [gateway] of gateways()) {
      expect(await post(gateway, body, headers)).toMatchObject(ENTITIES)
      expect(
        await post(gateway, body, { ...headers, 'content-type': 'application/graphql+json' }),
      ).toMatchObject(ENTITIES)
      const form = new URLSearchParams({ query: QUERY, variables: JSON.stringify(VARIABLES) }).toString()
      const type = 'application/x-www-form-urlencoded'
      expect(await post(gateway, form, { ...headers, 'content-type': type })).toMatchObject(ENTITIES)
      expect(await get(gateway, headers)).toMatchObject(ENTITIES)
    }
  })

  it.each([
    ['a retired secret', RETIRED],
    ['nothing', ''],
    ['a part of the secret', NEW.slice(0, -1)],
    ['more than the secret', `${NEW}x`],
    ['the secret in capitals', NEW.toUpperCase()],
    ['both secrets', `${NEW},${OLD}`],
    ['the secret twice', `${NEW}, ${NEW}`],
    ['the secret in quotes', `"${NEW}"`],
    ['a scheme before the secret', `Bearer ${NEW}`],
    ['other than ASCII', `${NEW.slice(0, -1)}\u00e9`],
    ['a signature', createHmac('sha256', NEW).update(JSON.stringify(body)).digest('hex')],
  ])('with %s proves nothing', async (_what, secret) => {
    for (const [gateway, others] of gateways()) {
      await expectRefused(post(gateway, body, { 'x-router-secret': secret }), others)
      await expectRefused(get(gateway, { 'x-router-secret': secret }), others)
    }
  })

  it('that is missing proves nothing', async () => {
    for (const [gateway, others] of gateways()) {
      await expectRefused(post(gateway, body), others)
      await expectRefused(get(gateway, {}), others)
    }
  })

  it.each([
    ['two equal values', [NEW, NEW]],
    ['a right and a wrong value', [NEW, RETIRED]],
    ['a wrong and a right value', [RETIRED, NEW]],
    ['both secrets', [OLD, NEW]],
  ])('that is sent twice proves nothing, with %s', async (_what, values) => {
    const lines = values.map((value) => `X-Router-Secret: ${value}`)
    const reply = await sendLines(closed, lines, JSON.stringify(body))
    expect([reply.status, reply.code]).toEqual([403, 'FORBIDDEN'])
  })

  it('replaces no token', async () => {
    const reply = await post(open, body, { 'x-router-secret': NEW, authorization: '' })
    expect(reply).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
  })
})

describe('the header x-router-signature', () => {
  const text = JSON.stringify(body)
  const signature = (secret: string, content = text) =>
    createHmac('sha256', secret).update(content).digest('hex')

  it('is accepted with each of the two secrets, and not with a retired one', async () => {
    for (const [gateway, others] of gateways()) {
      for (const secret of [NEW, OLD])
        expect(await post(gateway, text, { 'x-router-signature': signature(secret) })).toMatchObject(ENTITIES)
      await expectRefused(post(gateway, text, { 'x-router-signature': signature(RETIRED) }), others)
    }
  })

  it('is not accepted for a GET, for another content type, or when it is sent twice', async () => {
    for (const [gateway, others] of gateways()) {
      await expectRefused(get(gateway, { 'x-router-signature': signature(NEW, '') }), others)
      const type = 'application/graphql+json'
      await expectRefused(
        post(gateway, text, { 'x-router-signature': signature(NEW), 'content-type': type }),
        others,
      )
    }
    const line = `X-Router-Signature: ${signature(NEW)}`
    expect((await sendLines(closed, [line, line], text)).status).toBe(403)
  })

  it('counts beside a wrong secret', async () => {
    const headers = { 'x-router-signature': signature(OLD), 'x-router-secret': RETIRED }
    expect(await post(closed, text, headers)).toMatchObject(ENTITIES)
  })
})

/** Signed content as Hive Gateway writes it: keys in order, no spaces. Literal, so that no code of the gateway writes it. */
const SIGNED = `{"query":${JSON.stringify(QUERY)},"variables":{"representations":[{"__typename":"Student","id":"${CHILD}"}]}}`
const hmac = (secret: string, content = SIGNED) =>
  createHmac('sha256', secret).update(content).digest('base64')
const hive = (signature: unknown, more: object = {}) => ({
  ...body,
  extensions: { 'hmac-signature': signature },
  ...more,
})

describe("Hive Gateway's HMAC signature", () => {
  it('is accepted with each of the two secrets', async () => {
    for (const [gateway] of gateways())
      for (const secret of [NEW, OLD]) expect(await post(gateway, hive(hmac(secret)))).toMatchObject(ENTITIES)
  })

  it('is what Hive Gateway sent: a recorded body', async () => {
    // Recorded from @graphql-hive/gateway-runtime 2.12.1 with `hmacSignature: { secret: NEW }`.
    const recorded =
      '{"query":"query Q($id:ID!){student(id:$id){__typename id}}","variables":{"id":"63850203bfb8460546071e6e"},"operationName":"Q","extensions":{"hmac-signature":"+3mpmp4GDrfyxZXtW/vrBfA9yRf0voINUm+D+3p5/fk="}}'
    const student = { __typename: 'Student', id: '63850203bfb8460546071e6e' }
    expect(await post(closed, recorded)).toMatchObject({ data: { student } })
    const changed = recorded.replace('071e6e"}', '071e62"}')
    expect(await post(closed, changed)).toMatchObject({ status: 403 })
  })

  it('is accepted for a subscription by POST', async () => {
    const query = 'subscription{contactChanges(districtId:"6385008f69df036e83e984a3"){eventId}}'
    const extensions = { 'hmac-signature': hmac(NEW, JSON.stringify({ query })) }
    const cancel = new AbortController()
    const response = await fetch(`${closed.url}/graphql`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': JSON_TYPE,
        authorization: closed.authorization,
      },
      body: JSON.stringify({ query, extensions }),
      signal: cancel.signal,
    })
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream'])
    cancel.abort()
  })

  it.each([
    ['a retired secret', () => hmac(RETIRED)],
    ['another query', () => hmac(NEW, SIGNED.replace('__typename}}', 'id}}'))],
    ['other variables', () => hmac(NEW, SIGNED.replace(CHILD, CHILD.replace(/.$/, '0')))],
    ['no variables', () => hmac(NEW, JSON.stringify({ query: QUERY }))],
    ['variables whose keys are not in order', () => hmac(NEW, JSON.stringify(body))],
    ['the whole body', () => hmac(NEW, JSON.stringify(hive('')))],
    ['hex', () => createHmac('sha256', NEW).update(SIGNED).digest('hex')],
    ['base64url', () => createHmac('sha256', NEW).update(SIGNED).digest('base64url')],
    ['a part of it', () => hmac(NEW).slice(0, 40)],
    ['the secret itself', () => NEW],
    ['nothing', () => ''],
    ['a list', () => [hmac(NEW)]],
    ['null', () => null],
  ])('is not accepted: %s', async (_what, make) => {
    for (const [gateway, others] of gateways()) await expectRefused(post(gateway, hive(make())), others)
  })

  it('is not accepted for a GET or another content type', async () => {
    const extensions = JSON.stringify({ 'hmac-signature': hmac(NEW) })
    const fields = new URLSearchParams({ query: QUERY, variables: JSON.stringify(VARIABLES), extensions })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    for (const [gateway, others] of gateways()) {
      await expectRefused(send(gateway, `/graphql?${fields}`, {}), others)
      await expectRefused(post(gateway, fields.toString(), form), others)
      const graphqlJson = { 'content-type': 'application/graphql+json' }
      await expectRefused(post(gateway, hive(hmac(NEW)), graphqlJson), others)
    }
  })

  it('signs no other query that is put beside it', async () => {
    const other = `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }]) { __typename } }`
    const signed = JSON.stringify(hive(hmac(NEW)))
    const twice = signed.replace(/}$/, `,"query":${JSON.stringify(other)}}`)
    for (const [gateway, others] of gateways()) {
      await expectRefused(post(gateway, hive(hmac(NEW), { query: other })), others)
      await expectRefused(post(gateway, twice), others)
    }
    expect((await post(closed, `[${signed}]`)).status).toBe(403)
    const url = `/graphql?query=${encodeURIComponent('{ _service { sdl } }')}`
    const reply = await send(open, url, {
      method: 'POST',
      body: signed,
      headers: { 'content-type': JSON_TYPE },
    })
    expect(reply).toMatchObject(ENTITIES)
  })

  it('is accepted with an operation name, other extensions, a byte-order mark and compression', async () => {
    const named = QUERY.replace('query(', 'query E(')
    const signature = hmac(NEW, SIGNED.replace('query(', 'query E('))
    const extensions = { 'hmac-signature': signature, jwt: { sub: 'x' } }
    const request = JSON.stringify({ query: named, variables: VARIABLES, operationName: 'E', extensions })
    expect(await post(closed, request)).toMatchObject(ENTITIES)
    expect(await post(closed, `\ufeff${request}`)).toMatchObject(ENTITIES)
    const bytes = new Uint8Array(gzipSync(request))
    expect(await post(closed, bytes, { 'content-encoding': 'gzip' })).toMatchObject(ENTITIES)
  })

  it.each([{}, null, undefined])('signs no variables where they are %o', async (variables) => {
    const query = '{_service{sdl}}'
    const extensions = { 'hmac-signature': hmac(NEW, `{"query":"${query}"}`) }
    expect((await post(closed, { query, variables, extensions })).data?._service?.sdl).toContain(
      'type Student',
    )
  })

  it('signs keys by code unit, numbers, text, lists and null as JSON.stringify writes them', async () => {
    const query = 'query($representations:[_Any!]!){_entities(representations:$representations){__typename}}'
    const entity = { 10: 1, 9: -0.5, é: 'é"\\\u2028\ud800', a: [null, true, 1e21, {}, []], B: {} }
    const variables = { representations: [{ ...entity, __typename: 'Student', id: CHILD }] }
    const content =
      `{"query":${JSON.stringify(query)},"variables":{"representations":[{"10":1,"9":-0.5,"B":{},` +
      `"__typename":"Student","a":[null,true,1e+21,{},[]],"id":"${CHILD}","é":"é\\"\\\\\u2028\\ud800"}]}}`
    const extensions = { 'hmac-signature': hmac(NEW, content) }
    expect(await post(closed, { query, variables, extensions })).toMatchObject(ENTITIES)
  })

  it('of variables that are nested too deeply is refused, not an unexpected error', async () => {
    const deep = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
    const request = JSON.stringify(hive(hmac(NEW))).replace(`"${CHILD}"`, deep)
    expect(await post(closed, request)).toMatchObject({ status: 403, code: 'FORBIDDEN' })
  })
})

describe('secrets of the router', () => {
  it('are in no log line, metric or reply', async () => {
    for (const [gateway] of gateways()) {
      const replies = [
        await post(gateway, '{"query":', { 'x-router-secret': NEW }),
        await post(gateway, { query: '{ nothing }' }, { 'x-router-secret': RETIRED }),
        await post(gateway, hive(hmac(RETIRED), { query: '{ nothing }' })),
      ]
      const written = [
        ...gateway.lines,
        await gateway.metrics.registry.metrics(),
        ...replies.map(({ text }) => text),
      ]
      for (const secret of [NEW, OLD, RETIRED, hmac(NEW), hmac(RETIRED)])
        expect(written.join('\n').includes(secret)).toBe(false)
    }
  })
})

describe('_service without a token', () => {
  const anonymous = (to: TestGateway, query: string) => post(to, { query }, { authorization: '' })
  const withoutHeader = async (to: TestGateway, query: string) => {
    const response = await fetch(`${to.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': JSON_TYPE, accept: JSON_TYPE },
      body: JSON.stringify({ query }),
    })
    const { data, errors } = JSON.parse(await response.text())
    return { status: response.status, data, code: errors?.[0]?.extensions.code }
  }
  // The first is the query of `rover subgraph introspect`.
  const introspections = [
    'query SubgraphIntrospectQuery { _service { sdl } }',
    '{ _service { sdl } __schema { queryType { name } } }',
    '{ published: _service { sdl } }',
  ]

  it.each(introspections)('is answered in the sandbox: %s', async (query) => {
    const { status, data } = await withoutHeader(sandbox, query)
    expect(status).toBe(200)
    expect(JSON.stringify(data)).toContain('type Student')
  })

  it.each(introspections)('is refused elsewhere, also where GraphiQL is on: %s', async (query) => {
    await using graphiql = await startGateway({ graphiql: 'on', over: open.sandbox })
    for (const gateway of [open, closed, graphiql])
      expect(await withoutHeader(gateway, query)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' })
  })

  it.each([
    `{ _service { sdl } student(id: "${CHILD}") { id } }`,
    `{ _service: student(id: "${CHILD}") { id } }`,
    `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }]) { __typename } }`,
    '{ ...F } fragment F on Query { _service { sdl } contactsViewer { kind } }',
    'subscription { contactChanges(districtId: "6385008f69df036e83e984a3") { eventId } }',
    '{ districts { id } }',
  ])('opens nothing else in the sandbox: %s', async (query) => {
    expect((await withoutHeader(sandbox, query)).data?.student).toBeUndefined()
    expect((await withoutHeader(sandbox, query)).code).toMatch(/UNAUTHENTICATED|GRAPHQL_VALIDATION_FAILED/)
  })

  it('is refused with a bad token, in the sandbox too', async () => {
    expect((await anonymous(sandbox, '{ _service { sdl } }')).status).toBe(401)
  })

  it('is still the router’s alone in a sandbox with a secret', async () => {
    const router = { secrets: [NEW], others: 'ALLOWED' } as const
    await using fenced = await startGateway({ isSandbox: true, router, over: open.sandbox })
    expect(await withoutHeader(fenced, '{ _service { sdl } }')).toMatchObject({ code: 'FORBIDDEN' })
  })
})
