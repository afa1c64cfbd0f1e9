import type { ResultOf } from 'gql.tada'
import { graphql } from '../gql-tada/graphql.ts'

/** All fields of a contact that the page shows. Queries and the subscription share it: see "One fragment". */
export const ContactFields = graphql(`
  fragment ContactFields on Contact @_unmask {
    id
    displayName
    phone { national e164 }
    relationships {
      id
      contactId
      studentId
      relationship
      student { id displayName }
    }
  }
`)

export const ContactCard = graphql(
  `
    query ContactCard($id: ID!) {
      contact(id: $id) { ...ContactFields }
    }
  `,
  [ContactFields],
)

export const ContactList = graphql(`
  query ContactList($first: Int!, $after: String, $filter: ContactFilter, $orderBy: ContactOrder) {
    contacts(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges { cursor node { id displayName } }
    }
  }
`)

export const StudentCard = graphql(`
  query StudentCard($id: ID!) {
    student(id: $id) {
      id
      displayName
      relationships {
        id
        contactId
        studentId
        relationship
        contact { id displayName }
      }
    }
  }
`)

export const ContactChanges = graphql(
  `
    subscription ContactChanges($changedAfter: DateTime) {
      contactChanges(changedAfter: $changedAfter) {
        eventId
        kind
        contactId
        previousContactId
        changedFields
        contact { ...ContactFields }
      }
    }
  `,
  [ContactFields],
)

export type ContactChangesData = ResultOf<typeof ContactChanges>
