import { getOperationAST, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { readsRelationships } from '../../src/execution/reads-relationships.ts'

const ENTITIES = 'query ($r: [_Any!]!) { _entities(representations: $r) { __typename'

describe('an operation reads the relationships of every student', () => {
  it.each([
    ['{ student(id: "1") { id relationships { id } } }', true],
    ['{ student(id: "1") { id displayName } }', false],
    ['{ contacts { nodes { relationships { id } } } }', false],
    ['{ student(id: "1") { known: relationships { id } } }', true],
    [
      '{ student(id: "1") { ...A ...B } } fragment A on Student { id } fragment B on Student { relationships { id } }',
      true,
    ],
    ['{ student(id: "1") { ... { relationships { id } } name { first } } }', true],
    ['{ a: student(id: "1") { relationships { id } } b: student(id: "2") { id } }', false],
    ['{ contacts { nodes { relationships { student { relationships { id } } } } } }', true],
    ['{ student(id: "1") { relationships { student { id } } } }', false],
    [`${ENTITIES} ... on Student { relationships { id } } ... on Contact { id } } }`, true],
    [`${ENTITIES} ... on Student { id } ... on Contact { id } } }`, false],
    [`${ENTITIES} ... on Contact { id } } }`, false],
    [
      `${ENTITIES} ...S } } fragment S on Student { id ...R } fragment R on Student { relationships { id } }`,
      true,
    ],
    ['query A { student(id: "1") { relationships { id } } } query B { student(id: "1") { id } }', true, 'A'],
    ['query A { student(id: "1") { relationships { id } } } query B { student(id: "1") { id } }', false, 'B'],
  ])('%s: %s', (text, expected, name?: string) => {
    const document = parse(text)
    const operation = getOperationAST(document, name)
    expect(operation && readsRelationships(schema, document, operation)).toBe(expected)
  })

  it('is found out in time where fragments repeat each other', () => {
    const fragments = Array.from(
      { length: 60 },
      (_, n) => `fragment F${n} on Student { ...F${n + 1} ... { ...F${n + 1} } }`,
    )
    const document = parse(
      `{ student(id: "1") { ...F0 } } ${fragments.join(' ')} fragment F60 on Student { id }`,
    )
    const operation = getOperationAST(document, undefined)
    expect(operation && readsRelationships(schema, document, operation)).toBe(false)
  })
})
