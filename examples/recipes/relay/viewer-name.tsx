import { graphql, useLazyLoadQuery } from 'react-relay'
import type { viewerNameQuery } from './__generated__/viewerNameQuery.graphql.ts'

/** The person who is signed in, with the own contact records. */
export function ViewerName() {
  const { contactsViewer } = useLazyLoadQuery<viewerNameQuery>(
    graphql`
      query viewerNameQuery {
        contactsViewer {
          kind
          displayName
          contacts {
            id
            displayName
          }
        }
      }
    `,
    {},
  )
  return <p>{contactsViewer?.displayName}</p>
}
