import { GraphQLSchema } from 'graphql'

/** The versions of Apollo Federation that the contract can name. The directives that it uses are the same in all of them. */
export const FEDERATION_VERSIONS = [
  '2.0',
  '2.1',
  '2.2',
  '2.3',
  '2.4',
  '2.5',
  '2.6',
  '2.7',
  '2.8',
  '2.9',
] as const
export type FederationVersion = (typeof FEDERATION_VERSIONS)[number]

export const DEFAULT_FEDERATION_VERSION: FederationVersion = '2.5'
/** The first version with `@authenticated` and `@requiresScopes`. */
const FIRST_WITH_FENCES: FederationVersion = '2.5'

interface Link {
  readonly url: string
  readonly import: readonly string[]
}

/** The subgraph specification of Apollo Federation v2. Source: apollographql.com/docs/federation/subgraph-spec. */
export function federationLink(version: FederationVersion) {
  return {
    url: `https://specs.apollo.dev/federation/v${version}`,
    import: ['@key', '@shareable', '@tag'],
  } satisfies Link
}

/** The same schema, whose printed forms name this version. */
export function withFederationVersion(schema: GraphQLSchema, version: FederationVersion): GraphQLSchema {
  // The syntax tree of the schema would link the version of the builder too.
  const { extensions, extensionASTNodes: _ofBuilder, ...config } = schema.toConfig()
  const directives = { ...(extensions.directives as object | undefined), link: [federationLink(version)] }
  return new GraphQLSchema({ ...config, extensionASTNodes: [], extensions: { ...extensions, directives } })
}

/** The version itself, or the first one that has the directives of the fenced contract. */
export function versionWithFences(version: FederationVersion): FederationVersion {
  return FEDERATION_VERSIONS.indexOf(version) < FEDERATION_VERSIONS.indexOf(FIRST_WITH_FENCES)
    ? FIRST_WITH_FENCES
    : version
}
