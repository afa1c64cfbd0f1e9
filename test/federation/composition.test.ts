import { readFileSync } from 'node:fs'
import {
  assertCompositionFailure,
  assertCompositionSuccess,
  composeSchemaContract,
  composeServices,
} from '@theguild/federation-composition'
import {
  buildSchema,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  isObjectType,
  parse,
  print,
} from 'graphql'
import { beforeAll, describe, expect, it } from 'vitest'
import { FENCED_ENTITIES } from '../../schema/fence.ts'
import { schema } from '../../schema/schema.ts'
import { startGateway } from '../support/gateway.ts'
import { readNeighbor } from './neighbors/neighbor.ts'

const NEIGHBORS = ['attendance', 'campus', 'messaging', 'transport'] as const
const [published, fenced, client] = ['schema.graphql', 'schema.fenced.graphql', 'schema.client.graphql'].map(
  (name) => readFileSync(new URL(`../../schema/${name}`, import.meta.url), 'utf8'),
) as [string, string, string]

function subgraphs(neighbors: Readonly<Record<string, string>>, contract = published) {
  return Object.entries({ 'clever-contacts': contract, ...neighbors }).map(([name, sdl]) => ({
    name,
    typeDefs: parse(sdl),
    url: `http://${name}.example/graphql`,
  }))
}

const compose = (neighbors: Readonly<Record<string, string>>, contract = published) =>
  composeServices(subgraphs(neighbors, contract))

const ALL = Object.fromEntries(NEIGHBORS.map((name) => [name, readNeighbor(name)]))

function codesOf(neighbors: Readonly<Record<string, string>>) {
  const result = compose(neighbors)
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

describe('the three forms of the contract', () => {
  it('have no description on `schema` where a planner could not parse it', () => {
    for (const sdl of [published, fenced]) expect(sdl).toMatch(/^schema @link/)
  })

  it('have fences in the fenced form alone, on fields and not on types', () => {
    for (const sdl of [published, client]) expect(sdl).not.toMatch(/@authenticated|@requiresScopes/)
    expect(fenced).not.toMatch(/^type .*(@authenticated|@requiresScopes)/m)
    expect(fenced).toMatch(
      /email: EmailDetails .*@authenticated @requiresScopes\(scopes: \[\["contacts:read"\], \["contacts:own"\]\]\)/,
    )
    expect(fenced).toMatch(/contactsViewer: ContactsViewer @authenticated$/m)
  })

  it('have a fence for each entity', () => {
    const entities = [...published.matchAll(/^type (\w+) @key/gm)].map(([, name]) => name)
    expect(entities.sort()).toEqual(Object.keys(FENCED_ENTITIES).sort())
  })

  it('fence no field that a neighbor adds, nor the keys that it refers by', () => {
    const result = compose(ALL, fenced)
    assertCompositionSuccess(result)
    const linesOf = (field: string) =>
      result.supergraphSdl.split('\n').filter((line) => new RegExp(`^ *${field}: [^)]*( |$)`).test(line))
    expect(linesOf('grade').join()).toMatch(/@authenticated.*@requiresScopes/)
    for (const field of ['absences', 'lastMessageAt', 'mascot', 'id', 'districtId'])
      expect(linesOf(field).join(), field).not.toMatch(/@authenticated|@requiresScopes/)
  })

  it('have nothing of federation in the form for client generators, and all else', () => {
    expect(client).not.toMatch(/@(key|link|shareable|tag)\b|\b_(Any|Entity|Service|entities|service)\b/)
    const result = compose({})
    assertCompositionSuccess(result)
    const [own, composed] = [buildSchema(client), buildSchema(result.publicSdl)]
    for (const type of Object.values(composed.getTypeMap())) {
      if (!isObjectType(type)) continue
      const same = own.getType(type.name)
      expect(isObjectType(same) && Object.keys(same.getFields()), type.name).toEqual(
        expect.arrayContaining(Object.keys(type.getFields())),
      )
    }
  })

  it('say in each form how a DateTime is written', () => {
    for (const sdl of [published, fenced, client])
      expect(sdl).toMatch(/^scalar DateTime @specifiedBy\(url: "https:/m)
  })

  it.each([
    ['published', published],
    ['fenced', fenced],
  ])('lets a registry leave out what is personal: %s', (_form, sdl) => {
    const filter = { include: new Set<string>(), exclude: new Set(['pii']) }
    const result = composeSchemaContract(subgraphs({}, sdl), filter)
    assertCompositionSuccess(result)
    const types = buildSchema(result.publicSdl).getTypeMap()
    const fields = (name: string) => {
      const type = types[name]
      return type !== undefined && 'getFields' in type
        ? Object.keys(type.getFields())
        : expect.unreachable(name)
    }
    expect(fields('Contact')).toEqual(expect.arrayContaining(['id', 'districtId', 'relationships']))
    for (const type of ['Contact', 'Student', 'StudentRelationship', 'ContactFilter', 'StudentFilter'])
      for (const name of [
        'displayName',
        'name',
        'email',
        'phone',
        'relationshipRaw',
        'typeRaw',
        'search',
        'hasEmail',
      ])
        expect(fields(type), type).not.toContain(name)
    for (const type of ['EmailDetails', 'PhoneDetails', 'NameDetails']) expect(types).not.toHaveProperty(type)
    expect(fields('Query')).not.toContain('contactByLegacyId')
  })
})

describe('composition with neighbors', () => {
  it.each(NEIGHBORS)('works with the subgraph "%s" alone, in both forms', (name) => {
    for (const contract of [published, fenced])
      expect(compose({ [name]: readNeighbor(name) }, contract).errors).toBeUndefined()
  })

  it('leaves a neighbor its own Email, Phone, Privilege, viewer, access and School', () => {
    const result = compose({ campus: readNeighbor('campus') }, published)
    assertCompositionSuccess(result)
    const types = buildSchema(result.publicSdl).getTypeMap()
    for (const path of ['viewer', 'access', 'contactsViewer', 'contactAccess'])
      expect(types.Query).toHaveProperty(`_fields.${path}`)
    expect(types.School).toHaveProperty('_fields.mascot')
    expect(types.School).toHaveProperty('_fields.name')
    for (const [type, field] of [
      ['Email', 'isVerified'],
      ['EmailDetails', 'address'],
      ['Phone', 'number'],
      ['PhoneDetails', 'e164'],
    ] as const)
      expect(types[type]).toHaveProperty(`_fields.${field}`)
    expect(Object.keys(types)).toEqual(expect.arrayContaining(['Privilege', 'ContactPrivilege']))
  })

  it('makes one graph of the gateway and all its neighbors', () => {
    const result = compose(ALL)
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
    const transport = readNeighbor('transport')
    expect(compose({ transport }).errors).toBeUndefined()
    expect(codesOf({ transport: transport.replace('PageInfo @shareable', 'PageInfo') })).toContain(
      'INVALID_FIELD_SHARING',
    )
  })

  it("refuses a neighbor that would answer a field of the gateway's", () => {
    const greedy = readNeighbor('attendance').replace('absences:', 'displayName: String absences:')
    expect(codesOf({ attendance: greedy })).toContain('INVALID_FIELD_SHARING')
  })

  it('refuses a neighbor that refers to a student by something that is no key of the gateway', () => {
    const stray = readNeighbor('transport')
      .replace('"id districtId"', '"sisId"')
      .replace(/id: ID!\n\s*districtId: ID!/, 'sisId: String!')
    expect(stray).toContain('sisId: String!')
    expect(codesOf({ transport: stray })).toContain('INVALID_FIELD_SHARING')
  })
})

/** Texts and ids that name no person and come from no free text about one. */
const NOT_PERSONAL: Readonly<Record<string, readonly string[]>> = {
  Contact: ['id', 'districtId', 'previousIds'],
  Student: ['id', 'districtId', 'grade', 'schoolId', 'schoolIds'],
  StudentRelationship: ['id', 'districtId', 'contactId', 'studentId'],
  ContactsViewer: ['id'],
  ContactFilter: ['relationships', 'types'],
  StudentFilter: ['grade', 'schoolId', 'hasContacts'],
}

describe('the tag pii', () => {
  it.each(Object.entries(NOT_PERSONAL))(
    'marks every other text, detail and condition of %s',
    (type, open) => {
      const fields = parse(published).definitions.flatMap(
        (definition): readonly (FieldDefinitionNode | InputValueDefinitionNode)[] =>
          'name' in definition && definition.name?.value === type && 'fields' in definition
            ? (definition.fields ?? [])
            : [],
      )
      const isFilter = type.endsWith('Filter')
      const untagged = fields.filter(({ type, directives = [] }) => {
        const named = print(type).replace(/[[\]!]/g, '')
        const tellsText = isFilter || /^(String|ID)$|(Details|Identity|DataWarning)$/.test(named)
        return tellsText && !directives.some((directive) => print(directive).includes('pii'))
      })
      expect(fields.length).toBeGreaterThan(0)
      expect(untagged.map(({ name }) => name.value).sort()).toEqual(open.toSorted())
    },
  )
})
