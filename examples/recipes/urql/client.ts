import { Client, fetchExchange, subscriptionExchange } from '@urql/core'
import { type FollowResult, followChanges } from '../follow/follow-changes.ts'
import { createCache } from './cache.ts'

export interface ClientOptions {
  readonly url: string
  readonly token: () => string
  /** Called when changes may have been missed. Execute the queries of the page again, with `network-only`. */
  readonly onGap: () => void
}

export function createUrqlClient({ url, token, onGap }: ClientOptions): Client {
  return new Client({
    url,
    // The default is GET, which puts the variables into the URL.
    preferGetMethod: false,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token()}` } }),
    exchanges: [
      createCache(),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({
            unsubscribe: followChanges<FollowResult>(
              { url, token, onGap },
              { query, variables },
              sink as never,
            ),
          }),
        }),
      }),
    ],
  })
}
