import { type ApolloCache, InMemoryCache } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'

export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Query: {
        fields: {
          // The arguments that make another list. Without them, lists of different filters become one.
          contacts: relayStylePagination(['filter', 'orderBy', 'districtId']),
          students: relayStylePagination(['filter', 'orderBy', 'districtId']),
          cleverLegacyIds: relayStylePagination(['role', 'districtId']),
        },
      },
      // One for each token. Its id is that of a contact or another user, or null.
      ContactsViewer: { keyFields: [] },
      ContactChange: { keyFields: ['eventId'] },
      // A shorter list replaces a longer one, without a warning.
      Contact: { fields: { relationships: { merge: false }, dataWarnings: { merge: false } } },
      Student: { fields: { relationships: { merge: false } } },
    },
  })
}

/** With several districts: each query must select `districtId` beside `id`. */
export const keysOfSeveralDistricts = {
  Contact: { keyFields: ['districtId', 'id'] },
  Student: { keyFields: ['districtId', 'id'] },
  StudentRelationship: { keyFields: ['districtId', 'id'] },
} as const

interface Change {
  readonly kind: string
  readonly contactId: string
  readonly previousContactId: string | null
  readonly changedFields: readonly string[] | null
  readonly contact: {
    readonly relationships: readonly ({ readonly studentId: string | null } | null)[] | null
  } | null
}

/**
 * Removes from the cache what a change has made untrue. Call it before the cache gets the change. Active
 * queries that need what was removed read it again.
 */
export function forgetOutdated(cache: ApolloCache, change: Change): void {
  const { kind, contactId, previousContactId, changedFields, contact } = change
  const gone = kind === 'DELETED' ? contactId : previousContactId
  if (gone !== null) cache.evict({ id: `Contact:${gone}` })
  // Null means that the changed fields are not known.
  if (kind !== 'UPDATED' || (changedFields?.includes('RELATIONSHIPS') ?? true)) {
    const students = new Set(contact?.relationships?.map((entry) => entry?.studentId))
    for (const [id, record] of Object.entries(cache.extract() as Record<string, Record<string, unknown>>)) {
      if (
        record.__typename !== 'StudentRelationship' ||
        ![contactId, gone].includes(record.contactId as string)
      )
        continue
      students.add(record.studentId as string)
      cache.evict({ id })
    }
    for (const student of students) cache.evict({ id: `Student:${student}`, fieldName: 'relationships' })
  }
}
