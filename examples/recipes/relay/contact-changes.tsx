import { useMemo } from 'react'
import { graphql, useSubscription } from 'react-relay'
import type { GraphQLSubscriptionConfig } from 'relay-runtime'
import type { contactChangesSubscription } from './__generated__/contactChangesSubscription.graphql.ts'

const subscription = graphql`
  subscription contactChangesSubscription($changedAfter: DateTime) {
    contactChanges(changedAfter: $changedAfter) {
      eventId
      kind
      contactId
      previousContactId
      changedFields
      contact {
        id
        displayName
        phone {
          e164
          national
        }
        relationships {
          id
          contactId
          studentId
          relationship
          student {
            displayName
          }
        }
      }
    }
  }
`

/** Keeps the store current while it is on the page. */
export function ContactChanges() {
  const config = useMemo(
    (): GraphQLSubscriptionConfig<contactChangesSubscription> => ({
      subscription,
      variables: {},
      updater(store, data) {
        const { kind, contactId, previousContactId, changedFields } = data?.contactChanges ?? {}
        const gone = kind === 'DELETED' ? contactId : previousContactId
        if (gone) store.delete(`Contact:${gone}`)
        // The students have lists of relationships too. The next page that shows one reads it again.
        if (kind !== 'UPDATED' || changedFields?.includes('RELATIONSHIPS') !== false) store.invalidateStore()
      },
    }),
    [],
  )
  useSubscription(config)
  return null
}
