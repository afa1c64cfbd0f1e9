import type { StudentContactsQuery } from './gql/graphql.ts'
import { graphql } from './gql/index.ts'

const StudentContacts = graphql(`
  query StudentContacts($id: ID!) {
    student(id: $id) {
      id
      displayName
      relationships {
        id
        relationship
        contact { id displayName }
      }
    }
  }
`)

interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
}

/** Sends the query without a client library. An answer can have data and errors, so both are returned. */
export async function studentContacts(url: string, token: string, id: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: StudentContacts, variables: { id } }),
  })
  return (await response.json()) as Answer<StudentContactsQuery>
}
