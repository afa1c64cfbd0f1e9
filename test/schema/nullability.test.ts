import {
  execute,
  extendSchema,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
} from 'graphql'
import { describe, expect, it } from 'vitest'
import { FENCED_ENTITIES } from '../../schema/fence.ts'
import { schema as ours } from '../../schema/schema.ts'

const ENTITIES = Object.keys(FENCED_ENTITIES)

/**
 * Our types, as the other teams of a supergraph hold them: in lists that are never null, and with a field of another team
 * that is never null either.
 */
const schema = extendSchema(
  ours,
  parse(`
    ${ENTITIES.map((type) => `extend type ${type} { neighbor: Int! }`).join('\n')}
    extend type Query { ${[...ENTITIES, ...holders()].map((type) => `all${type}: [${type}!]!`).join(' ')} }
  `),
)

// The resolvers of the schema are not asked. Introspection types are shared with every other schema of the process.
for (const type of Object.values(schema.getTypeMap()))
  if (isObjectType(type) && !type.name.startsWith('__'))
    for (const field of Object.values(type.getFields())) delete field.resolve

interface Place {
  readonly type: string
  readonly field: string
}

/** Types that are no entities and have fields that lead to one. */
function holders(): readonly string[] {
  return Object.values(ours.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('_') && !ENTITIES.includes(name) && !isRoot(name))
    .filter((type) => Object.values(type.getFields()).some((field) => leadsToEntity(field.type)))
    .map(({ name }) => name)
}

function isRoot(name: string): boolean {
  return name === 'Query' || name === 'Subscription'
}

function leadsToEntity(type: GraphQLOutputType): boolean {
  return ENTITIES.includes(getNamedType(type).name)
}

function fieldsOf(type: string): readonly GraphQLField<unknown, unknown>[] {
  return Object.values((schema.getType(type) as GraphQLObjectType).getFields())
}

/** A field with enough of a selection. */
function selected({ name, type }: GraphQLField<unknown, unknown>): string {
  if (!isCompositeType(getNamedType(type))) return name
  return `${name} { __typename ${leadsToEntity(type) ? 'neighbor' : ''} }`
}

function sampleOf(type: GraphQLOutputType, index = 0): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType, index)
  if (isListType(type)) return [sampleOf(type.ofType, 0), sampleOf(type.ofType, 1)]
  if (isObjectType(type)) return { index }
  if (isEnumType(type)) return type.getValues()[0]?.value
  return (
    { Int: index, Boolean: true, DateTime: '2026-11-20T08:00:00.000Z' }[type.name] ?? `${type.name} ${index}`
  )
}

/** Answers from the types alone; a field fails in the first of the objects that have it. */
function run(query: string, failing: Place) {
  const fieldResolver: GraphQLFieldResolver<{ index?: number } | undefined, unknown> = (
    source,
    _args,
    _view,
    info,
  ) => {
    const isFailing = info.parentType.name === failing.type && info.fieldName === failing.field
    if (isFailing && source?.index !== 1) throw new Error('failed')
    return sampleOf(info.returnType, source?.index)
  }
  const { data, errors } = execute({ schema, document: parse(query), fieldResolver }) as {
    // biome-ignore lint/suspicious/noExplicitAny: the test knows the shape of its query
    data: any
    errors?: readonly { path: readonly (string | number)[] }[]
  }
  return { data, errors: errors ?? [] }
}

const placesIn = (types: readonly string[]) =>
  types.flatMap((type) =>
    fieldsOf(type)
      .filter(({ name }) => name !== 'id' && name !== 'neighbor')
      .map((field) => [`${type}.${field.name}`, type, field] as const),
  )

describe('an error in one field of an entity leaves everything else of another team', () => {
  it.each(placesIn(ENTITIES))('%s', (_place, type, field) => {
    const all = fieldsOf(type).map(selected).join(' ')
    const { data, errors } = run(`{ all: all${type} { ${all} } }`, { type, field: field.name })
    expect(errors.map(({ path }) => path)).toEqual([['all', 0, field.name]])
    expect(data.all).toHaveLength(2)
    const { [field.name]: failed, ...others } = data.all[0]
    expect(failed).toBeNull()
    expect(Object.values(others)).not.toContain(null)
    expect(data.all[1][field.name]).not.toBeNull()
  })
})

describe('an error of another team in one item of our lists leaves the other items', () => {
  const lists = placesIn([...ENTITIES, ...holders()]).filter(([, , { type }]) => leadsToEntity(type))
  it.each(lists)('%s', (_place, type, field) => {
    const entity = getNamedType(field.type).name
    const { data } = run(`{ all: all${type} { __typename ${selected(field)} } }`, {
      type: entity,
      field: 'neighbor',
    })
    expect(data.all).toHaveLength(2)
    const [first, second] = data.all.map((each: Record<string, unknown>) => each[field.name])
    if (!Array.isArray(first))
      expect([first, second]).toEqual([null, expect.objectContaining({ neighbor: 1 })])
    else expect(first).toEqual([null, expect.objectContaining({ neighbor: 1 })])
  })

  it('is so for the items of root fields too', () => {
    for (const { name, type } of fieldsOf('Query').filter((field) => leadsToEntity(field.type))) {
      if (name.startsWith('all')) continue
      const inner = isListType(type) ? type.ofType : type
      expect([isNonNullType(type), isNonNullType(inner)], name).toEqual([false, false])
    }
  })
})

describe('relationships', () => {
  it('have one type, from a contact and from a student', () => {
    const [contact, student] = ['Contact', 'Student'].map((type) =>
      fieldsOf(type).find(({ name }) => name === 'relationships'),
    )
    expect(String(contact?.type)).toBe('[StudentRelationship]')
    expect(String(student?.type)).toBe('[StudentRelationship]')
  })
})
