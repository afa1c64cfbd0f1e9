import { createClient } from 'graphql-sse'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts'
import {
  AARON,
  type Gateway,
  JONAH,
  NAOMI,
  openStreams,
  startGateway,
  startRestartableGateway,
} from '../support/gateway.ts'
import { Answers } from './answers.ts'
import { type FollowOptions, type FollowResult, followChanges } from './follow-changes.ts'

interface Change {
  readonly eventId: string
  readonly kind: string
  readonly contactId: string
}
type Result = FollowResult & { readonly data?: { readonly contactChanges?: Change | null } | null }

const query = `subscription ($changedAfter: DateTime) {
  contactChanges(changedAfter: $changedAfter) { eventId kind contactId changedFields }
}`
const soon = { timeout: 60_000, interval: 50 }

let gateway: Gateway
let proxy: FlakyProxy
/** Pairs of a contact and a student, each used once: the end of a relationship is one change. */
let pairs: { readonly contactId: string; readonly studentId: string }[]

beforeAll(async () => {
  gateway = await startGateway()
  proxy = await startFlakyProxy(gateway.url)
  const { contacts } = await gateway.ask(
    '{ contacts(first: 100) { nodes { relationships { contactId studentId } } } }',
  )
  // A contact with a further relationship stays visible.
  pairs = contacts.nodes.flatMap(({ relationships: [first, ...others] }) =>
    first && others.length > 0 ? [first] : [],
  )
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await gateway[Symbol.asyncDispose]()
})

/** Changes one contact, and returns its id. */
async function change(): Promise<string> {
  const { contactId, studentId } = pairs.pop() ?? expect.unreachable('too few contacts')
  await gateway.endRelationship(contactId, studentId)
  return contactId
}

function follow(options: Partial<FollowOptions> = {}, document = query) {
  const received: Change[] = []
  const errors: unknown[] = []
  let gaps = 0
  const leave = followChanges<Result>(
    {
      url: proxy.url,
      answers: new Answers(),
      token: () => gateway.token,
      delay: () => 20,
      onGap: () => (gaps += 1),
      ...options,
    },
    { query: document },
    {
      next: ({ data }) => received.push(data?.contactChanges ?? expect.unreachable()),
      error: (error) => errors.push(error),
    },
  )
  return {
    received,
    errors,
    leave,
    gaps: () => gaps,
    contacts: () => received.map(({ contactId }) => contactId),
  }
}
/** The id of a change that a page has seen. */
async function anEventId(): Promise<string> {
  const { received, leave } = follow()
  await streams(1)
  await change()
  await vi.waitFor(() => expect(received).toHaveLength(1), soon)
  leave()
  await streams(0)
  return received[0]?.eventId ?? expect.unreachable()
}

/** Resolves when the gateway sends changes to so many streams. */
const streams = (count: number) =>
  vi.waitFor(async () => expect(await gateway.openStreams()).toBe(count), soon)

afterEach(async () => {
  proxy.cut()
  await streams(0)
  proxy.restore()
})

it('loses nothing and repeats nothing when the connection is cut again and again', async () => {
  const { contacts, received, leave, gaps } = follow()
  await streams(1)
  const expected = [await change()]
  await vi.waitFor(() => expect(contacts()).toEqual(expected), soon)
  for (let cuts = 1; cuts <= 3; cuts += 1) {
    proxy.cut()
    expected.push(await change(), await change())
    proxy.restore()
    expected.push(await change())
    await vi.waitFor(() => expect(contacts()).toEqual(expected), soon)
  }
  expect(new Set(received.map(({ eventId }) => eventId)).size).toBe(expected.length)
  expect(gaps()).toBe(0)
  leave()
})

it('is needed: the retries of graphql-sse begin after the same change again, and repeat later ones', async () => {
  const after = await anEventId()
  const client = createClient({
    url: proxy.url,
    headers: { authorization: `Bearer ${gateway.token}` },
    retry: async () => {},
  })
  const contacts: unknown[] = []
  client.subscribe<{ contactChanges: Change }>(
    {
      query: 'subscription ($after: ID) { contactChanges(afterEventId: $after) { eventId contactId } }',
      variables: { after },
    },
    { next: ({ data }) => contacts.push(data?.contactChanges.contactId), error() {}, complete() {} },
  )
  const changed = await change()
  await vi.waitFor(() => expect(contacts).toEqual([changed]), soon)
  proxy.cut()
  proxy.restore()
  await vi.waitFor(() => expect(contacts).toEqual([changed, changed]), soon)
  client.dispose()
})

it('continues when nothing arrives on a connection that stays open', async () => {
  const { contacts, leave } = follow({ silenceLimit: 500, afterEventId: await anEventId() })
  const expected = [await change()]
  await vi.waitFor(() => expect(contacts()).toEqual(expected), soon)
  proxy.freeze()
  expected.push(await change(), await change())
  await vi.waitFor(() => expect(contacts()).toEqual(expected), soon)
  leave()
})

it('continues with a new token when the token has expired', async () => {
  const expiring = await gateway.tokenFor(2)
  const used: string[] = []
  const { contacts, errors, leave } = follow({
    token() {
      const token = used.length === 0 ? expiring : gateway.token
      used.push(token)
      return token
    },
  })
  await streams(1)
  const expected = [await change()]
  await vi.waitFor(() => expect(contacts()).toEqual(expected), soon)
  // The gateway ends the stream, and the next one has the other token.
  await vi.waitFor(() => expect(used).toEqual([expiring, gateway.token]), soon)
  expected.push(await change())
  await vi.waitFor(() => expect(contacts()).toEqual(expected), soon)
  expect(errors).toEqual([])
  leave()
})

it('continues after the gateway has stopped and started again, with what changed in between', async () => {
  await using restartable = await startRestartableGateway()
  const { contacts, received, gaps, leave } = follow({ url: restartable.url })
  const change = (studentId: string) => restartable.endRelationship(AARON, studentId)
  await vi.waitFor(async () => {
    await expect(openStreams(restartable.url)).resolves.toBe(1)
  }, soon)
  await change(JONAH)
  await vi.waitFor(() => expect(contacts()).toEqual([AARON]), soon)
  await restartable.stop()
  await change(NAOMI)
  await restartable.start()
  await vi.waitFor(() => expect(contacts()).toEqual([AARON, AARON]), soon)
  expect(new Set(received.map(({ eventId }) => eventId)).size).toBe(2)
  expect(gaps()).toBe(0)
  leave()
})

it('loses nothing when the connection is cut before the first change', async () => {
  const answers = new Answers()
  answers.add(await gateway.answer('{ contacts { totalCount } }'))
  const { contacts, received, leave } = follow({ answers })
  await streams(1)
  proxy.cut()
  const expected = await change()
  proxy.restore()
  await vi.waitFor(() => expect(contacts()).toContain(expected), soon)
  expect(new Set(received.map(({ eventId }) => eventId)).size).toBe(received.length)
  leave()
})

it('begins with what changed after the answer that the page shows', async () => {
  const answers = new Answers()
  answers.add(await gateway.answer('{ contacts { totalCount } }'))
  const expected = await change()
  const { contacts, leave } = follow({ answers })
  await vi.waitFor(() => expect(contacts()).toContain(expected), soon)
  leave()
})

it('reports a gap if Clever no longer has the changes, after the new stream is open', async () => {
  const answers = new Answers()
  answers.add({ extensions: { freshness: { oldest: '2024-01-01T00:00:00.000Z' } } })
  const { contacts, gaps, leave } = follow({ answers })
  await vi.waitFor(() => expect(gaps()).toBe(1), soon)
  const next = await change()
  await vi.waitFor(() => expect(contacts()).toContain(next), soon)
  leave()
})

describe('ends with an error, without another attempt', () => {
  it('if the token is not accepted', async () => {
    const { errors } = follow({ token: () => 'not a token' })
    await vi.waitFor(
      () => expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining('401') })]),
      soon,
    )
    expect(await gateway.openStreams()).toBe(0)
  })

  it('if the subscription is not valid', async () => {
    const { errors } = follow({}, 'subscription { contactChanges { eventId unknown } }')
    await vi.waitFor(
      () =>
        expect(errors).toEqual([
          expect.objectContaining({ message: expect.stringMatching(/^GRAPHQL_VALIDATION_FAILED/) }),
        ]),
      soon,
    )
    expect(await gateway.openStreams()).toBe(0)
  })
})
