import { initGraphQLTada } from 'gql.tada'
import type { introspection } from './schema.d.ts'

/** Parses a document. Its types come from the schema of the gateway, without generated code. */
export const graphql = initGraphQLTada<{
  introspection: introspection
  scalars: { DateTime: string }
}>()

export { type FragmentOf, type ResultOf, readFragment } from 'gql.tada'
