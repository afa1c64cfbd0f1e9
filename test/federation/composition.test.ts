import { readFileSync } from 'node:fs'
import {
  assertCompositionFailure,
  assertCompositionSuccess,
  composeServices,
} from '@theguild/federation-composition'
import { buildSchema, parse } from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { startGateway } from '../support/gateway.ts'
import { readNeighbour } from './neighbours/neighbour.ts'

const NEIGHBOURS = ['attendance', 'messaging', 'transport'] as const
const published = readFileSync(new URL('../../schema/schema.graphql', import.meta.url), 'utf8')

function compose(neighbours: Readonly<Record<string, string>>) {
  const subgraphs = { 'clever-contacts': published, ...neighbours }
  return composeServices(
    Object.entries(subgraphs).map(([name, sdl]) => ({
      name,
      typeDefs: parse(sdl),
      url: `http://${name}.example/graphql`,
    })),
  )
}

function codesOf(neighbours: Readonly<Record<string, string>>) {
  const result = compose(neighbours)
  assertCompositionFailure(result)
  return new Set(result.errors.map(({ extensions }) => extensions.code))
}

describe('the published schema', () => {
  let served: string
  beforeAll(async () => {
    await using gateway = await startGateway()
    const { data } = await gateway.ask('{ _service { sdl } }')
    served = data._service.sdl
  })

  it('is what the gateway serves to a supergraph, to the letter', () => {
    expect(served).toBe(published)
  })

  it('leaves out the machinery of federation, which the gateway has all the same', () => {
    for (const name of ['_Any', '_Entity', '_Service']) {
      expect(schema.getType(name), name).toBeDefined()
      expect(published).not.toContain(name)
    }
    for (const name of ['_entities', '_service']) {
      expect(schema.getQueryType()?.getFields(), name).toHaveProperty(name)
      expect(published).not.toContain(name)
    }
  })

  it('does not claim the root fields `node` and `nodes`, which only one subgraph could have', () => {
    const fields = schema.getQueryType()?.getFields() ?? {}
    expect(Object.keys(fields)).not.toEqual(expect.arrayContaining(['node']))
    expect(Object.keys(fields)).not.toEqual(expect.arrayContaining(['nodes']))
    expect(schema.getType('Node')).toBeUndefined()
  })
})

describe('composition with neighbours', () => {
  it.each(NEIGHBOURS)('works with the subgraph "%s" alone', (name) => {
    expect(compose({ [name]: readNeighbour(name) }).errors).toBeUndefined()
  })

  it('makes one graph of the gateway and all its neighbours', () => {
    const result = compose(Object.fromEntries(NEIGHBOURS.map((name) => [name, readNeighbour(name)])))
    assertCompositionSuccess(result)
    const types = buildSchema(result.publicSdl).getTypeMap()
    expect(types.Student).toHaveProperty('_fields.absences')
    expect(types.Student).toHaveProperty('_fields.relationships')
    expect(types.StudentRelationship).toHaveProperty('_fields.lastMessageAt')
    expect(types.Query).toHaveProperty('_fields.riders')
    expect(result.publicSdl).not.toMatch(/\b_(Any|Entity|Service|entities|service)\b/)
  })

  it.each([
    ['Student', ['id districtId', 'id']],
    ['Contact', ['id districtId', 'id']],
    ['StudentRelationship', ['id districtId', 'id']],
    ['District', ['id']],
    ['School', ['id districtId', 'id']],
  ])('lets %s be referred to by each of its keys, the more sparing one first', (type, keys) => {
    const result = compose({})
    assertCompositionSuccess(result)
    const header = result.supergraphSdl.match(new RegExp(`^type ${type}\\b[^{]*`, 'm'))?.[0] ?? ''
    expect([...header.matchAll(/key: "([^"]*)"/g)].map(([, key]) => key)).toEqual(keys)
  })

  it('shares PageInfo with other Relay subgraphs, as long as these share theirs', () => {
    const transport = readNeighbour('transport')
    expect(compose({ transport }).errors).toBeUndefined()
    expect(codesOf({ transport: transport.replace('PageInfo @shareable', 'PageInfo') })).toContain(
      'INVALID_FIELD_SHARING',
    )
  })

  it("refuses a neighbour that would answer a field of the gateway's", () => {
    const greedy = readNeighbour('attendance').replace('absences:', 'displayName: String absences:')
    expect(codesOf({ attendance: greedy })).toContain('INVALID_FIELD_SHARING')
  })

  it('refuses a neighbour that refers to a student by something that is no key of the gateway', () => {
    const stray = readNeighbour('transport')
      .replace('"id districtId"', '"sisId"')
      .replace(/id: ID!\n\s*districtId: ID!/, 'sisId: String!')
    expect(stray).toContain('sisId: String!')
    expect(codesOf({ transport: stray })).toContain('INVALID_FIELD_SHARING')
  })
})
