import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(' ')

async function post(body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: gateway.authorization, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  // biome-ignore lint/suspicious/noExplicitAny: what a scanner receives
  const json = (await response.json()) as any
  return {
    status: response.status,
    json,
    codes: (json.errors ?? []).map((error: { extensions?: { code?: string } }) => error.extensions?.code),
  }
}

const query = (text: string) => post({ query: text })

/** The checks of graphql-cop, as a signed-in client. Without a token, each of them gets 401. */
describe('the checks of graphql-cop', () => {
  it('1. alias overloading: a hundred cost nothing, and a thousand and one are refused', async () => {
    expect(
      (await query(`query cop { ${times(101, (i) => `alias${i}:__typename`)} }`)).json.errors,
    ).toBeUndefined()
    const { json, codes } = await query(`query cop { ${times(1_001, (i) => `alias${i}:__typename`)} }`)
    expect([json.data, codes]).toEqual([undefined, ['QUERY_TOO_COMPLEX']])
    // An alias of a field that costs something counts.
    const costly = await query(
      `{ ${times(160, (i) => `a${i}: contacts(first: 100) { nodes { id displayName } }`)} }`,
    )
    expect(costly.codes).toEqual(['QUERY_TOO_COMPLEX'])
  })

  it('2. batches are refused', async () => {
    const { status, codes } = await post(
      Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' })),
    )
    expect([status, codes]).toEqual([400, ['BAD_REQUEST']])
  })

  it('3. circular introspection is refused', async () => {
    const { codes, json } = await query(
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    )
    expect([json.data, codes]).toEqual([undefined, ['GRAPHQL_VALIDATION_FAILED']])
  })

  it('4. overloaded directives are refused, with a bounded number of errors', async () => {
    const { json, codes } = await query(`query cop { __typename ${times(2_000, () => '@aa')} }`)
    expect(json.data).toBeUndefined()
    expect(new Set(codes)).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']))
    expect(codes.length).toBeLessThanOrEqual(101)
  })

  it('5. field duplication: five hundred are one field, and a thousand and one are refused', async () => {
    expect((await query(`query cop { ${times(500, () => '__typename')} }`)).json.data).toEqual({
      __typename: 'Query',
    })
    expect((await query(`query cop { ${times(1_001, () => '__typename')} }`)).codes).toContain(
      'QUERY_TOO_COMPLEX',
    )
  })

  it('6. circular fragments are refused', async () => {
    const { json, codes } = await query(
      'query cop { ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
    )
    expect([json.data, new Set(codes)]).toEqual([undefined, new Set(['GRAPHQL_VALIDATION_FAILED'])])
  })

  it('7. an error suggests no name of the schema', async () => {
    const { json } = await query('query cop { contactz { id } __schemaa { types { name } } }')
    expect(JSON.stringify(json)).not.toMatch(/Did you mean|contacts/)
  })

  it('8. there is no mutation, over GET or POST', async () => {
    const url = `${gateway.url}/graphql?query=${encodeURIComponent('mutation cop { __typename }')}`
    const response = await fetch(url, { headers: { authorization: gateway.authorization } })
    expect([response.status, ((await response.json()) as { data?: unknown }).data]).toEqual([400, undefined])
    expect((await query('mutation cop { __typename }')).codes).toEqual(['BAD_REQUEST'])
  })

  it('9. GET answers queries only with a token, which no page of another site can send', async () => {
    const url = `${gateway.url}/graphql?query=${encodeURIComponent('query cop { __typename }')}`
    expect((await fetch(url)).status).toBe(401)
    expect((await fetch(url, { headers: { authorization: gateway.authorization } })).status).toBe(200)
    const foreign = { authorization: gateway.authorization, 'sec-fetch-site': 'cross-site' }
    expect((await fetch(url, { headers: foreign })).status).toBe(403)
  })

  it('10. serves no GraphiQL or playground', async () => {
    for (const path of ['/graphql', '/graphiql', '/playground', '/console', '/'])
      for (const headers of [
        { accept: 'text/html' },
        { accept: 'text/html', authorization: gateway.authorization },
      ]) {
        const text = await (await fetch(gateway.url + path, { headers })).text()
        expect(text).not.toMatch(/graphiql|playground|<html/i)
      }
  })

  it('11. introspection needs a token', async () => {
    const body = { query: 'query cop { __schema { types { name } } }' }
    const { status, json } = await post(body, { authorization: '' })
    expect([status, json.data]).toEqual([401, undefined])
  })

  it('12. a form that a page of another site posts is refused', async () => {
    const form = 'query=query%20cop%20%7B__typename%7D'
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    expect((await post(form, { ...type, authorization: '' })).status).toBe(401)
    expect((await post(form, { ...type, 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  })

  it('13. no answer has a trace or timings', async () => {
    const { json } = await query('query cop { __typename }')
    expect(Object.keys(json.extensions ?? {})).not.toContain('tracing')
  })

  it('14. no error has a stack or the name of an exception', async () => {
    for (const text of [
      'qwerty cop { abc }',
      '{',
      'query cop { contact(id: 1e999) { id } }',
      '{ contact(id: "\\u0000") { id } }',
    ]) {
      const { json, status } = await query(text)
      expect(status).toBeLessThan(500)
      expect(JSON.stringify(json)).not.toMatch(/stack|exception|node_modules|\bat \//i)
    }
  })
})

/** Ways around limits that were found in GraphQL Armor and similar plugins: what a fragment or a special name hides. */
describe('ways around limits', () => {
  const deep = (levels: number, inner: string): string =>
    levels === 0 ? inner : `relationships { contact { ${deep(levels - 1, inner)} } }`

  it('depth in fragments counts', async () => {
    const chain = times(
      10,
      (i) => `fragment F${i} on Contact { relationships { contact { ${i < 9 ? `...F${i + 1}` : 'id'} } } }`,
    )
    expect((await query(`{ contact(id: "a") { ...F0 } } ${chain}`)).codes).toEqual(['QUERY_TOO_COMPLEX'])
    expect((await query(`{ contact(id: "a") { ${deep(10, 'id')} } }`)).codes).toEqual(['QUERY_TOO_COMPLEX'])
    const inline = `{ contact(id: "a") { ${times(1, () => '... on Contact { '.repeat(10) + deep(10, 'id') + ' }'.repeat(10))} } }`
    expect((await query(inline)).codes).toEqual(['QUERY_TOO_COMPLEX'])
  })

  it.each(['__schema', 'IntrospectionQuery', '__type'])(
    'an operation or alias named %s is limited too',
    async (name) => {
      const costly = times(
        40,
        (i) => `a${i}: contacts(first: 100) { nodes { ${deep(3, 'id displayName')} } }`,
      )
      const named = await query(`query ${name === '__schema' ? 'X' : name} { ${costly} }`)
      expect(named.codes).toEqual(['QUERY_TOO_COMPLEX'])
      const beside = await query(
        `{ ${name === '__type' ? '__type(name: "A")' : '__schema'} { __typename } ${costly} }`,
      )
      expect(beside.codes).toEqual(['QUERY_TOO_COMPLEX'])
    },
  )

  it('a fragment that is spread many times counts each time where it costs', async () => {
    const spread = times(60, (i) => `a${i}: contacts(first: 100) { ...F }`)
    const fragment = 'fragment F on ContactConnection { nodes { id relationships { student { id } } } }'
    expect((await query(`{ ${spread} } ${fragment}`)).codes).toEqual(['QUERY_TOO_COMPLEX'])
  })

  it('a fragment beside introspection does not open data to a client without a token', async () => {
    await using open = await startGateway({ graphiql: 'on' })
    const ask = async (text: string) => {
      const options = { method: 'POST', headers: { 'content-type': 'application/json' } }
      const response = await fetch(`${open.url}/graphql`, {
        ...options,
        body: JSON.stringify({ query: text }),
      })
      return (await response.json()) as { data?: unknown }
    }
    expect((await ask('{ __schema { __typename } }')).data).toEqual({ __schema: { __typename: '__Schema' } })
    const hidden = [
      '{ __schema { __typename } ...F } fragment F on Query { contacts { totalCount } }',
      '{ __schema: contacts { totalCount } }',
      '{ __schema { __typename } ... { contacts { totalCount } } }',
      'query A { __typename } query B { contacts { totalCount } }',
    ]
    for (const text of hidden) expect((await ask(text)).data ?? undefined).toBeUndefined()
  })

  it('comments, commas and byte-order marks do not hide a document from the limit of its size', async () => {
    expect((await query(`{ __typename ${',\uFEFF'.repeat(60_000)} }`)).status).toBe(413)
    expect((await query(`{ __typename ${'#\n'.repeat(6_000)} }`)).codes).toEqual(['QUERY_TOO_COMPLEX'])
  })

  it('a variable does not hide the size of a page', async () => {
    const text =
      'query ($n: Int!) { contacts(first: $n) { nodes { relationships { student { contacts: relationships { contact { relationships { student { id } } } } } } } } }'
    for (const n of [101, 1_000_000, -1]) {
      const { codes } = await post({ query: text, variables: { n } })
      expect(codes.length).toBeGreaterThan(0)
    }
  })
})
