import { useApolloClient } from '@apollo/client/react'
import { useEffect, useReducer } from 'react'
import type { Session } from '../session/session.ts'
import { type Change, followChanges } from './follow-changes.ts'
import { forgetContact } from './forget-contact.ts'

/** A change, with the name of a contact that is gone. */
export type NamedChange = Change & { readonly nameBefore: string | undefined }

export interface LiveChanges {
  readonly connection: 'connecting' | 'live' | 'off'
  /** The latest changes, the newest first. */
  readonly changes: readonly NamedChange[]
  /** Whether the list of contacts may have other records, or another order, than the one on the page. */
  readonly isListOld: boolean
}

type Action = LiveChanges['connection'] | NamedChange | 'gap' | 'list is new'

const MAX_CHANGES = 20
const NOTHING_YET: LiveChanges = { connection: 'connecting', changes: [], isListOld: false }

/** Follows the changes of a district while the page is open. The cache takes the new values of each contact. */
export function useLiveChanges(session: Session, districtId: string) {
  const client = useApolloClient()
  const [state, dispatch] = useReducer(next, NOTHING_YET)

  useEffect(() => {
    const following = followChanges({
      client,
      session,
      districtId,
      onOpen: () => dispatch('live'),
      onPause: () => dispatch('connecting'),
      onGap: () => dispatch('gap'),
    }).subscribe({
      next(change) {
        const isGone = change.kind === 'DELETED'
        const nameBefore = isGone ? forgetContact(client.cache, districtId, change.contactId) : undefined
        dispatch({ ...change, nameBefore })
      },
      error: () => dispatch('off'),
    })
    return () => following.unsubscribe()
  }, [client, session, districtId])

  return { ...state, onListRead: () => dispatch('list is new') }
}

function next(state: LiveChanges, action: Action): LiveChanges {
  if (action === 'gap') return { ...state, isListOld: true }
  if (action === 'list is new') return { ...state, isListOld: false }
  if (typeof action === 'string') return { ...state, connection: action }
  return {
    ...state,
    changes: [action, ...state.changes].slice(0, MAX_CHANGES),
    isListOld: state.isListOld || movesInList(action),
  }
}

/** A deleted contact leaves the list by itself. */
function movesInList({ kind, changedFields }: Change): boolean {
  if (kind === 'UPDATED') return changedFields === null || changedFields.includes('NAME')
  return kind !== 'DELETED'
}
