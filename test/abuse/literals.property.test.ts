import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

/** Nothing that the gateway says has it in it. */
const PERSON = 'Quintanilla'

let gateway: TestGateway
let explored: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
  explored = await startGateway({ graphiql: 'on' })
})
afterAll(async () => {
  await gateway[Symbol.asyncDispose]()
  await explored[Symbol.asyncDispose]()
})

async function errorsOf(body: Record<string, unknown>, to = gateway) {
  const response = await fetch(`${to.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: to.authorization },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  const { errors = [] } = JSON.parse(text) as {
    errors?: { message: string; extensions: { code: string } }[]
  }
  return {
    text,
    messages: errors.map(({ message }) => message),
    codes: errors.map((each) => each.extensions.code),
  }
}

const LITERALS = [
  `"${PERSON}"`,
  `"""${PERSON}"""`,
  PERSON,
  `[${PERSON}]`,
  `["${PERSON}", 1]`,
  `{ ${PERSON}: 1 }`,
  `{ search: ${PERSON} }`,
  `{ search: { name: "${PERSON}" } }`,
  `{ relationship: [${PERSON}] }`,
  `{ relationship: "${PERSON}" }`,
  `{ search: "a", ${PERSON}: "${PERSON}", ${PERSON}: 2 }`,
]
const POSITIONS: readonly [string, (literal: string) => string][] = [
  ['an id', (literal) => `{ contact(id: ${literal}) { id } }`],
  ['a number', (literal) => `{ contacts(first: ${literal}) { nodes { id } } }`],
  ['a text', (literal) => `{ contacts(after: ${literal}) { nodes { id } } }`],
  ['a filter', (literal) => `{ contacts(filter: ${literal}) { nodes { id } } }`],
  ['a text in a filter', (literal) => `{ contacts(filter: { search: ${literal} }) { nodes { id } } }`],
  ['a list in a filter', (literal) => `{ contacts(filter: { relationships: ${literal} }) { nodes { id } } }`],
  ['a truth in a filter', (literal) => `{ students(filter: { hasContacts: ${literal} }) { nodes { id } } }`],
  [
    'an enum',
    (literal) => `{ contactAccess(contactId: "1", studentId: "1", privilege: ${literal}) { allowed } }`,
  ],
  ['a directive', (literal) => `{ contact(id: "1") { id @include(if: ${literal}) } }`],
  ['a default', (literal) => `query ($id: Int = ${literal}) { contacts(first: $id) { nodes { id } } }`],
  ['a default of an enum', (literal) => `query ($p: Privilege = ${literal}) { contact(id: $p) { id } }`],
  ['a representation', (literal) => `{ _entities(representations: [${literal}]) { __typename } }`],
  ['an unknown argument', (literal) => `{ contact(id: "1", name: ${literal}) { id } }`],
  ['an argument of an unknown field', (literal) => `{ persons(name: ${literal}) { id } }`],
  ['a field without a selection', (literal) => `{ contact(id: ${literal}) }`],
  ['fields in conflict', (literal) => `{ contact(id: ${literal}) { id } contact(id: "2") { id } }`],
  ['a scalar with a selection', (literal) => `{ contact(id: ${literal}) { id { x } } }`],
  ['an argument given twice', (literal) => `{ contact(id: ${literal}, id: "2") { id } }`],
]

describe('a literal in a document', () => {
  it.each(POSITIONS)('as %s is not in the error', async (_what, documentWith) => {
    for (const literal of LITERALS) {
      const query = documentWith(literal)
      for (const to of [gateway, explored]) {
        const { text } = await errorsOf({ query }, to)
        expect(text, query).not.toMatch(/quintanilla/i)
      }
    }
  })

  it('is not in the error either, wherever a document is broken', async () => {
    const valid = [
      'query',
      'Q',
      '(',
      '$n',
      ':',
      'Int',
      '=',
      '5',
      ')',
      '{',
      'contacts',
      '(',
      'first',
      ':',
      '$n',
      'filter',
      ':',
      '{',
      'search',
      ':',
      `"${PERSON}"`,
      'relationship',
      ':',
      '[',
      'PARENT',
      ']',
      'hasEmail',
      ':',
      'true',
      '}',
      ')',
      '{',
      'nodes',
      '{',
      'id',
      '@',
      'include',
      '(',
      'if',
      ':',
      'true',
      ')',
      '}',
      '}',
      '}',
    ]
    const token = fc.constantFrom(
      ...LITERALS,
      '"',
      `"${PERSON}`,
      `12${PERSON}`,
      `1.${PERSON}`,
      `"\\${PERSON}"`,
      `"\\u${PERSON}"`,
      `é${PERSON}`,
      `'${PERSON}'`,
      '"""',
      '{',
      '}',
      '(',
      ')',
      ':',
      '$',
      '@',
      '...',
      'on',
      'fragment',
      'null',
      '\n',
      `"${PERSON}\n"`,
    )
    const breakage = fc.record({
      at: fc.nat(valid.length),
      cut: fc.nat(3),
      put: fc.array(token, { maxLength: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(breakage, { minLength: 1, maxLength: 3 }), async (breakages) => {
        const tokens = [...valid]
        for (const { at, cut, put } of breakages) tokens.splice(at, cut, ...put)
        const query = tokens.join(' ')
        const { messages } = await errorsOf({ query })
        // As a name of a field, an argument or the like it is no literal.
        const about = messages.filter((message) => message.includes(PERSON))
        for (const message of about)
          expect(message, query).toMatch(
            /^(Cannot query field|Unknown (argument|type|directive|fragment)|Field|Fields|Fragment|Variable|There can be only one|Directive) "/,
          )
        for (const message of about) expect(message, query).not.toMatch(/value|Syntax Error|input field/)
      }),
      { numRuns: 150, examples: [[[{ at: 7, cut: 0, put: ['$', PERSON] }]]] },
    )
  }, 20_000)

  it.each([
    ['Int', `{ contacts(first: "${PERSON}") { nodes { id } } }`],
    ['ContactFilter', `{ contacts(filter: "${PERSON}") { nodes { id } } }`],
    ['ContactFilter', `{ contacts(filter: { ${PERSON}: 1 }) { nodes { id } } }`],
    ['RelationshipToStudent', `{ contacts(filter: { relationships: [${PERSON}] }) { nodes { id } } }`],
    ['RelationshipToStudent', `{ contacts(filter: { relationships: "${PERSON}" }) { nodes { id } } }`],
  ])('that is wrong is told apart by its place and its type, %s', async (type, query) => {
    const { messages, codes } = await errorsOf({ query })
    expect([messages, codes]).toEqual([
      [`A value does not fit the type "${type}".`],
      ['GRAPHQL_VALIDATION_FAILED'],
    ])
  })
})

describe('what else is written beside a document', () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      'the name of an operation',
      { query: 'query A { __typename }', operationName: PERSON },
      'OPERATION_RESOLUTION_FAILURE',
    ],
    ['a parameter', { query: '{ __typename }', [PERSON]: PERSON }, 'BAD_REQUEST'],
    ['a query', { query: [PERSON] }, 'BAD_REQUEST'],
    ['the variables', { query: '{ __typename }', variables: PERSON }, 'BAD_REQUEST'],
    ['the extensions', { query: '{ __typename }', extensions: PERSON }, 'BAD_REQUEST'],
    [
      'a key of a variable',
      {
        query: 'query ($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }',
        variables: { f: { [PERSON]: 1 } },
      },
      'BAD_USER_INPUT',
    ],
    [
      'a value of an enum in a variable',
      {
        query: 'query ($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }',
        variables: { f: { relationship: [PERSON] } },
      },
      'BAD_USER_INPUT',
    ],
    [
      'a variable that is null where it has a default',
      { query: `query ($id: ID = "${PERSON}") { contact(id: $id) { id } }`, variables: { id: null } },
      'BAD_USER_INPUT',
    ],
  ])('is not in the error: %s', async (_what, body, code) => {
    const { text, codes } = await errorsOf(body)
    expect(codes).toEqual([code])
    expect(text).not.toContain(PERSON)
  })
})

describe('the names of the schema', () => {
  it.each([
    '{ contact(id: "1") { displayNme } }',
    '{ contact(ids: "1", id: "1") { id } }',
    '{ contcts { nodes { id } } }',
    '{ contacts(filter: { relationships: [PARNT] }) { nodes { id } } }',
    '{ contacts(filter: { serch: "a" }) { nodes { id } } }',
    'query ($f: ContactFiltr) { contacts(filter: $f) { nodes { id } } }',
    '{ contact(id: "1") { id @includ(if: true) } }',
    '{ contact(id: "1") }',
    '{ _entities(representations: []) { displayName } }',
  ])('are not suggested for %s', async (query) => {
    const { text, codes } = await errorsOf({ query })
    expect(new Set(codes)).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']))
    expect(text).not.toMatch(/did you mean/i)
  })

  it('are suggested where GraphiQL is on', async () => {
    const { messages } = await errorsOf({ query: '{ contact(id: "1") { displayNme } }' }, explored)
    expect(messages).toEqual([
      'Cannot query field "displayNme" on type "Contact". Did you mean "displayName"?',
    ])
  })
})
