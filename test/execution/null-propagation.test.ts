import { buildSchema, type GraphQLSchema } from 'graphql'
import { describe, expect, it } from 'vitest'
import { Operations } from '../../src/execution/operations.ts'

/** A union of two types whose fields differ in nullability, as `_Entity` is. */
function unionSchema(): GraphQLSchema {
  const schema = buildSchema(`
    union Entity = Open | Strict
    type Open { kind: String name: String list: [String!] }
    type Strict { kind: String name: String! list: [String!]! self: Strict! }
    type Query { nullable: [Entity]! items: [Entity!] strict: [Entity!]! one: Entity only: Entity! }
  `)
  const strict = {
    kind: 'Strict',
    name: null,
    list: ['a', null],
    self: { kind: 'Strict', name: null, list: ['a'] },
  }
  const good = { ...strict, name: 'x', list: ['a'] }
  const open = { kind: 'Open', name: null, list: ['a', null] }
  const values: Record<string, unknown> = {
    nullable: [open, strict, good, null, new Error('failed')],
    items: [open, strict],
    strict: [good, strict],
    one: strict,
    only: strict,
  }
  const entity = schema.getType('Entity')
  if (entity !== undefined && 'resolveType' in entity)
    entity.resolveType = (value: { kind: string }) => value.kind
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {}))
    field.resolve = () => values[field.name]
  return schema
}

describe('null goes up as far in a compiled operation as in an interpreted one', () => {
  const ways = (['ALWAYS', 'NEVER'] as const).map((way) => new Operations(unionSchema(), way))
  const run = (query: string) =>
    ways.map((operations) => {
      const operation = operations.prepare(query, undefined)
      if ('errors' in operation) throw operation.errors[0]
      const { data, errors = [] } = operation.run(false)({} as never, {})
      return {
        data: JSON.stringify(data),
        errors: errors
          .map(({ message, path, locations }) => JSON.stringify({ message, path, locations }))
          .sort(),
      }
    })

  const SELECTIONS = [
    '... on Strict { name } ... on Open { name }',
    '... on Open { openName: name list } ... on Strict { strictName: name }',
    '... on Strict { list }',
    '... on Open { list } ... on Strict { strict: list }',
    '... on Strict { kind self { name } }',
    '__typename ... on Open { kind } ... on Strict { kind }',
  ]
  it.each(
    ['nullable', 'items', 'strict', 'one', 'only'].flatMap((field) =>
      SELECTIONS.map((each) => [field, each] as const),
    ),
  )('%s { %s }', (field, selection) => {
    if (/name.*name/.test(selection) && !selection.includes(':')) return
    const [compiledResult, interpretedResult] = run(`{ ${field} { ${selection} } other: one { __typename } }`)
    expect(compiledResult).toEqual(interpretedResult)
  })
})
