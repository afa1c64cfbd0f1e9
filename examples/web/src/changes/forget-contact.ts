import type { ApolloCache, Reference } from '@apollo/client'
import { graphql } from '../graphql/graphql.ts'

const Name = graphql(`
  fragment Name on Contact {
    displayName
  }
`)

/** A list as `relayStylePagination` keeps it. */
interface KeptList {
  readonly edges: readonly { readonly node: Reference }[]
  readonly totalCount: number | null
}

/** Removes a contact from the cache, and so from every list on the page. Returns its name. */
export function forgetContact(cache: ApolloCache, districtId: string, contactId: string): string | undefined {
  const id = cache.identify({ __typename: 'Contact', districtId, id: contactId })
  if (id === undefined) return undefined
  const name = cache.readFragment({ fragment: Name, id })?.displayName
  cache.modify<{ contacts: KeptList }>({
    fields: { contacts: (list) => countedWithout(list as KeptList, id) },
  })
  cache.evict({ id })
  cache.gc()
  return name ?? undefined
}

function countedWithout(list: KeptList, id: string): KeptList {
  const hasContact = list.edges.some(({ node }) => node.__ref === id)
  return hasContact && list.totalCount !== null ? { ...list, totalCount: list.totalCount - 1 } : list
}
