import { readFileSync } from 'node:fs'
import type { AnyVariables, Client, OperationResult, TypedDocumentNode } from '@urql/core'
import type { ResultOf } from 'gql.tada'
import { buildSchema, isObjectType } from 'graphql'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { ContactCard, ContactChanges, ContactList, StudentCard } from '../documents/documents.ts'
import { graphql } from '../gql-tada/graphql.ts'
import { AARON, CONTACT_COUNT, type Gateway, JONAH, startGateway } from '../support/gateway.ts'
import { keys } from './cache.ts'
import { createUrqlClient } from './client.ts'

const soon = { timeout: 60_000, interval: 50 }
let gateway: Gateway
let client: Client
// Graphcache warns about each type without a key.
const complaints = vi.spyOn(console, 'warn').mockReturnValue()
const methods = new Set<string | undefined>()

beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => {
  client = createUrqlClient({ url: gateway.url, token: () => gateway.token, onGap: expect.unreachable })
  const send = globalThis.fetch
  vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => {
    methods.add(init?.method)
    return send(url, init)
  })
})
afterEach(() => {
  expect(complaints.mock.calls).toEqual([])
  vi.mocked(fetch).mockRestore()
})
afterAll(() => gateway[Symbol.asyncDispose]())

/** Keeps the query active, as a component does. */
async function open<Data, Variables extends AnyVariables>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
) {
  let latest: OperationResult<Data> | undefined
  const subscription = client.query(query, variables).subscribe((result) => {
    latest = result as OperationResult<Data>
  })
  await vi.waitFor(() => expect(latest?.data).toBeDefined(), soon)
  return { data: () => latest?.data, [Symbol.dispose]: () => subscription.unsubscribe() }
}

describe('a list', () => {
  async function loadAll(variables: object) {
    for (let after: string | null = null; ; ) {
      const page: OperationResult<ResultOf<typeof ContactList>> = await client
        .query(ContactList, { first: 50, ...variables, after })
        .toPromise()
      const { edges, pageInfo } = page.data?.contacts ?? expect.unreachable()
      // Each answer has the pages before it too.
      if (!pageInfo.hasNextPage) return edges.map((edge) => edge?.node?.id)
      after = pageInfo.endCursor
    }
  }

  it('has all contacts after the last page, with no duplicates and none missing', async () => {
    expect(await loadAll({})).toEqual(await gateway.contactIds())
    expect(new Set(await gateway.contactIds()).size).toBe(CONTACT_COUNT)
  })

  it('has all contacts in another order too, as a list of its own', async () => {
    const byId = await loadAll({})
    const byName = await loadAll({ orderBy: 'NAME_ASC' })
    expect(byName).not.toEqual(byId)
    expect(byName.toSorted()).toEqual(byId.toSorted())
    expect(await loadAll({})).toEqual(byId)
  })

  it('is read by POST, so that no search text is in a URL', () => expect([...methods]).toEqual(['POST']))
})

describe('a change', () => {
  async function follow() {
    const kinds: string[] = []
    const { unsubscribe } = client
      .subscription(ContactChanges, {})
      .subscribe(({ data }) => kinds.push(data?.contactChanges?.kind ?? expect.unreachable()))
    await vi.waitFor(async () => expect(await gateway.openStreams()).toBe(1), soon)
    return { kinds, [Symbol.dispose]: unsubscribe }
  }
  afterEach(() => vi.waitFor(async () => expect(await gateway.openStreams()).toBe(0), soon))

  it('of a phone shows on the card, from the cache alone', async () => {
    using card = await open(ContactCard, { id: AARON })
    const phone = () => card.data()?.contact?.phone
    const before = phone()
    using _changes = await follow()
    vi.mocked(fetch).mockClear()
    await gateway.act('change-contacts', { share: 1 })
    await gateway.act('sync')
    await vi.waitFor(() => expect(phone()?.e164).not.toBe(before?.e164), soon)
    expect(vi.mocked(fetch).mock.calls.filter(([url]) => url === gateway.url)).toEqual([])
    const now = await gateway.ask(`{ contact(id: "${AARON}") { phone { e164 national } } }`)
    expect(phone()).toMatchObject(now.contact.phone)
  })

  it('that ends a relationship removes it from the contact and from the student', async () => {
    using contact = await open(ContactCard, { id: AARON })
    using student = await open(StudentCard, { id: JONAH })
    const students = () => contact.data()?.contact?.relationships?.map((each) => each?.studentId)
    const contacts = () => student.data()?.student?.relationships?.map((each) => each?.contactId)
    expect(students()).toContain(JONAH)
    expect(contacts()).toContain(AARON)
    using _changes = await follow()
    await gateway.endRelationship(AARON, JONAH)
    await vi.waitFor(() => expect(students()).not.toContain(JONAH), soon)
    await vi.waitFor(() => expect(contacts()).not.toContain(AARON), soon)
    expect(contacts()).toHaveLength(1)
  })

  it('that deletes a contact removes it from the list', async () => {
    using list = await open(ContactList, { first: 50 })
    const ids = () => list.data()?.contacts?.edges.map((edge) => edge?.node?.id)
    const [gone = ''] = await gateway.contactIds()
    expect(ids()).toContain(gone)
    using _changes = await follow()
    await gateway.act('remove-contact', { contactId: gone })
    await gateway.act('sync')
    await vi.waitFor(() => expect(ids()).not.toContain(gone), soon)
    expect(ids()).toHaveLength(49)
  })
})

describe('keys', () => {
  it('are there for every type without an id', () => {
    const schema = buildSchema(readFileSync('../../schema/schema.client.graphql', 'utf8'))
    const withoutId = Object.values(schema.getTypeMap()).filter(
      (type) =>
        isObjectType(type) &&
        !/^__|^(Query|Subscription)$|(Connection|Edge|PageInfo)$/.test(type.name) &&
        String(type.getFields().id?.type) !== 'ID!',
    )
    expect(Object.keys(keys).toSorted()).toEqual(withoutId.map(({ name }) => name).toSorted())
  })

  it('keep the relationships of one contact to several students apart', async () => {
    const { data } = await client.query(ContactCard, { id: AARON }).toPromise()
    const { contact } = await gateway.ask(
      `{ contact(id: "${AARON}") { relationships { id relationship studentId } } }`,
    )
    expect(data?.contact?.relationships).toMatchObject(contact.relationships)
  })

  it('do not help where two queries select different fields of an object without an id: it has fields of both', async () => {
    const E164 = graphql(`query E164($id: ID!) { contact(id: $id) { id phone { e164 } } }`)
    const National = graphql(`query National($id: ID!) { contact(id: $id) { id phone { national } } }`)
    const variables = { id: AARON }
    const before = await client.query(E164, variables).toPromise()
    await client.query(National, variables).toPromise()
    await gateway.act('change-contacts', { share: 1 })
    const now = () => gateway.ask(`{ contact(id: "${AARON}") { phone { e164 } } }`)
    await gateway.act('sync')
    await vi.waitFor(
      async () => expect((await now()).contact.phone).not.toEqual(before.data?.contact?.phone),
      soon,
    )
    await client.query(National, variables, { requestPolicy: 'network-only' }).toPromise()
    const after = await client.query(E164, variables).toPromise()
    // The old number, beside the new text.
    expect(after.data?.contact?.phone?.e164).toBe(before.data?.contact?.phone?.e164)
  })
})
