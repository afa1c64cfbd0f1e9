import { useApolloClient, useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from '../graphql/graphql.ts'
import { Problem } from '../problem.tsx'
import { ContactRowFields } from './contact-fields.ts'
import { ContactRow } from './contact-row.tsx'
import { ListControls, type Order } from './list-controls.tsx'
import { MoreButton } from './more-button.tsx'
import { useDelayed } from './use-delayed.ts'

const Contacts = graphql(
  `
    query Contacts($districtId: ID!, $search: String, $order: ContactOrder!, $after: String) {
      contacts(
        districtId: $districtId
        filter: { search: $search }
        orderBy: $order
        first: 25
        after: $after
      ) {
        totalCount
        edges {
          cursor
          node {
            ...ContactRowFields
          }
        }
        pageInfo {
          endCursor
          hasNextPage
        }
      }
    }
  `,
  [ContactRowFields],
)

interface ContactListProps {
  readonly districtId: string
  readonly openId: string | undefined
  /** Whether the district has changed since the list was read. */
  readonly isOld: boolean
  readonly onRead: () => void
}

export function ContactList({ districtId, openId, isOld, onRead }: ContactListProps) {
  const client = useApolloClient()
  const [search, setSearch] = useState('')
  const [order, setOrder] = useState<Order>('NAME_ASC')
  const variables = { districtId, search: useDelayed(search.trim(), 250), order }
  const { data, previousData, loading, error, refetch, fetchMore } = useQuery(Contacts, {
    variables,
    errorPolicy: 'all',
  })
  const list = (loading ? (data ?? previousData) : data)?.contacts
  const contacts = list?.edges.flatMap((edge) => edge?.node ?? []) ?? []
  const after = list?.pageInfo.endCursor

  async function readAgain() {
    onRead()
    await client.refetchQueries({ include: 'active' })
  }

  return (
    <section className="list" aria-labelledby="list" aria-busy={loading}>
      <h2 id="list" className="hidden">
        List of contacts
      </h2>
      <ListControls search={search} onSearch={setSearch} order={order} onOrder={setOrder} />
      <p role="status" className="quiet">
        {list && countText(contacts.length, list.totalCount)}
        {!list && loading && 'Loading …'}
        {!list && !loading && !error && 'No contacts'}
      </p>
      {isOld && (
        <button type="button" className="notice" onClick={readAgain}>
          The list may have changed. Show the new list
        </button>
      )}
      <Problem error={error} onRetry={refetch} />
      <ul className="contacts">
        {contacts.map((contact) => (
          <ContactRow key={contact.id} contact={contact} isOpen={contact.id === openId} />
        ))}
      </ul>
      {list?.pageInfo.hasNextPage && after && (
        <MoreButton after={after} onMore={() => fetchMore({ variables: { after } })} />
      )}
    </section>
  )
}

function countText(shown: number, total: number | null): string {
  if (shown === 0) return 'No contacts'
  if (total === null) return `${shown} contacts`
  return `${shown} of ${total} ${total === 1 ? 'contact' : 'contacts'}`
}
