import { ApolloLink } from '@apollo/client'
import { print } from 'graphql'
import { createClient } from 'graphql-sse'
import { Observable } from 'rxjs'
import type { Session } from '../session/session.ts'
import { GATEWAY_URL } from './gateway-url.ts'

declare module '@apollo/client' {
  interface DefaultContext {
    /** Called when the event stream of a subscription is open. */
    onOpen?: () => void
  }
}

/**
 * Sends subscriptions over Server-Sent Events. It never tries again by itself: only `followChanges` knows after which
 * event a new stream begins.
 */
export function eventStreamLink(session: Session): ApolloLink {
  const client = createClient({ url: GATEWAY_URL, headers: () => session.headers, retryAttempts: 0 })
  return new ApolloLink(({ query, variables, getContext }) => {
    const request = { query: print(query), variables }
    const connected = () => getContext().onOpen?.()
    return new Observable((observer) => {
      const next = (result: unknown) => observer.next(result as ApolloLink.Result)
      const error = (reason: unknown) => observer.error(reason)
      return client.subscribe(request, { next, error, complete: () => observer.complete() }, { connected })
    })
  })
}
