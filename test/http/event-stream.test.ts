import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const QUERY = 'subscription ($after: ID) { contactChanges(afterEventId: $after) { eventId contactId } }'

let gateway: TestGateway
let contacts: readonly string[]
beforeAll(async () => {
  gateway = await startGateway({ warm: 'off', eventsInterval: 20 })
})
afterAll(() => gateway[Symbol.asyncDispose]())
beforeEach(() => {
  contacts = gateway.sandbox.districts[0]?.contacts ?? []
})

async function open(headers: Record<string, string> = {}, variables = {}) {
  const left = new AbortController()
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: gateway.authorization,
      ...headers,
    },
    body: JSON.stringify({ query: QUERY, variables }),
    signal: left.signal,
  })
  const reader = response.body?.pipeThrough(new TextDecoderStream() as never).getReader() as
    | ReadableStreamDefaultReader<string>
    | undefined
  let text = ''
  return {
    response,
    /** The lines of the next event, comments left out. */
    async event(): Promise<readonly string[]> {
      for (;;) {
        const [block, ...rest] = text.split('\n\n')
        if (rest.length > 0) {
          text = rest.join('\n\n')
          if (block !== ':') return block?.split('\n') ?? []
        } else text += (await reader?.read())?.value ?? expect.unreachable('the stream is at its end')
      }
    },
    async [Symbol.asyncDispose]() {
      left.abort()
    },
  }
}

const idOf = (lines: readonly string[]) => lines.find((line) => line.startsWith('id: '))?.slice('id: '.length)

/** Changes the addresses of so many contacts, and resolves with the lines of their events. */
async function happenings(count: number) {
  await using stream = await open()
  const told: (readonly string[])[] = []
  for (const contact of contacts.slice(0, count)) {
    gateway.sandbox.districts[0]?.correctEmail(contact, `c${Math.random()}@example.org`)
    gateway.sandbox.districts[0]?.sync()
    told.push(await stream.event())
  }
  return told
}

describe('the stream of a subscription', () => {
  it('is held back and kept by no proxy, and says so before the first change', async () => {
    await using stream = await open()
    expect(stream.response.status).toBe(200)
    expect(Object.fromEntries(stream.response.headers)).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
    })
    expect(stream.response.headers.get('content-encoding')).toBeNull()
  })

  it('gives each event the id of its change', async () => {
    for (const lines of await happenings(2)) {
      expect(lines[0]).toBe('event: next')
      const { data } = JSON.parse(lines.find((line) => line.startsWith('data: '))?.slice(6) ?? '')
      expect(idOf(lines)).toBe(data.contactChanges.eventId)
    }
  })

  it('goes on after the event of Last-Event-ID, as it does after `afterEventId`', async () => {
    const [first = [], second = [], third = []] = await happenings(3)
    await using byHeader = await open({ 'last-event-id': idOf(first) ?? '' })
    expect(idOf(await byHeader.event())).toBe(idOf(second))
    await using byNull = await open({ 'last-event-id': idOf(first) ?? '' }, { after: null })
    expect(idOf(await byNull.event())).toBe(idOf(second))
    await using byEmpty = await open({ 'last-event-id': idOf(first) ?? '' }, { after: '' })
    expect(idOf(await byEmpty.event())).toBe(idOf(second))
    await using byBoth = await open({ 'last-event-id': idOf(first) ?? '' }, { after: idOf(second) })
    expect(idOf(await byBoth.event())).toBe(idOf(third))
  })

  it('does not begin after what is no event', async () => {
    await using stream = await open({ 'last-event-id': 'jane@example.org' })
    const event = (await stream.event()).join('\n')
    expect(event).toContain('"code":"BAD_USER_INPUT"')
    expect(event).not.toContain('jane')
  })

  it.each([
    'multipart/mixed;subscriptionSpec=1.0, text/event-stream',
    'multipart/mixed;subscriptionSpec="1.0";q=1, text/event-stream;q=0.9',
    'text/event-stream, multipart/mixed',
  ])('is a stream of events for a router that accepts parts too: %s', async (accept) => {
    await using stream = await open({ accept })
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
  })

  it.each(['application/json', 'application/graphql-response+json', 'multipart/mixed'])(
    'is refused with 406 where only %s is accepted, and leaves no place taken',
    async (accept) => {
      await using one = await startGateway({ warm: 'off', eventsInterval: 20, maxSubscriptions: 1 })
      for (let time = 0; time < 3; time += 1) {
        const response = await fetch(`${one.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept, authorization: one.authorization },
          body: JSON.stringify({ query: QUERY }),
        })
        expect(response.status).toBe(406)
        expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
        expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_ACCEPTABLE' } }] })
      }
    },
  )
})
