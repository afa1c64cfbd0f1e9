import { filterSchema, printSchemaWithDirectives, pruneSchema } from '@graphql-tools/utils'
import type { GraphQLSchema } from 'graphql'

/** The schema as other teams see it: without the machinery that every subgraph has. */
export function printSdl(schema: GraphQLSchema): string {
  const own = filterSchema({ schema, rootFieldFilter: (_operation, field) => !field.startsWith('_') })
  return `${printSchemaWithDirectives(pruneSchema(own))}\n`
}
