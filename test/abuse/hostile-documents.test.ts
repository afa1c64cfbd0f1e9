import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { Operations } from '../../src/execution/operations.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.forget())
afterAll(() => gateway[Symbol.asyncDispose]())

const many = (count: number, field: string) =>
  Array.from({ length: count }, (_, index) => `a${index}: ${field}`).join(' ')

async function codesOf(query: string, variables?: Record<string, unknown>) {
  const { errors, calls, status } = await gateway.ask(query, variables)
  expect(calls).toEqual([])
  expect(status).toBeLessThan(500)
  return new Set(errors.map(({ extensions }) => extensions.code))
}

describe('a document made to be costly', () => {
  const nested = `{ ${many(20, '__schema { types { ...T } }')} }
    fragment T on __Type { ${many(20, 'fields { ...F }')} } fragment F on __Field { ${many(20, 'name')} }`

  it.each([
    ['multiplies introspection by aliases on three levels', nested],
    ['asks for the schema again and again', `{ ${many(1_500, '__schema { description }')} }`],
    ['has the SDL printed again and again', `{ _service { ${many(1_100, 'sdl')} } }`],
    ['hides its fields in inline fragments', `{ ${'... on Query { __typename __typename } '.repeat(600)} }`],
  ])('is refused when it %s', async (_name, query) => {
    expect(await codesOf(query)).toContain('QUERY_TOO_COMPLEX')
  })

  it.each([
    ['a field selected 50,000 times', `{ __typename ${'a '.repeat(49_000)} }`],
    ['30,000 levels', `${'{a'.repeat(30_000)}${'}'.repeat(30_000)}`],
    ['45,000 levels of a list', `{ contact(id: ${'['.repeat(45_000)}${']'.repeat(45_000)}) { id } }`],
  ])('is refused by its parser when it has %s', async (_name, query) => {
    const [code] = await codesOf(query)
    expect(['GRAPHQL_PARSE_FAILED', 'BAD_REQUEST']).toContain(code)
  })

  it.each(['\n', '\r', '\r\n', ' #\n'])(
    'is refused before it is parsed when it has 20,000 lines that end with %j: each error would count them',
    async (end) => {
      const query = `{ ${end.repeat(20_000)} ${many(100, 'wrong')} }`
      const { data, errors, status } = await gateway.ask(query)
      expect([data, status]).toEqual([undefined, 200])
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['QUERY_TOO_COMPLEX'])
      const shorter = await gateway.ask(`{ ${end.repeat(4_000)} __typename }`)
      expect(shorter.data).toEqual({ __typename: 'Query' })
    },
  )

  it('is answered when fragments only look as if they had no end: each is counted once', async () => {
    const fragments = Array.from(
      { length: 60 },
      (_, i) => `fragment f${i} on Query { ...f${i + 1} ...f${i + 1} }`,
    )
    const { data } = await gateway.ask(
      `{ ...f0 } ${fragments.join(' ')} fragment f60 on Query { __typename }`,
    )
    expect([data?.__typename, undefined]).toContain(data?.__typename)
  })

  it('is not what GraphiQL and code generators send to learn the schema', async () => {
    const { data, errors } = await gateway.ask(
      getIntrospectionQuery({
        descriptions: true,
        inputValueDeprecation: true,
        specifiedByUrl: true,
        schemaDescription: true,
        directiveIsRepeatable: true,
        oneOf: true,
      }),
    )
    expect(errors).toEqual([])
    expect(data.__schema.queryType.name).toBe('Query')
  })
})

describe('parsed documents', () => {
  it('are kept by their size and not by their number, and the large ones not at all', () => {
    const operations = new Operations(schema)
    const padding = '#'.repeat(2_000)
    for (let i = 0; i < 200; i += 1)
      operations.prepare(`query Q${i} { contactsViewer { kind } } ${padding}`, undefined)
    expect(operations.keptCharacters).toBeLessThanOrEqual(200_000)
    const kept = operations.keptCharacters
    operations.prepare(`{ contactsViewer { kind } } ${'#'.repeat(100_000)}`, undefined)
    expect(operations.keptCharacters).toBe(kept)
  })
})

describe('what a client wrote', () => {
  const PERSON = 'jane.secret@example.com'

  it.each([
    [
      'a variable that does not fit its type',
      'query ($n: Int) { contacts(first: $n) { nodes { id } } }',
      { n: PERSON },
    ],
    [
      'a variable that is no value of an enum',
      'query ($t: [StudentRelationshipType!]) { student(id: "1") { relationships(types: $t) { id } } }',
      { t: [PERSON] },
    ],
    ['a cursor', 'query ($c: String) { contacts(after: $c) { nodes { id } } }', { c: PERSON }],
    [
      'a representation',
      'query ($r: [_Any!]!) { _entities(representations: $r) { __typename } }',
      { r: [{ __typename: PERSON, id: PERSON }] },
    ],
  ])('as %s is not repeated in the error', async (_name, query, variables) => {
    const { errors } = await gateway.ask(query, variables)
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(JSON.stringify(errors)).not.toContain('jane')
  })

  it('as a body that is no JSON is not repeated in the error, nor in the log', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: gateway.authorization },
      body: `{"query":"{__typename}" "${PERSON}"`,
    })
    expect(response.status).toBe(400)
    expect(await response.text()).not.toContain('jane')
    expect(gateway.lines.join('')).not.toContain('jane')
  })

  it('as variables in a URL that are no JSON is refused with a code, not repeated, and no error of the gateway', async () => {
    const response = await fetch(`${gateway.url}/graphql?query=%7B__typename%7D&variables=%7B${PERSON}`, {
      headers: { authorization: gateway.authorization, accept: 'application/json' },
    })
    const text = await response.text()
    expect([response.status, JSON.parse(text).errors[0].extensions.code]).toEqual([400, 'BAD_REQUEST'])
    expect(text).not.toContain('jane')
    expect(gateway.lines.join('')).not.toContain('unexpected')
  })
})

describe('a page of another site', () => {
  const ask = (headers: Record<string, string>) =>
    fetch(`${gateway.url}/graphql?query=%7Bdistricts%7Bid%7D%7D`, {
      headers: { authorization: gateway.authorization, accept: 'application/json', ...headers },
    })

  it.each(['cross-site', 'same-site'])('may not even ask when the browser calls it %s', async (site) => {
    gateway.sandbox.calls.reset()
    const response = await ask({ 'sec-fetch-site': site, origin: 'https://evil.example' })
    expect(response.status).toBe(403)
    expect(gateway.sandbox.calls.count()).toBe(0)
  })

  it.each(['same-origin', 'none'])('is none when the browser says %s', async (site) => {
    expect((await ask({ 'sec-fetch-site': site })).status).toBe(200)
  })

  it('may ask when it is listed', async () => {
    await using listed = await startGateway({ corsOrigins: ['https://app.example.com'] })
    const response = await fetch(`${listed.url}/graphql?query=%7B__typename%7D`, {
      headers: {
        authorization: listed.authorization,
        accept: 'application/json',
        'sec-fetch-site': 'cross-site',
        origin: 'https://app.example.com',
      },
    })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([
      200,
      'https://app.example.com',
    ])
  })
})
