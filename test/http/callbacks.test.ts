import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { CallbackTargets } from '../../src/http/callback-targets.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import {
  type Claims,
  guardian,
  SERVICE,
  startGateway,
  type TestGateway,
  type TestOptions,
} from '../support/gateway.ts'

const SECRET = '0123456789abcdef'.repeat(2)
const CHANGES = 'subscription { contactChanges { eventId kind contactId } }'
const ID = 'c4a9d1b8-dc57-44ab-9e5a-6e6189b2b945'
const VERIFIER = 'verifier-of-the-router'
const WAIT = { timeout: 15_000, interval: 20 }

interface Message {
  readonly path: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly json: {
    readonly kind: string
    readonly action: string
    readonly id: string
    readonly verifier: string
    // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for
    readonly payload?: any
    readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[]
  }
}

/** A server in the place of a router. `answer` gives its status for a message; undefined for no answer at all. */
async function startRouter(answer: (message: Message) => number | undefined = () => 204) {
  const messages: Message[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    const message = { path: request.url, headers: request.headers, json: JSON.parse(text) }
    messages.push(message)
    const status = answer(message)
    if (status === undefined) return
    response.writeHead(status, {
      'subscription-protocol': 'callback/1.0',
      ...(status >= 300 && status < 400 && { location: '/callback/elsewhere' }),
    })
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    url: `${origin}/callback`,
    messages,
    actions: () => messages.map(({ json }) => json.action),
    of: (action: string) => messages.filter(({ json }) => json.action === action),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function start(url: string, options: TestOptions = {}) {
  return startGateway({
    warm: 'off',
    eventsInterval: 20,
    router: { secrets: [SECRET], others: 'ALLOWED' },
    callbackTargets: new CallbackTargets([url], {}),
    ...options,
  })
}

interface Asking {
  readonly subscription?: unknown
  readonly query?: string
  readonly as?: Claims
  /** Of the token. s */
  readonly lifetime?: number
  readonly headers?: Record<string, string>
}

/** The request of a router, as Apollo Router sends it. */
async function subscribe(
  gateway: TestGateway,
  { subscription, query = CHANGES, as = SERVICE, lifetime, headers }: Asking,
) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json;callbackSpec=1.0',
      authorization: `Bearer ${await gateway.tokenFor(as, lifetime)}`,
      'x-router-secret': SECRET,
      ...headers,
    },
    body: JSON.stringify({ query, extensions: { subscription } }),
  })
  const { data, errors } = (await response.json()) as {
    data?: unknown
    errors?: { extensions: { code: string } }[]
  }
  return { status: response.status, data, code: errors?.[0]?.extensions.code }
}

const terms = (url: string, heartbeatIntervalMs = 0) => ({
  callbackUrl: `${url}/${ID}`,
  subscriptionId: ID,
  verifier: VERIFIER,
  heartbeatIntervalMs,
})

const openIn = async ({ metrics }: TestGateway) => (await metrics.subscriptions.get()).values[0]?.value ?? 0

function change(gateway: TestGateway, type: string) {
  const [district] = gateway.sandbox.districts
  district?.endRelationship(MIXED, CHILD)
  district?.addRelationship(MIXED, { student: CHILD, relationship: 'Parent', type })
  district?.sync()
}

describe.concurrent('a subscription by callback', () => {
  it('is confirmed by the router before the request is answered, and sends each change', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url)
    expect(await subscribe(gateway, { subscription: terms(router.url) })).toEqual({ status: 200, data: null })
    const [check] = router.messages
    expect(check?.path).toBe(`/callback/${ID}`)
    expect(check?.headers).toMatchObject({
      'content-type': 'application/json',
      'subscription-protocol': 'callback/1.0',
    })
    expect(check?.headers).not.toHaveProperty('authorization')
    expect(check?.json).toEqual({ kind: 'subscription', action: 'check', id: ID, verifier: VERIFIER })
    change(gateway, 'Primary')
    await vi.waitFor(() => expect(router.of('next').length).toBeGreaterThan(0), WAIT)
    const [next] = router.of('next')
    expect(next?.headers).toMatchObject({ 'subscription-protocol': 'callback/1.0' })
    expect(next?.json).toMatchObject({ kind: 'subscription', id: ID, verifier: VERIFIER })
    expect(next?.json.payload.data.contactChanges).toMatchObject({ kind: 'UPDATED', contactId: MIXED })
    expect(gateway.audited.join('\n')).toContain(MIXED)
  })

  it('sends a viewer nothing of what the viewer may not see', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url)
    await subscribe(gateway, { subscription: terms(router.url), as: guardian('63850203bfb8460546071ef7') })
    await subscribe(gateway, {
      subscription: { ...terms(router.url), subscriptionId: 'of-aaron' },
      as: guardian(MIXED),
    })
    change(gateway, 'Primary')
    await vi.waitFor(() => expect(router.of('next').length).toBeGreaterThan(0), WAIT)
    expect(new Set(router.of('next').map(({ json }) => json.id))).toEqual(new Set(['of-aaron']))
  })

  it('sends heartbeats within the interval that the router asked for, and none for 0', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url)
    await subscribe(gateway, { subscription: { ...terms(router.url), subscriptionId: 'without' } })
    const startedAt = performance.now()
    await subscribe(gateway, { subscription: terms(router.url, 1_000) })
    await vi.waitFor(() => expect(router.of('check').length).toBeGreaterThanOrEqual(4), WAIT)
    expect(performance.now() - startedAt).toBeGreaterThan(1_400)
    expect(router.of('check').filter(({ json }) => json.id === 'without')).toHaveLength(1)
  })

  it('ends with the token, and tells the router why', async () => {
    await using router = await startRouter()
    const clock = createFakeClock(Date.now())
    await using gateway = await start(router.url, { leeway: 0, clock, sandbox: { now: clock.now } })
    await subscribe(gateway, { subscription: terms(router.url), lifetime: 60 })
    await clock.advance(60_000)
    await vi.waitFor(() => expect(router.of('complete')).toHaveLength(1), WAIT)
    expect(router.of('complete')[0]?.json.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' })
    await vi.waitFor(async () => expect(await openIn(gateway)).toBe(0), WAIT)
  })

  it.each([
    ['heartbeat', 404, []],
    ['heartbeat', 400, ['complete']],
    ['next', 404, []],
    ['next', 400, ['complete']],
    ['next', 500, ['complete']],
    ['next', 307, ['complete']],
  ] as const)('ends when the router answers a %s with %i', async (action, status, after) => {
    let isRefusing = false
    await using router = await startRouter(({ json }) =>
      isRefusing && json.action === (action === 'next' ? 'next' : 'check') ? status : 204,
    )
    await using gateway = await start(router.url)
    await subscribe(gateway, { subscription: terms(router.url, action === 'next' ? 0 : 1_000) })
    isRefusing = true
    if (action === 'next') change(gateway, 'Primary')
    await vi.waitFor(async () => expect(await openIn(gateway)).toBe(0), WAIT)
    await vi.waitFor(() => expect(router.of('complete').map(({ json }) => json.action)).toEqual(after), WAIT)
    expect(router.messages.map(({ path }) => path)).not.toContain('/callback/elsewhere')
  })

  it('outlives a failed heartbeat', async () => {
    let checks = 0
    await using router = await startRouter(({ json }) => {
      if (json.action === 'check') checks += 1
      return checks === 2 ? 503 : 204
    })
    await using gateway = await start(router.url)
    await subscribe(gateway, { subscription: terms(router.url, 1_000) })
    await vi.waitFor(() => expect(checks).toBeGreaterThanOrEqual(3), WAIT)
    expect(await openIn(gateway)).toBe(1)
  })

  it('has the limits of other subscriptions, and calls no one beyond them', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url, { maxSubscriptions: 1 })
    expect(await subscribe(gateway, { subscription: terms(router.url) })).toMatchObject({ data: null })
    expect(await subscribe(gateway, { subscription: terms(router.url) })).toMatchObject({
      code: 'TOO_MANY_SUBSCRIPTIONS',
    })
    expect(router.actions()).toEqual(['check'])
  })
})

describe.concurrent('a callback that the router does not confirm', () => {
  it.each([400, 404, 500, 307])(
    'with status %i is refused, and the subscription is closed',
    async (status) => {
      await using router = await startRouter(() => status)
      await using gateway = await start(router.url)
      expect(await subscribe(gateway, { subscription: terms(router.url) })).toMatchObject({
        status: 400,
        code: 'CALLBACK_FAILED',
      })
      expect(router.messages).toHaveLength(1)
      expect(await openIn(gateway)).toBe(0)
    },
  )

  it('in time is refused, and so is one that nothing listens for', async () => {
    await using silent = await startRouter(() => undefined)
    await using gateway = await start(silent.url, { requestTimeout: 500 })
    expect(await subscribe(gateway, { subscription: terms(silent.url) })).toMatchObject({
      code: 'CALLBACK_FAILED',
    })
    await using other = await start('http://127.0.0.1:9/callback')
    expect(await subscribe(other, { subscription: terms('http://127.0.0.1:9/callback') })).toMatchObject({
      code: 'CALLBACK_FAILED',
    })
  })
})

describe('a callback that would reach another place', () => {
  it('is refused without a call: another host, port, scheme or path, in whatever spelling', async () => {
    await using router = await startRouter()
    await using stranger = await startRouter()
    await using gateway = await start(router.url)
    const port = new URL(router.origin).port
    const hostile = [
      `${stranger.url}/${ID}`,
      `http://169.254.169.254/callback/${ID}`,
      `http://localhost:${port}/callback/${ID}`,
      `http://127.0.0.1:${port}0/callback/${ID}`,
      `http://127.0.0.1.example.com:${port}/callback/${ID}`,
      `https://127.0.0.1:${port}/callback/${ID}`,
      `http://user@127.0.0.1:${port}/callback/${ID}`,
      `http://127.0.0.1:${port}@${new URL(stranger.origin).host}/callback/${ID}`,
      `http://0x7f.1:${port}/callback/${ID}`,
      `${router.origin}/admin/${ID}`,
      `${router.origin}/callbacks/${ID}`,
      `${router.url}`,
      `${router.url}/`,
      `${router.url}/../admin`,
      `${router.url}/%2e%2e/admin`,
      `${router.url}/..%2fadmin`,
      `${router.url}/a/b`,
      `${router.url}//${ID}`,
      `${router.url}/${ID}?next=1`,
      `${router.url}/${ID}#x`,
      `${router.url}/${ID}\\..\\admin`,
      ` ${router.url}/${ID}`,
      `${router.url}/${ID}\r\nx: y`,
      `${router.url}/${'a'.repeat(900)}/`,
      'file:///etc/passwd',
      'javascript:alert(1)',
      'callback',
    ]
    for (const callbackUrl of hostile)
      expect(
        await subscribe(gateway, { subscription: { ...terms(router.url), callbackUrl } }),
        callbackUrl,
      ).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    expect([...router.messages, ...stranger.messages]).toEqual([])
    expect(await openIn(gateway)).toBe(0)
  })

  it.each([
    ['without the secret', { 'x-router-secret': '' }],
    ['with a wrong secret', { 'x-router-secret': SECRET.toUpperCase() }],
  ])('is refused without a call: a request %s', async (_what, headers) => {
    await using router = await startRouter()
    await using gateway = await start(router.url)
    expect(await subscribe(gateway, { subscription: terms(router.url), headers })).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    })
    expect(router.messages).toEqual([])
  })

  it('is refused where no router has a secret', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url, { router: undefined })
    expect(await subscribe(gateway, { subscription: terms(router.url) })).toMatchObject({ status: 403 })
    expect(router.messages).toEqual([])
  })
})

describe('the terms of a callback', () => {
  it.each([
    ['a text', 'http://127.0.0.1/callback/1'],
    ['no URL', { subscriptionId: ID, verifier: VERIFIER }],
    ['a URL that is no text', { ...terms('x'), callbackUrl: 5 }],
    ['an empty verifier', { ...terms('x'), verifier: '' }],
    ['a verifier that is too long', { ...terms('x'), verifier: 'x'.repeat(1_001) }],
    ['a heartbeat each millisecond', terms('x', 1)],
    ['a negative heartbeat', terms('x', -1_000)],
    ['half a millisecond', terms('x', 1_000.5)],
    ['a heartbeat each day', terms('x', 86_400_000)],
  ])('with %s are refused', async (_what, subscription) => {
    await using gateway = await start('http://127.0.0.1:9/callback')
    expect(await subscribe(gateway, { subscription })).toMatchObject({ status: 400, code: 'BAD_REQUEST' })
  })

  it('are ignored where no URL is listed: a subscription then needs a stream', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url, { callbackTargets: undefined })
    expect(await subscribe(gateway, { subscription: terms(router.url) })).toMatchObject({ status: 406 })
    expect(router.messages).toEqual([])
  })

  it('are ignored beside a query', async () => {
    await using router = await startRouter()
    await using gateway = await start(router.url)
    expect(
      await subscribe(gateway, { subscription: terms(router.url), query: '{ __typename }' }),
    ).toMatchObject({ data: { __typename: 'Query' } })
    expect(router.messages).toEqual([])
  })

  it('are in no log line and no metric', async () => {
    await using router = await startRouter(({ json }) => (json.action === 'next' ? 500 : 204))
    await using gateway = await start(router.url)
    await subscribe(gateway, { subscription: terms(router.url) })
    change(gateway, 'Primary')
    await vi.waitFor(() => expect(gateway.lines.join()).toContain('a subscription by callback ends'), WAIT)
    const metrics = await gateway.metrics.registry.metrics()
    expect(metrics).toContain('gateway_callback_messages_total{action="next",outcome="failed"} 1')
    for (const secret of [VERIFIER, ID, MIXED]) expect(gateway.lines.join() + metrics).not.toContain(secret)
  })
})
