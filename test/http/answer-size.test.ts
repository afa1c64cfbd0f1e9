import { describe, expect, it } from 'vitest'
import { SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { CHANGES, subscribe } from '../support/subscribe.ts'

/** Some 40 kB, of 25 contacts. */
const LARGE = `{ contacts(first: 25) { nodes { id ${Array.from({ length: 60 }, (_, index) => `n${index}: displayName`).join(' ')} } } }`
const SMALL = '{ contacts(first: 5) { nodes { id displayName } } }'
const LIMIT = 20_000

const byPost = (query: string, headers: Record<string, string>) => ({
  method: 'POST',
  body: JSON.stringify({ query }),
  headers: { 'content-type': 'application/json', ...headers },
})

const WAYS: readonly (readonly [name: string, (query: string) => readonly [path: string, RequestInit]])[] = [
  ['POST', (query) => ['', byPost(query, {})]],
  [
    'POST that accepts application/graphql-response+json',
    (query) => ['', byPost(query, { accept: 'application/graphql-response+json' })],
  ],
  ['POST that accepts a stream', (query) => ['', byPost(query, { accept: 'text/event-stream' })]],
  ['POST that accepts parts', (query) => ['', byPost(query, { accept: 'multipart/mixed' })]],
  [
    'POST of application/graphql',
    (query) => ['', { method: 'POST', body: query, headers: { 'content-type': 'application/graphql' } }],
  ],
  ['GET', (query) => [`?query=${encodeURIComponent(query)}`, {}]],
]

async function send(gateway: TestGateway, [path, init]: readonly [string, RequestInit]) {
  const headers = { ...init.headers, authorization: gateway.authorization }
  const response = await fetch(`${gateway.url}/graphql${path}`, { ...init, headers })
  return { status: response.status, text: await response.text() }
}

describe('O8: an answer of more bytes than MAX_ANSWER_BYTES', () => {
  it.each(WAYS)('is QUERY_TOO_COMPLEX without data: %s', async (_, way) => {
    await using gateway = await startGateway({ maxAnswerBytes: LIMIT })
    const large = await send(gateway, way(LARGE))
    expect(large.status).toBe(200)
    expect(large.text).toContain('"code":"QUERY_TOO_COMPLEX"')
    expect(large.text).not.toContain('"data"')
    expect(large.text.length).toBeLessThan(1_000)
    // Each contact counts as disclosed, because the line is written before the answer is.
    expect(gateway.audited).toHaveLength(1)
    const small = await send(gateway, way(SMALL))
    expect(small.text).toContain('"nodes":[{')
    expect(small.text).not.toContain('"errors"')
  })

  it('is sent when it has exactly as many bytes, or fewer', async () => {
    await using gateway = await startGateway({ maxAnswerBytes: 1_000_000 })
    const { data } = await gateway.ask(LARGE)
    const bytes = Buffer.byteLength(JSON.stringify(data))
    await using exact = await startGateway({ maxAnswerBytes: bytes + 200, over: gateway.sandbox })
    expect((await exact.ask(LARGE)).errors).toEqual([])
    await using short = await startGateway({ maxAnswerBytes: bytes, over: gateway.sandbox })
    expect((await short.ask(LARGE)).errors[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  })

  it('is QUERY_TOO_COMPLEX also for _entities', async () => {
    await using gateway = await startGateway({ maxAnswerBytes: LIMIT })
    const [district] = gateway.sandbox.districts
    const representations = district?.contacts.slice(0, 40).map((id) => ({ __typename: 'Contact', id }))
    const fields = Array.from({ length: 60 }, (_, index) => `n${index}: displayName`).join(' ')
    const reply = await gateway.ask(
      `query ($representations: [_Any!]!) { _entities(representations: $representations) { ... on Contact { ${fields} } } }`,
      { representations },
    )
    expect(reply.data).toBeUndefined()
    expect(reply.errors[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
    expect(reply.extensions?.cost.calls).toBe(reply.calls.length)
  })

  it('is such an error also as a change of a subscription, which goes on', async () => {
    await using gateway = await startGateway({
      warm: 'off',
      eventsInterval: 20,
      eventsLag: 0,
      maxAnswerBytes: 1_000,
    })
    const district = gateway.sandbox.districts[0] ?? expect.unreachable()
    const contact = withSisId(gateway)
    const many = Array.from({ length: 60 }, (_, index) => `n${index}: displayName`).join(' ')
    await using large = await subscribe(gateway, {
      query: CHANGES.replace('contact { id', `contact { id ${many}`),
    })
    await using small = await subscribe(gateway, { as: { ...SERVICE, sub: 'another' } })
    for (const address of ['first@example.org', 'second@example.org']) {
      district.correctEmail(contact, address)
      district.sync()
      expect((await large.next())?.errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
      expect((await small.change()).contactId).toBe(contact)
    }
  })
})

/** A contact that keeps its id when its e-mail changes. */
function withSisId({ sandbox }: TestGateway): string {
  const users = sandbox.districts[0]?.roster.users('contact') ?? []
  return users.find(({ email, roles }) => email && roles.contact?.sis_id)?.id ?? expect.unreachable()
}

describe('a batch of queries in one body', () => {
  it.each([
    ['of two', [{ query: SMALL }, { query: SMALL }]],
    ['of one', [{ query: SMALL }]],
    ['of none', []],
    ['of a thousand', Array.from({ length: 1_000 }, () => ({ query: '{ __typename }' }))],
  ])('is refused, and costs no call: %s', async (_, batch) => {
    await using gateway = await startGateway()
    for (const accept of ['application/json', 'text/event-stream', 'multipart/mixed']) {
      const headers = { 'content-type': 'application/json', accept }
      const init = { method: 'POST', body: JSON.stringify(batch), headers }
      const { status, text } = await send(gateway, ['', init])
      expect({ accept, status }).toEqual({ accept, status: 400 })
      expect(text).toContain('"code":"BAD_REQUEST"')
    }
    expect(gateway.sandbox.calls.count()).toBe(0)
  })
})
