import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

const MIXED = '63850203bfb8460546071ef6'
const MOTHER = '65c2be785fe59948487c7ec0'
const CHILD = '63850203bfb8460546071e6e'
const NIECE = '63850203bfb8460546071e62'
const NEPHEW = '672936fc65fc4500ced13260'
const CHANGES = `subscription ($time: DateTime, $after: ID) {
  contactChanges(changedAfter: $time, afterEventId: $after) { eventId kind contactId }
}`
const DAY_MS = 86_400_000

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ warm: 'off', eventsInterval: 20, eventsLag: 1_000 })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const follow = (variables: Record<string, unknown>, as: Claims = SERVICE) =>
  subscribe(gateway, { query: CHANGES, variables, as })

function endRelationship(studentId: string) {
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  district.endRelationship(MIXED, studentId)
  district.sync()
}

let first: { readonly eventId: string }

it('sends what changed between the answer that a client shows and its subscription', async () => {
  const { extensions } = await gateway.ask(`{ contact(id: "${MIXED}") { displayName } }`)
  endRelationship(NIECE)
  await using stream = await follow({ time: extensions?.freshness?.oldest })
  first = await stream.change()
  expect(first).toMatchObject({ kind: 'UPDATED', contactId: MIXED })
})

it('sends only what the viewer may see', async () => {
  const time = new Date(Date.now() - 60_000).toISOString()
  // The mother of the child sees him as a contact of the child, and nothing of the niece.
  await using stream = await follow({ time }, guardian(MOTHER))
  endRelationship(CHILD)
  expect(await stream.change()).toMatchObject({ kind: 'DELETED', contactId: MIXED })
})

it('has no effect beside the id of a change', async () => {
  const time = new Date(Date.now() - 60_000).toISOString()
  await using stream = await follow({ time, after: first.eventId })
  expect((await stream.change()).eventId > first.eventId).toBe(true)
})

it('begins now for a time in the future', async () => {
  const time = new Date(Date.now() + DAY_MS).toISOString()
  await using stream = await follow({ time })
  endRelationship(NEPHEW)
  expect((await stream.change()).contactId).toBe(MIXED)
})

it('is refused for a time from which Clever has no events', async () => {
  const time = new Date(Date.now() - 40 * DAY_MS).toISOString()
  await using stream = await follow({ time })
  expect(await stream.code()).toBe('EVENTS_EXPIRED')
})
