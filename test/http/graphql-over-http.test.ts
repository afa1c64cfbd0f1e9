import { request } from 'node:http'
import { serverAudits } from 'graphql-http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.forget())
afterAll(() => gateway[Symbol.asyncDispose]())

describe('GraphQL over HTTP, by the audits of graphql-http', () => {
  const audits = serverAudits({
    url: () => `${gateway.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers)
      headers.set('authorization', gateway.authorization)
      return fetch(url, { ...init, headers })
    },
  })
  it.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
    const result = await audit.fn()
    expect(result, result.status === 'ok' ? '' : result.reason).toMatchObject({ status: 'ok' })
  })
})

describe('a request that cannot be answered', () => {
  async function post(body: BodyInit, headers: Record<string, string> = {}) {
    const init = {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', authorization: gateway.authorization, ...headers },
      duplex: 'half',
    }
    const response = await fetch(`${gateway.url}/graphql`, init as RequestInit)
    const { errors, data } = (await response.json()) as {
      data?: unknown
      errors?: { extensions?: { code?: string } }[]
    }
    return { status: response.status, data, codes: errors?.map(({ extensions }) => extensions?.code) }
  }
  const query = (text: string) => JSON.stringify({ query: text })

  it.each([
    ['a query that cannot be parsed', query('{ contact('), 'GRAPHQL_PARSE_FAILED'],
    ['a field that does not exist', query('{ contact(id: "1") { salary } }'), 'GRAPHQL_VALIDATION_FAILED'],
    ['an argument that is missing', query('{ contact { id } }'), 'GRAPHQL_VALIDATION_FAILED'],
    ['a body that is no JSON', '{"query":', 'BAD_REQUEST'],
    ['a body without a query', '{}', 'BAD_REQUEST'],
    [
      'an operation that does not exist',
      JSON.stringify({ query: 'query A { districts { id } }', operationName: 'B' }),
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'a variable of the wrong type',
      JSON.stringify({
        query: 'query ($n: Int) { contacts(first: $n) { nodes { id } } }',
        variables: { n: 'many' },
      }),
      'BAD_USER_INPUT',
    ],
  ])('for %s has a code', async (_name, body, code) => {
    const reply = await post(body)
    expect(reply.codes).toEqual([code])
    expect(reply.data ?? null).toBeNull()
  })

  it('because it is too large is refused before it is read, chunked or not', async () => {
    const large = query(`{ districts { id } } # ${'x'.repeat(200_000)}`)
    const refused = { status: 413, codes: ['PAYLOAD_TOO_LARGE'] }
    expect(await post(large)).toMatchObject(refused)
    expect(await post(new Blob([large]).stream())).toMatchObject(refused)
  })

  it('because it is chunked and empty has a code', async () => {
    expect(await post(new Blob([]).stream())).toMatchObject({ status: 400, codes: ['BAD_REQUEST'] })
  })

  it('unlike a chunked one of a decent size', async () => {
    const body = new Blob([query('{ districts { name } }')]).stream()
    expect(await post(body)).toMatchObject({
      status: 200,
      data: { districts: [{ name: expect.any(String) }] },
    })
  })

  it.each(['/', '/graphql/', '/graphqlx', '/health/x', '/constructor', '/graphql/health', '/_sandbox'])(
    'at %s is not found',
    async (path) => {
      const response = await fetch(gateway.url + path)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] })
    },
  )

  it('is not taken for a health check by the end of its URL', async () => {
    const response = await fetch(`${gateway.url}/graphql?query=%7Bdistricts%7Bid%7D%7D&x=/health`, {
      headers: { accept: 'application/json', authorization: gateway.authorization },
    })
    expect(await response.json()).toMatchObject({ data: { districts: [{}] } })
  })
})

describe('a gateway on loopback', () => {
  /** fetch sets the Host itself, so that a page cannot lie about it; a rebound name comes in as one. */
  function askAs(host: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const asking = request(`${gateway.url}/graphql?query=%7Bdistricts%7Bid%7D%7D`, {
        headers: { host, authorization: gateway.authorization },
      })
      asking
        .once('error', reject)
        .once('response', (response) => resolve(response.resume().statusCode))
        .end()
    })
  }

  it('answers under the names of the machine itself, and to no page that has rebound its own name to it', async () => {
    const statuses = await Promise.all(
      ['localhost:4000', '127.0.0.1', '[::1]:80', 'evil.example', 'localhost.evil.example'].map(askAs),
    )
    expect(statuses).toEqual([200, 200, 200, 421, 421])
  })
})

describe('the other paths', () => {
  it('are /health, which is up', async () => {
    const response = await fetch(`${gateway.url}/health`)
    expect([response.status, await response.json()]).toEqual([200, { status: 'up' }])
  })

  it('and /ready, which says whether the overrides are those of the file', async () => {
    const { status, overrides } = (await (await fetch(`${gateway.url}/ready`)).json()) as Record<
      string,
      string
    >
    expect([status, overrides]).toEqual(['ready', 'current'])
    await using behind = await startGateway({ overridesProblems: () => ['the file is empty'] })
    expect(await (await fetch(`${behind.url}/ready`)).json()).toEqual({
      status: 'ready',
      overrides: 'last good',
      overridesProblems: ['the file is empty'],
    })
  })

  it('and /metrics, which names routes but no person', async () => {
    await gateway.ask('{ contact(id: "63850203bfb8460546071ef6") { displayName } }')
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text()
    expect(metrics).toContain('clever_call_seconds_count{route="/users/{id}",status="200"}')
    expect(metrics).not.toContain('63850203bfb8460546071ef6')
  })
})

describe('a hostile query', () => {
  const MANY = '{ students(first: 40) { nodes { id relationships { id } } } }'

  it.each([
    [
      'deeper than families go',
      `{ contacts { nodes { ${'relationships { student { relationships { contact { '.repeat(5)} id ${'} } } }'.repeat(5)} } } }`,
    ],
    [
      'broader than a screen',
      `{ ${Array.from({ length: 600 }, (_, i) => `a${i}: student(id: "${i}") { id }`).join(' ')} }`,
    ],
    [
      'with pages within pages',
      `{ ${Array.from({ length: 40 }, (_, i) => `a${i}: contacts(first: 100) { nodes { relationships { student { relationships { id } } } } }`).join(' ')} }`,
    ],
    [
      'that hides its size in fragments',
      `{ contacts(first: 100) { nodes { ...a } } } fragment a on Contact { relationships { student { ...b } } } fragment b on Student { relationships { contact { ...c } } } fragment c on Contact { relationships { student { relationships { contact { relationships { id student { id } } } } } } }`,
    ],
  ])('%s is refused before any call', async (_name, query) => {
    const { data, errors, calls } = await gateway.ask(query)
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['QUERY_TOO_COMPLEX']))
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true)
    expect(calls).toEqual([])
  })

  it('that wants more calls than one request may have gets what fits, and TOO_MANY_CALLS for the rest', async () => {
    // Where nothing is remembered, the contacts of each student are a call of their own, after one for all the students.
    await using poor = await startGateway({ maxCalls: 10, ages: { displayMs: 0 }, sandbox: { students: 40 } })
    const { data, errors, calls, extensions } = await poor.ask(MANY)
    const { nodes }: { nodes: { relationships: unknown }[] } = data.students
    expect(calls).toHaveLength(10)
    expect(extensions?.cost.calls).toBe(10)
    expect(nodes.filter(({ relationships }) => relationships !== null)).toHaveLength(8)
    expect(errors).toHaveLength(32)
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['TOO_MANY_CALLS']))
  })

  it('that would want more is answered whole, where all contacts are fewer calls than those of each student', async () => {
    await using poor = await startGateway({ maxCalls: 10, sandbox: { students: 40 } })
    const { data, errors, calls } = await poor.ask(MANY)
    const { nodes }: { nodes: { relationships: unknown }[] } = data.students
    expect(errors).toEqual([])
    expect(nodes).toHaveLength(40)
    expect(nodes.filter(({ relationships }) => relationships === null)).toEqual([])
    expect(calls.length).toBeLessThanOrEqual(3)
  })

  it.each([
    '..',
    '../districts',
    'x/y',
    '%2e%2e',
    '63850203BFB8460546071EF6',
    '63850203bfb8460546071ef6 ',
    '',
    '0',
    `${'a'.repeat(24)}\n`,
    'a'.repeat(90_000),
  ])('for the id %j finds nobody and asks nothing', async (id) => {
    const { data, errors, calls } = await gateway.ask(
      `query ($id: ID!) { contact(id: $id) { id } student(id: $id) { id } studentRelationships(contactId: $id, studentId: $id) { id } }`,
      { id },
    )
    expect(errors).toEqual([])
    expect(data).toEqual({ contact: null, student: null, studentRelationships: [] })
    expect(calls).toEqual([])
  })
})
