import { readFileSync } from 'node:fs'
import type { ExecutionRequest, ExecutionResult } from '@graphql-tools/utils'
import { buildASTSchema, execute, parse } from 'graphql'

export type Executor = (request: ExecutionRequest) => Promise<ExecutionResult>

/** Another team's subgraph, run in process. */
export interface Neighbor {
  readonly name: string
  readonly sdl: string
  readonly executor: Executor
}

export interface Answers {
  readonly query?: Readonly<Record<string, () => unknown>>
  /** By type: the fields that the neighbor adds to the entity with this id. */
  readonly entities?: Readonly<Record<string, (id: string) => object>>
}

export type NeighborName = 'attendance' | 'campus' | 'messaging' | 'transport'

interface Representation {
  readonly __typename: string
  readonly id: string
}

export function createNeighbor(name: NeighborName, { query = {}, entities = {} }: Answers): Neighbor {
  const sdl = readNeighbor(name)
  const schema = buildASTSchema(parse(sdl + entitiesField(Object.keys(entities))), { assumeValidSDL: true })
  const rootValue = {
    ...query,
    _entities: ({ representations }: { representations: readonly Representation[] }) =>
      representations.map(({ __typename, id }) => ({ __typename, id, ...entities[__typename]?.(id) })),
  }
  return {
    name,
    sdl,
    executor: async ({ document, variables }) =>
      execute({ schema, document, rootValue, variableValues: variables }),
  }
}

/** The subgraphs of the example are those of the tests and of the docs. */
const EXAMPLE = new URL('../../../examples/supergraph/neighbors/', import.meta.url)

export function readNeighbor(name: NeighborName): string {
  const folder = name === 'campus' ? import.meta.url : EXAMPLE
  return readFileSync(new URL(`${name}.graphql`, folder), 'utf8')
}

function entitiesField(types: readonly string[]): string {
  if (types.length === 0) return ''
  return `
    scalar _Any
    union _Entity = ${types.join(' | ')}
    extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
  `
}
