import { ApolloClient, ApolloLink, HttpLink, Observable } from '@apollo/client'
import { SetContextLink } from '@apollo/client/link/context'
import { OperationTypeNode, print } from 'graphql'
import { tap } from 'rxjs'
import type { ContactChangesData } from '../documents/documents.ts'
import { Answers } from '../follow/answers.ts'
import { followChanges } from '../follow/follow-changes.ts'
import { createCache, forgetOutdated } from './cache.ts'

declare module '@apollo/client' {
  namespace ApolloClient.DeclareDefaultOptions {
    interface Query {
      errorPolicy: 'all'
    }
    interface WatchQuery {
      errorPolicy: 'all'
    }
  }
}

export interface ClientOptions {
  readonly url: string
  /** Called for each request, because a token expires. */
  readonly token: () => string | Promise<string>
}

export function createApolloClient({ url, token }: ClientOptions): ApolloClient {
  const cache = createCache()
  const withToken = new SetContextLink(async () => ({
    headers: { authorization: `Bearer ${await token()}` },
  }))
  const answers = new Answers()
  const noted = new ApolloLink((operation, forward) =>
    forward(operation).pipe(tap((answer) => answers.add(answer))),
  )
  const changes = new ApolloLink(
    ({ query, variables }) =>
      new Observable((observer) =>
        followChanges<ApolloLink.Result<ContactChangesData>>(
          { url, token, answers, onGap: () => void client.refetchQueries({ include: 'active' }) },
          { query: print(query), variables },
          {
            next(result) {
              if (result.data?.contactChanges) forgetOutdated(cache, result.data.contactChanges)
              observer.next(result)
            },
            error: (error) => observer.error(error),
          },
        ),
      ),
  )
  const client = new ApolloClient({
    cache,
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      changes,
      ApolloLink.from([withToken, noted, new HttpLink({ uri: url })]),
    ),
    // An answer can have data and errors.
    defaultOptions: { query: { errorPolicy: 'all' }, watchQuery: { errorPolicy: 'all' } },
  })
  return client
}
