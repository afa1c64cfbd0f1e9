import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * What clients send beside a query. An empty name of an operation counts as none. A hash without a query (Apollo's
 * automatic persisted queries) is refused, as no query is kept here: message, code and status are those of Apollo Server,
 * by which clients send the query itself and then stop sending hashes.
 */
export function useParameters(): Plugin {
  return {
    onParams({ params, setParams }) {
      const { query, operationName, extensions } = params
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
