import { filterSchema, printSchemaWithDirectives, pruneSchema } from '@graphql-tools/utils'
import type { GraphQLSchema } from 'graphql'

const printed = new WeakMap<GraphQLSchema, string>()

/** The schema as other teams see it: without the machinery that every subgraph has. Printed once. */
export function printSdl(schema: GraphQLSchema): string {
  const sdl = printed.get(schema) ?? print(schema)
  printed.set(schema, sdl)
  return sdl
}

function print(schema: GraphQLSchema): string {
  const own = filterSchema({ schema, rootFieldFilter: (_operation, field) => !field.startsWith('_') })
  return `${printSchemaWithDirectives(pruneSchema(own))}\n`
}
