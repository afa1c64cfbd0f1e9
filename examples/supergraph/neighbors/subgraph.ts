import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLFieldResolver, parse } from 'graphql'
import { createYoga } from 'graphql-yoga'

/** A subgraph of another team. Its contract is the file `neighbors/NAME.graphql`. */
export interface Subgraph {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: the parent differs from type to type.
  readonly resolvers: Readonly<Record<string, Record<string, GraphQLFieldResolver<any, unknown>>>>
}

/** The HTTP server of a subgraph. It checks no token: in production, each subgraph decides for itself who may see its data. */
export function createSubgraphServer({ name, resolvers }: Subgraph): Server {
  const typeDefs = parse(readFileSync(new URL(`${name}.graphql`, import.meta.url), 'utf8'))
  const schema = buildSubgraphSchema({ typeDefs, resolvers })
  return createServer(createYoga({ schema, logging: false, landingPage: false, graphiql: false }))
}
