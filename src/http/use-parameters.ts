import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'

/**
 * The parameters beside a query. An empty operation name counts as none. A hash without a query (Apollo's
 * automatic persisted queries) is refused, as no query is kept here: message, code and status are those of
 * Apollo Server, by which clients send the query itself and then stop sending hashes.
 */
export function useParameters(): Plugin {
  return {
    onParams({ params, setParams }) {
      const { query, operationName, extensions } = params
      checkTypes(params)
      if (operationName === '') {
        const { operationName: _none, ...others } = params
        setParams(others)
      }
      if (query || !extensions?.persistedQuery) return
      throw new GraphQLError('PersistedQueryNotSupported', {
        extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { status: 200 } },
      })
    },
  }
}

/** Yoga leaves the types of the parameters to the libraries that execute, and those are not used. */
function checkTypes({ query, operationName, variables, extensions }: GraphQLParams) {
  const isWrong =
    (query != null && typeof query !== 'string') ||
    (operationName != null && typeof operationName !== 'string') ||
    !isObjectOrMissing(variables) ||
    !isObjectOrMissing(extensions)
  if (!isWrong) return
  const message =
    'Send `query` and `operationName` as strings, and `variables` and `extensions` as objects, in JSON.'
  throw new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
}

function isObjectOrMissing(value: unknown): boolean {
  return value == null || (typeof value === 'object' && !Array.isArray(value))
}
