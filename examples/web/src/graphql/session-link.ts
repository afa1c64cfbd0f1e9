import { ApolloLink } from '@apollo/client'
import { catchError, from, mergeMap, type Observable } from 'rxjs'
import type { Session } from '../session/session.ts'
import { isSignInNeeded } from './errors.ts'

/** Sends each request with the token of the session. If the token has expired, it waits for another and sends it again. */
export function sessionLink(session: Session): ApolloLink {
  return new ApolloLink((operation, forward) => {
    function attempt(): Observable<ApolloLink.Result> {
      const { token, headers } = session
      operation.setContext({ headers })
      return forward(operation).pipe(
        catchError((error) => {
          if (!isSignInNeeded(error)) throw error
          return from(session.renewalOf(token)).pipe(mergeMap(attempt))
        }),
      )
    }
    return attempt()
  })
}
