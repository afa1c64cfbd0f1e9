import {
  assertCompositionFailure,
  assertCompositionSuccess,
  composeServices,
} from '@theguild/federation-composition'
import { buildASTSchema, execute, parse, visit } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { FEDERATION_VERSIONS } from '../../schema/federation-version.ts'
import { printedFiles } from '../../schema/printed.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { CHILD, DISTRICT, MIXED, NOBODY } from './documented-family.ts'
import { type Neighbor, type NeighborName, readNeighbor } from './neighbors/neighbor.ts'
import { createSupergraph } from './supergraph.ts'

// The same questions as in Apollo's suite for subgraphs, asked of this schema instead of its schema of products.

const NEIGHBORS: readonly NeighborName[] = ['attendance', 'campus', 'messaging', 'transport']
const ENTITIES = ['Contact', 'District', 'School', 'Student', 'StudentRelationship']
/** The directives of Federation 2.9 that the suite asks for, and that this subgraph does not use. */
const NOT_USED =
  /@(extends|external|requires|provides|override|inaccessible|interfaceObject|composeDirective|context|fromContext|policy|cost|listSize)\b/

let gateway: TestGateway
let sdl: string
beforeAll(async () => {
  gateway = await startGateway()
  sdl = (await gateway.ask('query { _service { sdl } }')).data._service.sdl
})
afterAll(() => gateway[Symbol.asyncDispose]())

function compose(subgraphs: Readonly<Record<string, string>>) {
  return composeServices(
    Object.entries(subgraphs).map(([name, text]) => ({
      name,
      typeDefs: parse(text),
      url: `http://${name}.example/graphql`,
    })),
  )
}

describe('the specification of subgraphs', () => {
  const typeNamed = async (name: string) =>
    (
      await gateway.ask(`{ __type(name: "${name}") { kind ...T } }
      fragment T on __Type { fields { name type { kind ofType { name kind } } } possibleTypes { name } }`)
    ).data.__type

  it('_Service has a field sdl, which is never null', async () => {
    expect(await typeNamed('_Service')).toMatchObject({
      kind: 'OBJECT',
      fields: [{ name: 'sdl', type: { kind: 'NON_NULL', ofType: { name: 'String', kind: 'SCALAR' } } }],
    })
  })

  it('_Any is a scalar, and _Entity is the union of the types with a key', async () => {
    expect(await typeNamed('_Any')).toMatchObject({ kind: 'SCALAR' })
    const { kind, possibleTypes } = await typeNamed('_Entity')
    expect(kind).toBe('UNION')
    expect(possibleTypes.map(({ name }: { name: string }) => name).toSorted()).toEqual(ENTITIES)
    expect([...sdl.matchAll(/^type (\w+) @key/gm)].map(([, name]) => name).toSorted()).toEqual(ENTITIES)
  })

  it('the SDL has no type of the machinery, and can be parsed', () => {
    expect(parse(sdl).definitions.length).toBeGreaterThan(20)
    expect(sdl).not.toMatch(/\b_(Any|Entity|Service|entities|service)\b/)
  })
})

describe('@link', () => {
  it('names one version of Federation, and imports exactly the directives that the SDL uses', () => {
    const links = [...sdl.matchAll(/@link\(url: "([^"]+)", import: \[([^\]]+)\]/g)]
    expect(links.map(([, url]) => url)).toEqual(['https://specs.apollo.dev/federation/v2.5'])
    const used = new Set<string>()
    visit(parse(sdl), { Directive: ({ name }) => void used.add(`@${name.value}`) })
    const imported = links[0]?.[2]?.split(', ').map((name) => name.slice(1, -1)) ?? []
    const builtIn = ['@link', '@deprecated', '@specifiedBy', '@oneOf']
    expect([...used].filter((name) => !builtIn.includes(name)).toSorted()).toEqual(imported.toSorted())
  })

  it.each(FEDERATION_VERSIONS)(
    'can name version %s: the contract composes, alone and with its neighbors',
    async (version) => {
      const files = await printedFiles(undefined, version)
      expect(files['schema.graphql']).toContain(`federation/v${version}"`)
      const all = Object.fromEntries(NEIGHBORS.map((name) => [name, readNeighbor(name)]))
      for (const form of ['schema.graphql', 'schema.fenced.graphql']) {
        assertCompositionSuccess(compose({ 'clever-contacts': files[form] ?? '' }))
        assertCompositionSuccess(compose({ 'clever-contacts': files[form] ?? '', ...all }))
      }
    },
  )

  it.each(['2.0', '2.9'] as const)(
    'of version %s is what a gateway with this setting serves',
    async (version) => {
      await using other = await startGateway({ federationVersion: version })
      const { data } = await other.ask('{ _service { sdl } }')
      expect(data._service.sdl).toBe((await printedFiles(undefined, version))['schema.graphql'])
    },
  )
})

describe('@key and _entities', () => {
  it.each([
    ['one field', { __typename: 'District', id: DISTRICT }],
    ['one of two keys', { __typename: 'Student', id: CHILD }],
    ['the other of two keys, with two fields', { __typename: 'Student', id: CHILD, districtId: DISTRICT }],
    ['fields beside a key', { __typename: 'Student', id: CHILD, grade: 'of another subgraph' }],
  ])('an entity is found by %s', async (_by, representation) => {
    const { data, errors } = await gateway.ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { __typename ... on Student { id } ... on District { id } } }',
      { r: [representation] },
    )
    expect(errors).toEqual([])
    expect(data._entities).toEqual([{ __typename: representation.__typename, id: representation.id }])
  })

  it('answers in the order of the representations, each as often as it was sent, and null for none', async () => {
    const contact = { __typename: 'Contact', id: MIXED }
    const student = { __typename: 'Student', id: CHILD }
    const { data } = await gateway.ask(
      `query ($r: [_Any!]!) { _entities(representations: $r) {
        __typename ... on Contact { displayName } ... on Student { displayName }
      } }`,
      { r: [student, contact, { __typename: 'Contact', id: NOBODY }, student] },
    )
    const jonah = { __typename: 'Student', displayName: 'Jonah S Collins' }
    const aaron = { __typename: 'Contact', displayName: 'Aaron Collins' }
    expect(data._entities).toEqual([jonah, aaron, null, jonah])
  })

  it('answers an empty list, and aliases in one operation', async () => {
    const { data } = await gateway.ask(
      `query ($a: [_Any!]!, $b: [_Any!]!) {
        a: _entities(representations: $a) { __typename }
        b: _entities(representations: $b) { ... on Contact { displayName } }
      }`,
      { a: [], b: [{ __typename: 'Contact', id: MIXED }] },
    )
    expect(data).toEqual({ a: [], b: [{ displayName: 'Aaron Collins' }] })
  })
})

describe('@shareable', () => {
  it('lets a neighbor have PageInfo and the name of a school too', () => {
    const fields = (text: string) => `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])
      type Query { staff: PageInfo }
      type PageInfo ${text} { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
      type School @key(fields: "id") { id: ID! name: String ${text} }`
    assertCompositionSuccess(compose({ 'clever-contacts': sdl, staff: fields('@shareable') }))
    assertCompositionFailure(compose({ 'clever-contacts': sdl, staff: fields('') }))
  })
})

describe('@tag', () => {
  it('reaches the supergraph on fields and input fields', () => {
    const result = compose({ 'clever-contacts': sdl })
    assertCompositionSuccess(result)
    const tagged: string[] = []
    visit(parse(result.supergraphSdl), {
      FieldDefinition: ({ name, directives = [] }) => note('field', name.value, directives),
      InputValueDefinition: ({ name, directives = [] }) => note('input', name.value, directives),
    })
    function note(kind: string, name: string, directives: readonly { name: { value: string } }[]) {
      if (directives.some((each) => each.name.value === 'tag')) tagged.push(`${kind} ${name}`)
    }
    expect(tagged).toEqual(expect.arrayContaining(['field email', 'field displayName', 'input search']))
  })
})

describe('directives that this subgraph does not use', () => {
  it('are not in its SDL', () => expect(sdl).not.toMatch(NOT_USED))

  it('may be used by neighbors: @requires and @external take a field of ours to the neighbor', async () => {
    const supergraph = await createSupergraph(gateway, [meals()])
    expect(await supergraph.ask(`{ student(id: "${CHILD}") { displayName lunchLine } }`)).toEqual({
      data: { student: { displayName: 'Jonah S Collins', lunchLine: 'Line of Kindergarten' } },
      errors: [],
    })
  })

  it.each([
    [
      '@override',
      'type Student @key(fields: "id") { id: ID! grade: String @override(from: "clever-contacts") }',
    ],
    ['@inaccessible', 'type Student @key(fields: "id") { id: ID! internalNote: String @inaccessible }'],
    ['@extends', 'type Student @key(fields: "id") @extends { id: ID! @external seat: String }'],
  ])('may be used by neighbors: %s composes', (_directive, type) => {
    const text = `
      extend schema @link(url: "https://specs.apollo.dev/federation/v2.3",
        import: ["@key", "@override", "@inaccessible", "@extends", "@external"])
      type Query { seats: Int }
      ${type}`
    assertCompositionSuccess(compose({ 'clever-contacts': sdl, seats: text }))
  })
})

describe('federated tracing (ftv1)', () => {
  it('is not supported, and not claimed: a router that asks for a trace gets none', async () => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: gateway.authorization,
        'apollo-federation-include-trace': 'ftv1',
      },
      body: JSON.stringify({ query: '{ districts { id } }' }),
    })
    const { data, extensions } = (await response.json()) as Record<string, object>
    expect(data).toEqual({ districts: [{ id: DISTRICT }] })
    expect(extensions).not.toHaveProperty('ftv1')
  })
})

/** Knows in which line a student gets lunch, by the grade that the gateway knows. */
function meals(): Neighbor {
  const text = `
    extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@external", "@requires"])
    type Query { menus: Int }
    type Student @key(fields: "id") {
      id: ID!
      grade: String @external
      lunchLine: String @requires(fields: "grade")
    }`
  const entities = `
    scalar _Any
    union _Entity = Student
    extend type Query { _entities(representations: [_Any!]!): [_Entity]! }`
  const schema = buildASTSchema(parse(text + entities), { assumeValidSDL: true })
  const rootValue = {
    _entities: ({ representations }: { representations: readonly { id: string; grade: string }[] }) =>
      representations.map(({ id, grade }) => ({
        __typename: 'Student',
        id,
        lunchLine: `Line of ${grade}`,
      })),
  }
  return {
    name: 'meals',
    sdl: text,
    executor: async ({ document, variables }) =>
      execute({ schema, document, rootValue, variableValues: variables }),
  }
}
