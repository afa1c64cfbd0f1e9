import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHILD } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let on: TestGateway
let off: TestGateway
beforeAll(async () => {
  ;[on, off] = await Promise.all([startGateway({ graphiql: 'on' }), startGateway()])
})
afterAll(async () => {
  await Promise.all([on[Symbol.asyncDispose](), off[Symbol.asyncDispose]()])
})

async function ask(gateway: TestGateway, query: string, operationName?: string, authorization?: string) {
  // A record that was read before would cost no call either.
  gateway.forget()
  const before = gateway.sandbox.calls.count()
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(authorization !== undefined && { authorization }),
    },
    body: JSON.stringify({ query, operationName }),
  })
  const { data, errors } = (await response.json()) as {
    data?: unknown
    errors?: { extensions: { code: string } }[]
  }
  return {
    status: response.status,
    challenge: response.headers.has('www-authenticate'),
    data: data ?? undefined,
    code: errors?.[0]?.extensions.code,
    calls: gateway.sandbox.calls.count() - before,
  }
}

const REFUSED = { status: 401, challenge: true, data: undefined, code: 'UNAUTHENTICATED', calls: 0 }
const INTROSPECTION =
  'query Schema { __schema { queryType { name ...T } } __typename } fragment T on __Type { kind }'

describe('without a token', () => {
  it('the schema is shown if GraphiQL is on, and only there', async () => {
    expect((await ask(on, INTROSPECTION)).data).toMatchObject({ __schema: { queryType: { name: 'Query' } } })
    expect(await ask(off, INTROSPECTION)).toEqual(REFUSED)
    expect(await ask(off, '{ __typename }')).toEqual(REFUSED)
  })

  it.each([
    ['a query', `{ student(id: "${CHILD}") { id } }`],
    ['the viewer', '{ contactsViewer { kind } }'],
    ['the districts', '{ districts { id } }'],
    ['what a router asks', '{ _service { sdl } }'],
    [
      'an entity',
      `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }]) { __typename } }`,
    ],
    ['a field beside the schema', `{ __schema { queryType { name } } student(id: "${CHILD}") { id } }`],
    ['a field under an alias', `{ schema: student(id: "${CHILD}") { id } }`],
    ['a field under an alias that looks like the schema', `{ __schema: student(id: "${CHILD}") { id } }`],
    ['a fragment', `{ __typename ...F } fragment F on Query { student(id: "${CHILD}") { id } }`],
    [
      'a fragment in a fragment',
      `{ ...A } fragment A on Query { ...B } fragment B on Query { contactsViewer { kind } }`,
    ],
    ['an inline fragment', `{ __typename ... on Query { student(id: "${CHILD}") { id } } }`],
    ['an inline fragment without a type', `{ __typename ... { student(id: "${CHILD}") { id } } }`],
    ['a field that is included', `{ __typename student(id: "${CHILD}") @include(if: true) { id } }`],
  ])('is refused, though GraphiQL is on: %s', async (_what, query) => {
    expect(await ask(on, query)).toEqual(REFUSED)
    expect(await ask(off, query)).toEqual(REFUSED)
  })

  it('a second operation is refused, whichever is named', async () => {
    const both = `${INTROSPECTION} query Child { student(id: "${CHILD}") { id } }`
    expect(await ask(on, both, 'Child')).toEqual(REFUSED)
    expect(await ask(on, both, 'Schema')).toEqual(REFUSED)
  })

  it('a query by GET is refused', async () => {
    const response = await fetch(
      `${on.url}/graphql?query=${encodeURIComponent('{ contactsViewer { kind } }')}`,
      {
        headers: { accept: 'application/json' },
      },
    )
    expect(response.status).toBe(401)
  })

  it('a page of another origin gets nothing by a preflight', async () => {
    const response = await fetch(
      `${on.url}/graphql?query=${encodeURIComponent('{ contactsViewer { kind } }')}`,
      {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      },
    )
    expect(await response.text()).not.toContain('viewer')
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('a bad token is refused, also for the schema: it is not the same as none', async () => {
    expect(await ask(on, INTROSPECTION, undefined, 'Bearer a.b.c')).toEqual(REFUSED)
    expect(await ask(on, INTROSPECTION, undefined, '')).toMatchObject({ status: 401 })
  })
})
