import { ApolloClient, HttpLink, InMemoryCache, type ObservableQuery } from '@apollo/client'
import { relayStylePagination } from '@apollo/client/utilities'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ContactCard, ContactChanges, ContactList, StudentCard } from '../documents/documents.ts'
import { graphql } from '../gql-tada/graphql.ts'
import { AARON, CONTACT_COUNT, type Gateway, JONAH, startGateway } from '../support/gateway.ts'
import { keysOfSeveralDistricts } from './cache.ts'
import { createApolloClient } from './client.ts'
import { loadAll } from './load-all.ts'

const soon = { timeout: 60_000, interval: 50 }
let gateway: Gateway
let client: ApolloClient

beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => {
  client = createApolloClient({ url: gateway.url, token: () => gateway.token })
})
afterEach(() => client.stop())
afterAll(() => gateway[Symbol.asyncDispose]())

/** Keeps the query active, as a component does. */
async function open<Query extends Pick<ObservableQuery, 'subscribe' | 'getCurrentResult'>>(
  query: Query,
): Promise<Query> {
  query.subscribe(() => {})
  await vi.waitFor(() => expect(query.getCurrentResult().loading).toBe(false), soon)
  return query
}

describe('a list', () => {
  const idsOf = (list: Awaited<ReturnType<typeof openAll>>): string[] =>
    (list.getCurrentResult().data?.contacts?.edges ?? []).map((edge) => edge?.node?.id ?? '')

  async function openAll(variables: object) {
    const list = await open(client.watchQuery({ query: ContactList, variables: { first: 50, ...variables } }))
    await loadAll(list)
    await vi.waitFor(() => expect(idsOf(list)).toHaveLength(CONTACT_COUNT), soon)
    return list
  }

  it('has all contacts after the last page, with no duplicates and none missing', async () => {
    expect(idsOf(await openAll({}))).toEqual(await gateway.contactIds())
    expect(new Set(await gateway.contactIds()).size).toBe(CONTACT_COUNT)
  })

  it('has all contacts in another order too, as a list of its own', async () => {
    const byId = await openAll({})
    const byName = await openAll({ orderBy: 'NAME_ASC' })
    expect(idsOf(byName)).not.toEqual(idsOf(byId))
    expect(idsOf(byName).toSorted()).toEqual(idsOf(byId).toSorted())
    expect(idsOf(byId)).toEqual(await gateway.contactIds())
  })

  it('is mixed with lists of other filters if the policy does not name the filter', async () => {
    const mixing = new ApolloClient({
      defaultOptions: { query: { errorPolicy: 'all' }, watchQuery: { errorPolicy: 'all' } },
      cache: new InMemoryCache({ typePolicies: { Query: { fields: { contacts: relayStylePagination() } } } }),
      link: new HttpLink({ uri: gateway.url, headers: { authorization: `Bearer ${gateway.token}` } }),
    })
    const variables = { first: 100 }
    await mixing.query({ query: ContactList, variables })
    const found = { ...variables, filter: { search: 'aaron collins' } }
    const { data } = await mixing.query({ query: ContactList, variables: found })
    // The cache answers with the list of all contacts.
    expect(data?.contacts?.edges).toHaveLength(100)
  })

  it('shows only the last page of `nodes`, so select `edges`', async () => {
    const query = graphql(`
      query Nodes($after: String) {
        contacts(first: 50, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } }
      }
    `)
    const list = await open(client.watchQuery({ query, variables: {} }))
    const after = list.getCurrentResult().data?.contacts?.pageInfo?.endCursor ?? ''
    await list.fetchMore({ variables: { after } })
    const { contacts } = client.readQuery({ query, variables: {} }) ?? expect.unreachable()
    expect(contacts?.nodes).toHaveLength(50)
    expect(contacts?.nodes[0]?.id).toBe((await gateway.contactIds())[50])
  })
})

describe('a change', () => {
  async function follow() {
    const kinds: string[] = []
    const subscription = client
      .subscribe({ query: ContactChanges })
      .subscribe(({ data }) => kinds.push(data?.contactChanges?.kind ?? expect.unreachable()))
    await vi.waitFor(async () => expect(await gateway.openStreams()).toBe(1), soon)
    return { kinds, [Symbol.dispose]: () => subscription.unsubscribe() }
  }
  afterEach(() => vi.waitFor(async () => expect(await gateway.openStreams()).toBe(0), soon))

  it('of a phone shows on the card, from the cache alone', async () => {
    const card = await open(client.watchQuery({ query: ContactCard, variables: { id: AARON } }))
    const phone = () => card.getCurrentResult().data?.contact?.phone
    const before = phone()
    using _changes = await follow()
    await gateway.act('change-contacts', { share: 1 })
    await gateway.act('sync')
    await vi.waitFor(() => expect(phone()?.e164).not.toBe(before?.e164), soon)
    const now = await gateway.ask(`{ contact(id: "${AARON}") { phone { e164 national } } }`)
    expect(phone()).toMatchObject(now.contact.phone)
  })

  it('between the answer and the subscription shows too', async () => {
    const [, id = ''] = await gateway.contactIds()
    const card = await open(client.watchQuery({ query: ContactCard, variables: { id } }))
    const count = () => card.getCurrentResult().data?.contact?.relationships?.length ?? 0
    const before = count()
    const studentId = card.getCurrentResult().data?.contact?.relationships?.[0]?.studentId ?? ''
    await gateway.act('add-relationship', { contactId: id, studentId, relationship: 'Other' })
    await gateway.act('sync')
    using _changes = await follow()
    await vi.waitFor(() => expect(count()).toBe(before + 1), soon)
  })

  it('that ends a relationship removes it from the contact and from the student', async () => {
    const contact = await open(client.watchQuery({ query: ContactCard, variables: { id: AARON } }))
    const student = await open(client.watchQuery({ query: StudentCard, variables: { id: JONAH } }))
    const students = () =>
      contact.getCurrentResult().data?.contact?.relationships?.map((each) => each?.studentId)
    const contacts = () =>
      student.getCurrentResult().data?.student?.relationships?.map((each) => each?.contactId)
    expect(students()).toContain(JONAH)
    expect(contacts()).toContain(AARON)
    using _changes = await follow()
    await gateway.endRelationship(AARON, JONAH)
    await vi.waitFor(() => expect(students()).not.toContain(JONAH), soon)
    await vi.waitFor(() => expect(contacts()).not.toContain(AARON), soon)
    expect(contacts()).toHaveLength(1)
  })

  it('that deletes a contact removes it from the list', async () => {
    const list = await open(client.watchQuery({ query: ContactList, variables: { first: 50 } }))
    const ids = () => list.getCurrentResult().data?.contacts?.edges?.map((edge) => edge?.node?.id)
    const [gone = ''] = await gateway.contactIds()
    expect(ids()).toContain(gone)
    using changes = await follow()
    await gateway.act('remove-contact', { contactId: gone })
    await gateway.act('sync')
    await vi.waitFor(() => expect(changes.kinds).toContain('DELETED'), soon)
    await vi.waitFor(() => expect(ids()).not.toContain(gone), soon)
  })
})

describe('objects without an id', () => {
  const Details = graphql(`query Details($id: ID!) { contact(id: $id) { id phone { national e164 } } }`)
  const National = graphql(`query National($id: ID!) { contact(id: $id) { id phone { national } } }`)
  const changed = (national: string) =>
    ({
      contact: { __typename: 'Contact', id: AARON, phone: { __typename: 'PhoneDetails', national } },
    }) as never

  function writeTwice(cache: InMemoryCache) {
    const variables = { id: AARON }
    const phone = { __typename: 'PhoneDetails', national: '(330) 555-0100', e164: '+13305550100' }
    cache.writeQuery({
      query: Details,
      variables,
      data: { contact: { __typename: 'Contact', id: AARON, phone } } as never,
    })
    cache.writeQuery({ query: National, variables, data: changed('(330) 555-0199') })
    return cache.readQuery({ query: Details, variables })
  }

  it('are replaced as a whole, so that no old field stays beside a new one', () => {
    const complain = vi.spyOn(console, 'warn').mockReturnValue()
    // The number for programs is not known any more, so the query is read again.
    expect(writeTwice(new InMemoryCache())).toBeNull()
    complain.mockRestore()
  })

  it('must not be merged: the old number would stay beside the new one', () => {
    const merging = new InMemoryCache({ typePolicies: { PhoneDetails: { merge: true } } })
    const phone = { national: '(330) 555-0199', e164: '+13305550100' }
    expect(writeTwice(merging)).toMatchObject({ contact: { phone } })
  })
})

describe('keys', () => {
  it('are the ids of relationships, students and contacts', async () => {
    await client.query({ query: ContactCard, variables: { id: AARON } })
    const { contact } = await gateway.ask(`{ contact(id: "${AARON}") { relationships { id studentId } } }`)
    const keys = Object.keys(client.cache.extract() as object)
    expect(keys).toContain(`Contact:${AARON}`)
    for (const { id, studentId } of contact.relationships)
      expect(keys).toEqual(expect.arrayContaining([`StudentRelationship:${id}`, `Student:${studentId}`]))
  })

  it('with the district are refused for a query that does not select it', () => {
    const cache = new InMemoryCache({ typePolicies: keysOfSeveralDistricts })
    const data = { contact: { __typename: 'Contact', id: AARON, displayName: 'Aaron Collins' } } as never
    const query = graphql(`query Name($id: ID!) { contact(id: $id) { id displayName } }`)
    expect(() => cache.writeQuery({ query, variables: { id: AARON }, data })).toThrow(/districtId/)
  })
})
