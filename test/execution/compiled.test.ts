import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { CHILD, DISTRICT, MIXED, NEPHEW, NIECE, NOBODY } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let sandbox: Sandbox
let compiled: TestGateway
let interpreted: TestGateway
beforeAll(async () => {
  sandbox = await startSandbox()
  const options = { over: sandbox, ages: { displayMs: 300_000, decisionMs: 60_000 } }
  compiled = await startGateway({ ...options, compilation: 'ALWAYS' })
  interpreted = await startGateway({ ...options, compilation: 'NEVER' })
})
beforeEach(() => {
  sandbox.faults.clear()
  for (const gateway of [compiled, interpreted]) gateway.forget()
})
afterAll(async () => {
  for (const gateway of [compiled, interpreted]) await gateway[Symbol.asyncDispose]()
  await sandbox.close()
})

type Reply = Awaited<ReturnType<TestGateway['ask']>>

/** The data with the order of its keys, and the errors in an order of their own. */
function comparable({ status, data, errors, calls }: Reply) {
  const texts = errors.map((error) => JSON.stringify(error)).sort()
  return { status, data: JSON.stringify(data), errors: texts, calls: calls.toSorted() }
}

async function askBoth(query: string, variables: Record<string, unknown> = {}): Promise<Reply> {
  const expected = await interpreted.ask(query, variables)
  const reply = await compiled.ask(query, variables)
  expect(comparable(reply)).toEqual(comparable(expected))
  return reply
}

const FAMILY = `fragment Name on Student { displayName name { first last } }
  fragment Entry on StudentRelationship { id relationship type studentId student { ...Name } contact { id displayName } }`

describe('a compiled operation answers as an interpreted one', () => {
  it.each([
    [
      'fields',
      `{ contact(id: "${MIXED}") { id displayName name { first } email { raw isValid } phone { e164 } } }`,
    ],
    [
      'aliases',
      `{ a: student(id: "${CHILD}") { x: id y: id id } b: student(id: "${NIECE}") { x: displayName } }`,
    ],
    ['one field twice', `{ student(id: "${CHILD}") { id id name { first } name { last } } }`],
    ['fragments', `${FAMILY} { student(id: "${CHILD}") { ...Name relationships { ...Entry } } }`],
    [
      'inline fragments',
      `{ contact(id: "${MIXED}") { ... { id } ... on Contact { displayName } ... @include(if: true) { sisId } } }`,
    ],
    [
      'type names',
      `{ __typename student(id: "${CHILD}") { __typename relationships { __typename contact { __typename } } } }`,
    ],
    [
      'nothing found',
      `{ student(id: "${NOBODY}") { id } contact(id: "x") { id } studentRelationships(contactId: "${NOBODY}", studentId: "x") { id } }`,
    ],
    ['a list of enums', `{ contact(id: "${MIXED}") { relationships { privileges type relationship } } }`],
    [
      'a page',
      '{ contacts(first: 3) { totalCount edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }',
    ],
    [
      'dates',
      `{ contact(id: "${MIXED}") { createdAt lastModifiedAt } district { lastSyncAt name syncState } }`,
    ],
    [
      'a filter with an enum',
      '{ contacts(filter: { relationships: PARENT, types: [PARENT_GUARDIAN] }) { totalCount } }',
    ],
    [
      'an error of an argument',
      '{ contacts(first: 1000) { nodes { id } } ok: contacts(first: 1) { nodes { id } } }',
    ],
    [
      'an error at a deep line',
      `{\n  contact(id: "${MIXED}") {\n    id\n  }\r\n  bad:\r contacts(first: -1) {\n nodes { id } }\n}`,
    ],
    [
      'entities',
      `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }, { __typename: "Contact", id: "${NOBODY}" }, { __typename: "District", id: "${DISTRICT}" }]) { __typename ... on Student { id relationships { id } } ... on District { name } } }`,
    ],
    [
      'entities of which some are wrong',
      `{ _entities(representations: [{ __typename: "Student" }, { __typename: "Nothing", id: "1" }, { __typename: "Student", id: "${CHILD}" }]) { ... on Student { id } } }`,
    ],
    ['introspection beside data', `{ __type(name: "Student") { name } student(id: "${CHILD}") { id } }`],
  ])('%s', async (_what, query) => {
    const { data } = await askBoth(query)
    expect(data).not.toBeUndefined()
    // Known by now.
    await askBoth(query)
  })

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('@skip and @include in a fragment that is spread twice: %s, %s', async (a, b) => {
    const query = `query ($a: Boolean!, $b: Boolean!) {
      one: student(id: "${CHILD}") { ...F @include(if: $a) }
      two: student(id: "${NIECE}") { ...F @skip(if: $b) ...F @include(if: $b) id @skip(if: $a) }
    } fragment F on Student { displayName @include(if: $b) name @skip(if: $a) { first @include(if: $b) last } grade }`
    await askBoth(query, { a, b })
  })

  it.each([
    [
      'a type of entry',
      'query ($v: [StudentRelationshipType!]) { student(id: "63850203bfb8460546071e6e") { relationships(types: $v) { id type } } }',
      [['PARENT_GUARDIAN'], 'FAMILY', [], null, ['NO_SUCH'], [null], 7],
    ],
    [
      'an enum',
      'query ($v: ContactPrivilege) { student(id: "63850203bfb8460546071e6e") { relationships(privilege: $v) { id } } }',
      ['PICK_UP', null, 'pick_up', 1, ['PICK_UP']],
    ],
    [
      'a number',
      'query ($v: Int) { contacts(first: $v) { nodes { id } } }',
      [2, null, 0, 1.5, '2', 3e9, true],
    ],
    ['a number with a default', 'query ($v: Int = 2) { contacts(first: $v) { nodes { id } } }', [1, null]],
    ['an id', 'query ($v: ID!) { contact(id: $v) { id } }', [MIXED, 12, '', null, [MIXED], {}]],
    [
      'an input',
      'query ($v: ContactFilter) { contacts(filter: $v) { totalCount } }',
      [{ search: 'a' }, { hasEmail: true, type: 'EMERGENCY' }, {}, null, { no: 1 }, { search: 3 }, 'text'],
    ],
    [
      'a text in an input',
      'query ($v: String) { contacts(filter: { search: $v }) { totalCount } }',
      ['a', null, 3, '%'],
    ],
    [
      'an entity',
      'query ($v: [_Any!]!) { _entities(representations: $v) { __typename ... on Contact { id } ... on Student { id } } }',
      [
        [{ __typename: 'Contact', id: MIXED }],
        { __typename: 'Student', id: NEPHEW, districtId: null },
        [{ __typename: 'Student', id: { deep: [1] } }, 7, 'text'],
        [null],
        [],
        null,
      ],
    ],
    [
      'an entity inside of a literal',
      'query ($v: ID) { _entities(representations: [{ __typename: "Student", id: $v }]) { ... on Student { id } } }',
      [CHILD, null],
    ],
  ] satisfies [string, string, unknown[]][])('variables: %s', async (_what, query, values) => {
    for (const v of values) await askBoth(query, { v })
    await askBoth(query)
    // A variable that the operation does not declare is ignored.
    await askBoth(query, { v: values[0], other: 1, __proto__: null })
  })

  it.each([
    ['one record', `/users/${CHILD}`],
    ['a list', `/users/${CHILD}/mycontacts`],
    ['everything', /users/],
    ['the district', `/districts/${DISTRICT}`],
  ])('errors where Clever fails: %s', async (_what, path) => {
    const query = `query ($keys: [_Any!]!) {
      student(id: "${CHILD}") { id relationships { id student { displayName } } }
      niece: student(id: "${NIECE}") { relationships { contact { id relationships { student { id } } } } }
      contact(id: "${MIXED}") { id
        dataWarnings { code } relationships { privileges student { id } } }
      contacts(first: 2) { nodes { id district { id } } }
      _entities(representations: $keys) { __typename ... on Student { relationships { id } } ... on District { name } }
    }`
    const keys = [
      { __typename: 'Student', id: CHILD },
      { __typename: 'Student', id: NIECE },
      { __typename: 'District', id: DISTRICT },
    ]
    sandbox.faults.add({ path, status: 403, body: '{"error":"no"}' })
    const { errors } = await askBoth(query, { keys })
    expect(errors.length).toBeGreaterThan(0)
    expect(
      errors.every(({ path: at, extensions }) => at !== undefined && extensions.code !== undefined),
    ).toBe(true)
  })
})
