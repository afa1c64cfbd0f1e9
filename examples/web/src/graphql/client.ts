import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import type { Session } from '../session/session.ts'
import { eventStreamLink } from './event-stream-link.ts'
import { freshnessLink } from './freshness-link.ts'
import { GATEWAY_URL } from './gateway-url.ts'
import { sessionLink } from './session-link.ts'

/** A client for one person. Another person gets another client, so that no one sees what is cached for others. */
export function createClient(session: Session): ApolloClient {
  const http = ApolloLink.from([freshnessLink, sessionLink(session), new HttpLink({ uri: GATEWAY_URL })])
  return new ApolloClient({
    cache: createCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      eventStreamLink(session),
      http,
    ),
  })
}

/** Ids are unique in a district. The pages of a list are one list for each filter and order. */
function createCache(): InMemoryCache {
  const keyFields = ['districtId', 'id']
  return new InMemoryCache({
    typePolicies: {
      Contact: { keyFields },
      Student: { keyFields },
      StudentRelationship: { keyFields },
      Query: {
        fields: { contacts: relayStylePagination(['districtId', 'filter', 'orderBy']) },
      },
    },
  })
}
