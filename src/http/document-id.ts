import { GraphQLError } from 'graphql'

/** Where clients put the id of a document: gql.tada and the GraphQL over HTTP draft, Relay, and Apollo. */
export interface DocumentIds {
  readonly documentId?: unknown
  readonly doc_id?: unknown
  readonly extensions?: unknown
}

/** The id of the document that a request names; undefined if it names none. Throws BAD_REQUEST. */
export function documentIdOf({ documentId, doc_id, extensions }: DocumentIds): string | undefined {
  // Most requests have none of them.
  if (documentId == null && doc_id == null && extensions == null) return undefined
  const given = [documentId, doc_id, hashIn(extensions)].filter((id) => id != null && id !== '')
  const [id, ...others] = given
  if (!given.every((each) => typeof each === 'string') || others.some((other) => other !== id)) throw badId()
  return id as string | undefined
}

/** Something in the place of an id that is none, and refused. */
const NO_ID = {}

function hashIn(extensions: unknown): unknown {
  const persistedQuery = fieldOf(extensions, 'persistedQuery')
  if (persistedQuery == null) return undefined
  return fieldOf(persistedQuery, 'sha256Hash') ?? NO_ID
}

function fieldOf(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return undefined
  return (json as Record<string, unknown>)[name]
}

function badId(): GraphQLError {
  return new GraphQLError(
    'The id of a document must be a text: send one of `documentId`, `doc_id` and `extensions.persistedQuery.sha256Hash`.',
    { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } },
  )
}
