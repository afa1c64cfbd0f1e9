import { ApolloLink, makeVar } from '@apollo/client'
import { map } from 'rxjs'

/** Whether the last answer has old data, because Clever cannot be reached. */
export const isStale = makeVar(false)

export const freshnessLink = new ApolloLink((operation, forward) =>
  forward(operation).pipe(
    map((result) => {
      const { freshness } = (result.extensions ?? {}) as { freshness?: { isStale: boolean } }
      if (freshness !== undefined) isStale(freshness.isStale)
      return result
    }),
  ),
)
