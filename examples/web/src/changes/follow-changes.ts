import type { ApolloClient } from '@apollo/client'
import { defer, map, type Observable, type ObservableInput, repeat, retry, tap, timer } from 'rxjs'
import { ContactCardFields } from '../contacts/contact-fields.ts'
import { codeOf, isSignInNeeded } from '../graphql/errors.ts'
import { graphql, type ResultOf } from '../graphql/graphql.ts'
import type { Session } from '../session/session.ts'

const ContactChanges = graphql(
  `
    subscription ContactChanges($districtId: ID!, $afterEventId: ID) {
      contactChanges(districtId: $districtId, afterEventId: $afterEventId) {
        eventId
        kind
        contactId
        changedFields
        occurredAt
        contact {
          displayName
          ...ContactCardFields
        }
      }
    }
  `,
  [ContactCardFields],
)

/** A change of one contact, as far as the viewer may see it. */
export type Change = NonNullable<ResultOf<typeof ContactChanges>['contactChanges']>

export interface FollowOptions {
  readonly client: ApolloClient
  readonly session: Session
  readonly districtId: string
  /** Called when a stream is open. */
  readonly onOpen: () => void
  /** Called when a stream has ended. Another one follows. */
  readonly onPause: () => void
  /** Called when changes may have been missed. */
  readonly onGap: () => void
}

const LOST = new Set<unknown>(['EVENTS_EXPIRED', 'EVENTS_LOST'])
const MAX_PAUSE_MS = 30_000

/**
 * The changes of a district, without end. Whenever a stream ends, the next one continues after the last event. The
 * observable fails only if the district has no events.
 */
export function followChanges(options: FollowOptions): Observable<Change> {
  const { client, session, districtId, onOpen, onPause, onGap } = options
  let afterEventId: string | undefined
  let token = session.token
  let isFirst = true

  const stream = defer(() => {
    token = session.token
    const variables = { districtId, ...(afterEventId !== undefined && { afterEventId }) }
    return client.subscribe({ query: ContactChanges, variables, context: { onOpen: afterOpen } })
  })

  function afterOpen() {
    if (!isFirst && afterEventId === undefined) onGap()
    isFirst = false
    onOpen()
  }

  function afterError(error: unknown, attempt: number): ObservableInput<unknown> {
    onPause()
    if (isSignInNeeded(error)) return session.renewalOf(token)
    if (codeOf(error) === 'EVENTS_OFF') throw error
    if (LOST.has(codeOf(error))) {
      afterEventId = undefined
      onGap()
    }
    return timer(Math.min(500 * 2 ** attempt, MAX_PAUSE_MS) * (0.5 + Math.random() / 2))
  }

  function afterEnd() {
    onPause()
    return timer(500)
  }

  return stream.pipe(
    map(({ data, error }) => {
      if (data?.contactChanges == null) throw error
      return data.contactChanges
    }),
    tap(({ eventId }) => {
      afterEventId = eventId
    }),
    retry({ delay: afterError, resetOnSuccess: true }),
    repeat({ delay: afterEnd }),
  )
}
