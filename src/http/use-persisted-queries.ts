import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/**
 * Answers a query that is sent as a hash alone (Apollo's automatic persisted queries): none is kept here. Message, code and
 * status are those of Apollo Server, by which clients send the query itself and then stop sending hashes.
 */
export function usePersistedQueries(): Plugin {
  return {
    onParams({ params: { query, extensions } }) {
      if (query || !extensions?.persistedQuery) return
      throw new GraphQLError('PersistedQueryNotSupported', {
        extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { status: 200 } },
      })
    },
  }
}
