import { graphql, useLazyLoadQuery, usePaginationFragment } from 'react-relay'
import type { contactList_query$key } from './__generated__/contactList_query.graphql.ts'
import type { contactListPageQuery } from './__generated__/contactListPageQuery.graphql.ts'
import type { contactListQuery } from './__generated__/contactListQuery.graphql.ts'

/** All contacts, a page more with each click. */
export function ContactList() {
  const query = useLazyLoadQuery<contactListQuery>(
    graphql`
      query contactListQuery {
        ...contactList_query
      }
    `,
    {},
  )
  return <Pages query={query} />
}

function Pages({ query }: { readonly query: contactList_query$key }) {
  const { data, hasNext, isLoadingNext, loadNext } = usePaginationFragment<
    contactListPageQuery,
    contactList_query$key
  >(
    graphql`
      fragment contactList_query on Query
      @refetchable(queryName: "contactListPageQuery")
      @argumentDefinitions(first: { type: "Int", defaultValue: 50 }, after: { type: "String" }) {
        contacts(first: $first, after: $after) @connection(key: "contactList_contacts") {
          edges {
            node {
              id
              displayName
            }
          }
        }
      }
    `,
    query,
  )
  return (
    <>
      <ol>
        {data.contacts?.edges.map(
          (edge) => edge?.node && <li key={edge.node.id}>{edge.node.displayName}</li>,
        )}
      </ol>
      <button type="button" disabled={!hasNext || isLoadingNext} onClick={() => loadNext(50)}>
        More
      </button>
    </>
  )
}
