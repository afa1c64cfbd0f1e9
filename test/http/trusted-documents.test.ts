import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UnfitDocuments } from '../../src/execution/trusted-documents.ts'
import { guardian, startGateway, type TestGateway } from '../support/gateway.ts'

const AARON = '63850203bfb8460546071ef6'
const CONTACT = 'query Contact($id: ID!) { contact(id: $id) { displayName } }'
const DISTRICTS = '{ districts { name } }'
const CHANGES = 'subscription Changes { contactChanges { eventId } }'
const TWO = 'query A { districts { name } } query B { __typename }'
const SECRET = '0123456789abcdef'.repeat(2)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

const documents = [
  { id: 'contact-1', text: CONTACT },
  { id: 'changes-1', text: CHANGES },
  { id: 'two', text: TWO },
  { id: 'constructor', text: '{ __typename }' },
]
const variables = { id: AARON }
const found = { status: 200, data: { contact: { displayName: 'Aaron Collins' } } }

let open: TestGateway
let only: TestGateway
beforeAll(async () => {
  open = await startGateway({
    warm: 'off',
    eventsInterval: 20,
    trustedDocuments: { documents, isOnly: false },
  })
  only = await startGateway({
    warm: 'off',
    eventsInterval: 20,
    trustedDocuments: { documents, isOnly: true },
    router: { secrets: [SECRET], others: 'ALLOWED' },
  })
})
afterAll(async () => {
  await open[Symbol.asyncDispose]()
  await only[Symbol.asyncDispose]()
})

interface Reply {
  readonly status: number
  readonly data: unknown
  readonly code: string | undefined
  readonly message: string | undefined
}

async function read(response: Response): Promise<Reply> {
  const { data, errors } = (await response.json()) as {
    data?: unknown
    errors?: { message: string; extensions: { code: string } }[]
  }
  const [error] = errors ?? []
  return { status: response.status, data, code: error?.extensions.code, message: error?.message }
}

async function post(gateway: TestGateway, body: object, headers: Record<string, string> = {}) {
  return read(
    await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        authorization: gateway.authorization,
        ...headers,
      },
      body: JSON.stringify(body),
    }),
  )
}

async function get(
  gateway: TestGateway,
  params: Record<string, string>,
  headers: Record<string, string> = {},
) {
  return read(
    await fetch(`${gateway.url}/graphql?${new URLSearchParams(params)}`, {
      headers: { accept: 'application/json', authorization: gateway.authorization, ...headers },
    }),
  )
}

/** Yoga answers such a request, and the fast path every other POST. */
const BY_YOGA = { 'content-type': 'application/graphql+json' }
const persistedQuery = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } })

describe('a document of the manifest', () => {
  it.each([
    ['documentId', { documentId: 'contact-1' }],
    ["Relay's doc_id", { doc_id: 'contact-1' }],
    ["Apollo's persistedQuery", { extensions: persistedQuery('contact-1') }],
    ['the SHA-256 of the draft', { documentId: `sha256:${sha256(CONTACT)}` }],
    ['the SHA-256 of Apollo', { extensions: persistedQuery(sha256(CONTACT)) }],
    ['the same id in two places', { documentId: 'contact-1', extensions: persistedQuery('contact-1') }],
    ['an id and an empty query', { documentId: 'contact-1', query: '' }],
    ['an id and its own text', { documentId: 'contact-1', query: CONTACT }],
  ])(
    'is found by %s, by POST on both paths and by GET, whether others are allowed or not',
    async (_by, ids) => {
      for (const gateway of [open, only]) {
        expect(await post(gateway, { ...ids, variables })).toMatchObject(found)
        expect(await post(gateway, { ...ids, variables, operationName: 'Contact' }, BY_YOGA)).toMatchObject(
          found,
        )
        const inUrl = Object.entries({ ...ids, variables }).map(([name, value]) => [
          name,
          typeof value === 'string' ? value : JSON.stringify(value),
        ])
        expect(await get(gateway, Object.fromEntries(inUrl))).toMatchObject(found)
      }
    },
  )

  it('is decided for the person who asks', async () => {
    const authorization = `Bearer ${await only.tokenFor(guardian('6385020cbfb84605460720d9'))}`
    expect(await post(only, { documentId: 'contact-1', variables }, { authorization })).toMatchObject({
      status: 200,
      data: { contact: null },
    })
  })

  it('may have several operations, of which the request names one', async () => {
    expect(await post(open, { documentId: 'two', operationName: 'B' })).toMatchObject({
      data: { __typename: 'Query' },
    })
    expect(await post(open, { documentId: 'two' })).toMatchObject({ code: 'OPERATION_RESOLUTION_FAILURE' })
  })

  it('may have the name of a property that every object has, and no other such name leads anywhere', async () => {
    expect(await post(open, { documentId: 'constructor' })).toMatchObject({ data: { __typename: 'Query' } })
    for (const documentId of ['__proto__', 'toString', 'hasOwnProperty'])
      expect(await post(open, { documentId })).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' })
  })

  it('is refused beside the text of another one', async () => {
    for (const gateway of [open, only])
      for (const headers of [{}, BY_YOGA])
        expect(
          await post(gateway, { documentId: 'contact-1', query: DISTRICTS, variables }, headers),
        ).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  })
})

describe('a subscription of the manifest', () => {
  const stream = { accept: 'text/event-stream' }
  it.each([
    ['POST', { documentId: 'changes-1' }],
    ['POST', { extensions: persistedQuery(sha256(CHANGES)) }],
    ['POST', { doc_id: 'changes-1' }],
    ['GET', { documentId: 'changes-1' }],
  ])('is opened over Server-Sent Events by %s with %j', async (method, ids) => {
    for (const gateway of [open, only]) {
      const hungUp = new AbortController()
      const url = `${gateway.url}/graphql${method === 'GET' ? '?documentId=changes-1' : ''}`
      const response = await fetch(url, {
        method,
        headers: { 'content-type': 'application/json', authorization: gateway.authorization, ...stream },
        ...(method === 'POST' && { body: JSON.stringify(ids) }),
        signal: hungUp.signal,
      })
      expect([response.status, response.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('text/event-stream'),
      ])
      hungUp.abort()
    }
  })

  it('needs a client that accepts a stream', async () => {
    expect(await post(open, { documentId: 'changes-1' })).toMatchObject({
      status: 406,
      code: 'NOT_ACCEPTABLE',
    })
  })
})

describe('an id that is not in the manifest', () => {
  const unknown = { documentId: 'contact-2', variables }
  it('gets the message and code by which Apollo Client and urql send the query itself', async () => {
    for (const headers of [{}, BY_YOGA])
      expect(await post(open, unknown, headers)).toMatchObject({
        status: 200,
        code: 'PERSISTED_QUERY_NOT_FOUND',
        message: 'PersistedQueryNotFound',
      })
    expect(await get(open, { documentId: 'contact-2' })).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND' })
  })

  it('has status 404 for a client that accepts application/graphql-response+json', async () => {
    const accept = 'application/graphql-response+json'
    for (const headers of [{}, BY_YOGA])
      expect(await post(open, unknown, { ...headers, accept })).toMatchObject({ status: 404 })
  })

  it('does not matter beside a query, where other documents are allowed', async () => {
    expect(
      await post(open, { query: DISTRICTS, extensions: persistedQuery(sha256(DISTRICTS)) }),
    ).toMatchObject({ status: 200, data: { districts: [{}] } })
  })

  it('is counted, and leaves no trace in the log', async () => {
    const before = await countOf(open, 'not_found')
    await post(open, { documentId: 'id-of-a-stranger' })
    expect(await countOf(open, 'not_found')).toBe(before + 1)
    expect(open.lines.join('\n')).not.toContain('id-of-a-stranger')
  })

  it.each([
    ['a number', { documentId: 5 }],
    ['an object', { documentId: { id: 'contact-1' } }],
    ['a list', { doc_id: ['contact-1'] }],
    ['a hash that is a number', { extensions: { persistedQuery: { version: 1, sha256Hash: 5 } } }],
    ['a hash outside of its place', { extensions: { persistedQuery: 'contact-1' } }],
    ['an object without a hash', { extensions: { persistedQuery: {} } }],
    ['two ids', { documentId: 'contact-1', doc_id: 'two' }],
  ])('because it is %s, is refused', async (_what, ids) => {
    for (const headers of [{}, BY_YOGA])
      expect(await post(open, { ...ids, variables }, headers)).toMatchObject({
        status: 400,
        code: 'BAD_REQUEST',
      })
  })

  it('is not supported without a manifest, as before', async () => {
    await using none = await startGateway()
    for (const ids of [{ documentId: 'a' }, { doc_id: 'a' }, { extensions: persistedQuery('a') }])
      for (const headers of [{}, BY_YOGA])
        expect(await post(none, ids, headers)).toMatchObject({
          status: 200,
          code: 'PERSISTED_QUERY_NOT_SUPPORTED',
        })
    expect(await post(none, { documentId: 'a', query: DISTRICTS })).toMatchObject({
      data: { districts: [{}] },
    })
  })
})

describe('with trusted documents only', () => {
  const refused = { code: 'DOCUMENT_NOT_TRUSTED', data: undefined }

  it.each([
    ['a query', { query: DISTRICTS }],
    ['a query with a hash', { query: DISTRICTS, extensions: persistedQuery(sha256(DISTRICTS)) }],
    ['introspection', { query: '{ __schema { queryType { name } } }' }],
    ['the type name', { query: '{ __typename __typename }' }],
    ['the SDL', { query: '{ _service { sdl } }' }],
    ['entities', { query: `{ _entities(representations: []) { __typename } }` }],
    ['a subscription', { query: 'subscription { contactChanges { eventId } }' }],
    ['a document with other spaces', { query: `${CONTACT} `, variables }],
    ['a document that cannot be parsed', { query: '{' }],
  ])('%s is refused', async (_what, body) => {
    for (const headers of [{}, BY_YOGA])
      expect(await post(only, body, headers)).toMatchObject({ ...refused, status: 200 })
    const accept = 'application/graphql-response+json'
    for (const headers of [{ accept }, { accept, ...BY_YOGA }])
      expect(await post(only, body, headers)).toMatchObject({ ...refused, status: 403 })
    expect(await get(only, { query: body.query })).toMatchObject(refused)
  })

  it('a refused document is neither parsed nor kept, and counted', async () => {
    const before = await countOf(only, 'not_trusted')
    for (const query of ['{', `{ ${'a '.repeat(20_000)} }`])
      expect(await post(only, { query })).toMatchObject(refused)
    expect(await countOf(only, 'not_trusted')).toBe(before + 2)
  })

  it('the text of a trusted document is as good as its id', async () => {
    expect(await post(only, { query: CONTACT, variables })).toMatchObject(found)
  })

  it('a stream of another document is refused', async () => {
    const response = await fetch(`${only.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        authorization: only.authorization,
      },
      body: JSON.stringify({ query: 'subscription Other { contactChanges { kind } }' }),
    })
    expect(await response.text()).toContain('DOCUMENT_NOT_TRUSTED')
  })

  it('a proven router may send documents of its own, and a wrong secret proves nothing', async () => {
    const query = '{ _service { sdl } districts { name } }'
    const secret = (value: string) => ({ 'x-router-secret': value })
    for (const headers of [secret(SECRET), { ...BY_YOGA, ...secret(SECRET) }])
      expect(await post(only, { query }, headers)).toMatchObject({ data: { districts: [{}] } })
    expect(await get(only, { query }, secret(SECRET))).toMatchObject({ data: { districts: [{}] } })
    expect(await post(only, { query }, secret(SECRET.toUpperCase()))).toMatchObject(refused)
  })

  it('no router is proven where none has a secret', async () => {
    await using gateway = await startGateway({ trustedDocuments: { documents, isOnly: true } })
    expect(await post(gateway, { query: '{ _service { sdl } }' })).toMatchObject(refused)
  })

  it('a request that names no document is no valid request', async () => {
    for (const body of [{}, { variables }])
      expect(await post(only, body)).toMatchObject({ code: 'BAD_REQUEST' })
  })
})

describe('a manifest that does not fit the schema', () => {
  async function problemsOf(...texts: string[]) {
    const broken = texts.map((text, index) => ({ id: `broken-${index}`, text }))
    const starting = startGateway({
      trustedDocuments: { documents: [...documents, ...broken], isOnly: false },
    })
    const error = await starting.then(
      () => expect.unreachable(),
      (reason: unknown) => reason,
    )
    return error instanceof UnfitDocuments ? error.problems : [String(error)]
  }

  it('refuses the start, and names the id and the error of each document, but no text of it', async () => {
    expect(
      await problemsOf(
        '{ salary }',
        '{ contact(id: "Aaron Collins", secret: "Aaron Collins") { id } }',
        'mutation { delete }',
        '{',
        'fragment F on Contact { id }',
        '',
      ),
    ).toEqual([
      'broken-0: Cannot query field "salary" on type "Query". (line 1, column 3)',
      'broken-1: Unknown argument "secret" on field "Query.contact". (line 1, column 32)',
      'broken-2: This schema has no mutations.',
      'broken-3: Syntax Error: Expected Name, found <EOF>. (line 1, column 2)',
      'broken-4: Fragment "F" is never used. (line 1, column 1)',
      'broken-5: Syntax Error: Unexpected <EOF>. (line 1, column 1)',
    ])
  })

  it('lists twenty documents at most', async () => {
    const problems = await problemsOf(...Array.from({ length: 50 }, (_each, index) => `{ no${index} }`))
    expect(problems).toHaveLength(21)
    expect(problems.at(-1)).toBe('and more documents')
  })
})

async function countOf({ metrics }: TestGateway, reason: string): Promise<number> {
  const { values } = await metrics.documentsRefused.get()
  return values.find(({ labels }) => labels.reason === reason)?.value ?? 0
}
