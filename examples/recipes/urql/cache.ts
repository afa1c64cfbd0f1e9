import type { Exchange } from '@urql/core'
import { type Cache, cacheExchange, type KeyingConfig } from '@urql/exchange-graphcache'
import { relayPagination } from '@urql/exchange-graphcache/extras'

const inside = () => null

/** The types without an id. `inside` keeps an object in the object that has it. */
export const keys: KeyingConfig = {
  ContactChange: ({ eventId }) => String(eventId),
  CleverLegacyId: ({ currentId }) => String(currentId),
  NameDetails: inside,
  EmailDetails: inside,
  PhoneDetails: inside,
  ContactIdentity: inside,
  ContactDataWarning: inside,
  ContactAccess: inside,
  ContactReport: inside,
  ContactWarningCount: inside,
  ContactMissingFieldCount: inside,
  DistrictSisNote: inside,
  // Its id is that of a contact or another user, or null.
  ContactsViewer: inside,
  ContactsViewerStudent: inside,
}

export function createCache(): Exchange {
  return cacheExchange({
    keys,
    resolvers: {
      Query: { contacts: relayPagination(), students: relayPagination(), cleverLegacyIds: relayPagination() },
    },
    updates: {
      Subscription: {
        contactChanges: ({ contactChanges }, _args, cache) =>
          forgetOutdated(cache, contactChanges as Change | null),
      },
    },
  })
}

interface Change {
  readonly kind: string
  readonly contactId: string
  readonly previousContactId: string | null
  readonly changedFields: readonly string[] | null
}

/** Removes from the cache what a change has made untrue. Active queries that need it read it again. */
function forgetOutdated(cache: Cache, change: Change | null): void {
  if (change === null) return
  const { kind, contactId, previousContactId, changedFields } = change
  const gone = kind === 'DELETED' ? contactId : previousContactId
  if (gone !== null) {
    removeFromLists(cache, `Contact:${gone}`)
    cache.invalidate(`Contact:${gone}`)
  }
  // Null means that the changed fields are not known.
  if (kind === 'UPDATED' && changedFields?.includes('RELATIONSHIPS') === false) return
  for (const { fieldName, fieldKey } of cache.inspectFields('Query'))
    if (fieldName === 'student' || fieldName === 'students') cache.invalidate('Query', fieldKey)
}

function removeFromLists(cache: Cache, contact: string): void {
  for (const { fieldName, fieldKey } of cache.inspectFields('Query')) {
    const list = fieldName === 'contacts' && (cache.resolve('Query', fieldKey) as string | null)
    if (!list) continue
    const edges = (cache.resolve(list, 'edges') ?? []) as string[]
    cache.link(
      list,
      'edges',
      edges.filter((edge) => cache.resolve(edge, 'node') !== contact),
    )
  }
}
