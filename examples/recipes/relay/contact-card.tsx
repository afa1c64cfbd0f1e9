import { graphql, useLazyLoadQuery } from 'react-relay'
import type { contactCardQuery } from './__generated__/contactCardQuery.graphql.ts'

/** A contact, read by `Query.contact`, because there is no `Query.node` that a refetch could use. */
export function ContactCard({ id }: { readonly id: string }) {
  const { contact } = useLazyLoadQuery<contactCardQuery>(
    graphql`
      query contactCardQuery($id: ID!) {
        contact(id: $id) {
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
    `,
    { id },
  )
  return (
    <article>
      <h2>{contact?.displayName}</h2>
      <p>{contact?.phone?.national}</p>
      <ul>
        {contact?.relationships?.map(
          (entry) =>
            entry && (
              <li key={entry.id}>
                {entry.relationship} of {entry.student?.displayName}
              </li>
            ),
        )}
      </ul>
    </article>
  )
}
