import type { ResultOf } from 'gql.tada'
import { print } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { AARON, type Gateway, startGateway } from '../support/gateway.ts'
import { ContactCard, describeRelationship } from './contact-card.ts'
import { graphql } from './graphql.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

it('shows each relationship beside its student', async () => {
  const { contact } = (await gateway.ask(print(ContactCard), { id: AARON })) as object as ResultOf<
    typeof ContactCard
  >
  expect(contact?.relationships?.map((line) => line && describeRelationship(line))).toEqual([
    expect.stringMatching(/^Aunt or uncle of Naomi/),
    expect.stringMatching(/^Aunt or uncle of Theo/),
    expect.stringMatching(/^Parent of Jonah/),
  ])
})

it('shows the text of the district for a relationship that these types do not have', () => {
  const line = { relationship: 'GODPARENT', relationshipRaw: 'Godmother', student: { displayName: 'Naomi' } }
  expect(describeRelationship(line as never)).toBe('Godmother of Naomi')
})

it('has a type for each field and each variable', () => {
  // These are type errors, which `npm run types` checks.
  const query = graphql(`query Name($id: ID!) { contact(id: $id) { displayName lastModifiedAt } }`)
  type Contact = NonNullable<ResultOf<typeof query>['contact']>
  const contact: Contact = { displayName: 'Aaron', lastModifiedAt: '2026-11-22T21:07:13.000Z' }
  // @ts-expect-error A date is a text.
  contact.lastModifiedAt = new Date()
  // @ts-expect-error The query does not select it.
  expect(contact.sisId).toBeUndefined()
})
