import type { ObservableQuery } from '@apollo/client'
import type { ResultOf, VariablesOf } from 'gql.tada'
import type { ContactList } from '../documents/documents.ts'

type List = ObservableQuery<ResultOf<typeof ContactList>, VariablesOf<typeof ContactList>>

/** Adds all further pages to the list. The list shows a page a moment after `fetchMore` has returned it. */
export async function loadAll(list: List): Promise<void> {
  let pageInfo = list.getCurrentResult().data?.contacts?.pageInfo
  while (pageInfo?.hasNextPage) {
    const { data } = await list.fetchMore({ variables: { after: pageInfo.endCursor ?? null } })
    pageInfo = data?.contacts?.pageInfo
  }
}
