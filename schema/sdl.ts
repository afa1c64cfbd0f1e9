import { filterSchema, getDocumentNodeFromSchema, pruneSchema } from '@graphql-tools/utils'
import { type DocumentNode, type GraphQLSchema, print, printSchema, visit } from 'graphql'
import { withFences } from './fence.ts'

const printed = new WeakMap<GraphQLSchema, string>()

/** The subgraph as the gateway serves it to a router, and as `schema.graphql`. Printed once. */
export function printSubgraph(schema: GraphQLSchema): string {
  const sdl = printed.get(schema) ?? textOf(subgraphOf(schema))
  printed.set(schema, sdl)
  return sdl
}

/** The same for routers that enforce access by directives: `schema.fenced.graphql`. */
export function printFencedSubgraph(schema: GraphQLSchema): string {
  return textOf(withFences(subgraphOf(schema)))
}

/** The schema without the types and directives of federation, for generators of client code: `schema.client.graphql`. */
export function printClientSchema(schema: GraphQLSchema): string {
  return `${printSchema(withoutFederation(schema))}\n`
}

/** The schema for people who write queries. */
export function withoutFederation(schema: GraphQLSchema): GraphQLSchema {
  return pruneSchema(filterSchema({ schema, rootFieldFilter: (_operation, field) => !field.startsWith('_') }))
}

/** Without a description on `schema`, because some planners of routers cannot parse one. */
function subgraphOf(schema: GraphQLSchema): DocumentNode {
  return visit(getDocumentNodeFromSchema(withoutFederation(schema)), {
    SchemaDefinition: ({ description: _, ...node }) => node,
  })
}

function textOf(document: DocumentNode): string {
  return `${print(document)}\n`
}
