import { Client, fetchExchange, mapExchange, subscriptionExchange } from '@urql/core'
import { Answers } from '../follow/answers.ts'
import { type FollowResult, followChanges } from '../follow/follow-changes.ts'
import { createCache } from './cache.ts'

export interface ClientOptions {
  readonly url: string
  readonly token: () => string
  /** Called when changes are missing. Execute the queries of the page again, with `network-only`. */
  readonly onGap: () => void
}

export function createUrqlClient({ url, token, onGap }: ClientOptions): Client {
  const answers = new Answers()
  return new Client({
    url,
    // The default is GET, which puts the variables into the URL.
    preferGetMethod: false,
    fetchOptions: () => ({ headers: { authorization: `Bearer ${token()}` } }),
    exchanges: [
      createCache(),
      mapExchange({ onResult: (answer) => answers.add(answer) }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables = {} }) => ({
          subscribe: (sink) => ({
            unsubscribe: followChanges<FollowResult>(
              { url, token, answers, onGap },
              { query, variables },
              sink as never,
            ),
          }),
        }),
      }),
    ],
  })
}
