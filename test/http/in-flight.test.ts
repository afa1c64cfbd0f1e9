import type { Socket } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import { SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { nextReply, open, sendRaw } from '../support/raw-http.ts'
import { subscribe } from '../support/subscribe.ts'

const CONTACT = 'query ($id: ID!) { contact(id: $id) { displayName } }'
const STUDENTS =
  'query ($id: ID!) { contact(id: $id) { displayName relationships { student { displayName } } } }'
const TRIVIAL = '{ __typename }'

function contactOf({ sandbox }: TestGateway, index = 0): string {
  return sandbox.districts[0]?.contacts[index] ?? expect.unreachable()
}

function ask(gateway: TestGateway, query: string, variables: object = {}, init: RequestInit = {}) {
  return fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    body: JSON.stringify({ query, variables }),
    ...init,
    headers: {
      'content-type': 'application/json',
      authorization: gateway.authorization,
      ...init.headers,
    },
  })
}

/** Starts a request whose answer Clever holds back, and returns when Clever has been asked. */
async function askInVain(gateway: TestGateway, index: number, signal: AbortSignal, query = CONTACT) {
  const before = gateway.sandbox.calls.count()
  const asked = ask(gateway, query, { id: contactOf(gateway, index) }, { signal })
  asked.catch(() => {})
  await vi.waitFor(() => expect(gateway.sandbox.calls.count()).toBeGreaterThan(before))
}

const healthOf = async ({ url }: TestGateway) => (await (await fetch(`${url}/health`)).json()).status

async function overloaded({ metrics }: TestGateway, where: string) {
  const { values } = await metrics.requestsOverloaded.get()
  return values.find(({ labels }) => labels.where === where)?.value ?? 0
}

const isLogged = (gateway: TestGateway, text: string) => gateway.lines.some((line) => line.includes(text))

describe('O9: more requests than the gateway answers at once', () => {
  it('are refused early with OVERLOADED while Clever is slow, and answered at once when it is not any more', async () => {
    // No deadline passes before each request has arrived, however slow the machine is.
    const clock = createFakeClock(Date.now())
    await using gateway = await startGateway({
      maxRequestsInFlight: 20,
      requestTimeout: 8_000,
      clock,
      sandbox: { now: clock.now },
    })
    gateway.sandbox.faults.add({ path: /\/users\//, stall: 'mid-body' })
    const asked = Array.from({ length: 60 }, async (_, index) => {
      const response = await ask(gateway, CONTACT, { id: contactOf(gateway, index % 40) })
      const { data, errors } = await response.json()
      return { response, data, code: errors[0].extensions.code }
    })
    const refused = await Promise.race(asked)
    expect(await healthOf(gateway)).toBe('up')
    await vi.waitFor(async () => expect(await overloaded(gateway, 'process')).toBe(40))
    await clock.advance(8_001)
    const all = await Promise.all(asked)
    expect(refused.code).toBe('OVERLOADED')
    expect(all.filter(({ code }) => code === 'OVERLOADED')).toHaveLength(40)
    expect(all.filter(({ code }) => code === 'UPSTREAM_TIMEOUT')).toHaveLength(20)
    for (const { response, data, code } of all) {
      if (code !== 'OVERLOADED') continue
      expect(response.status).toBe(503)
      expect(response.headers.get('retry-after')).toBe('1')
      expect(response.headers.get('content-type')).toContain('application/json')
      expect(data).toBeUndefined()
    }
    expect(await overloaded(gateway, 'process')).toBe(40)
    gateway.sandbox.faults.clear()
    const after = await Promise.all(
      Array.from({ length: 20 }, (_, index) => gateway.ask(CONTACT, { id: contactOf(gateway, index) })),
    )
    for (const { status, errors } of after) expect({ status, errors }).toEqual({ status: 200, errors: [] })
  })

  it('are refused before the token is checked and the body is read', async () => {
    await using gateway = await startGateway({ maxRequestsInFlight: 1 })
    gateway.sandbox.faults.add({ path: /\/users\//, stall: 'mid-body' })
    const hangUp = new AbortController()
    await askInVain(gateway, 0, hangUp.signal)
    const head = 'POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const reply = await sendRaw(gateway.url, `${head}Content-Length: 90000\r\n\r\n`)
    expect(reply).toMatchObject({ status: 503, code: 'OVERLOADED', headers: { 'retry-after': '1' } })
    expect(reply.headers['x-request-id']).toBeDefined()
    hangUp.abort()
  })

  it.each([
    ['GET', undefined],
    ['GET', 'text/event-stream'],
    ['POST', 'text/event-stream'],
    ['POST', 'multipart/mixed'],
  ])('are refused also as %s that accepts %s', async (method, accept) => {
    await using gateway = await startGateway({ maxRequestsInFlight: 1 })
    gateway.sandbox.faults.add({ path: /\/users\//, stall: 'mid-body' })
    const hangUp = new AbortController()
    await askInVain(gateway, 0, hangUp.signal)
    const headers = { authorization: gateway.authorization, ...(accept && { accept }) }
    const response =
      method === 'GET'
        ? await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(TRIVIAL)}`, { headers })
        : await ask(gateway, TRIVIAL, {}, { headers })
    expect(await response.text()).toContain('"code":"OVERLOADED"')
    if (accept === 'multipart/mixed' || accept === undefined) expect(response.status).toBe(503)
    expect(await overloaded(gateway, 'process')).toBe(1)
    hangUp.abort()
  })

  it('do not include subscriptions, which have a limit of their own', async () => {
    await using gateway = await startGateway({ maxRequestsInFlight: 1, warm: 'off', eventsInterval: 20 })
    await using first = await subscribe(gateway)
    await using second = await subscribe(gateway)
    expect([first.status, second.status]).toEqual([200, 200])
    expect((await gateway.ask(TRIVIAL)).status).toBe(200)
    gateway.sandbox.faults.add({ path: /\/users\//, stall: 'mid-body' })
    const hangUp = new AbortController()
    await askInVain(gateway, 0, hangUp.signal)
    expect((await gateway.ask(TRIVIAL)).status).toBe(503)
    await using third = await subscribe(gateway, { as: { ...SERVICE, sub: 'another' } })
    expect(third.status).toBe(200)
    hangUp.abort()
  })

  it('do not include requests that were refused, such as those without a token', async () => {
    await using gateway = await startGateway({ maxRequestsInFlight: 1 })
    for (let index = 0; index < 3; index += 1)
      expect((await ask(gateway, TRIVIAL, {}, { headers: { authorization: '' } })).status).toBe(401)
    expect((await gateway.ask(TRIVIAL)).status).toBe(200)
  })
})

describe('O9: a client that has gone', () => {
  it('frees its place at once, is logged as hung up, and is no error', async () => {
    await using gateway = await startGateway({ maxRequestsInFlight: 1 })
    gateway.sandbox.faults.add({ path: /\/users\//, stall: 'mid-body', times: 1 })
    const hangUp = new AbortController()
    await askInVain(gateway, 0, hangUp.signal)
    expect((await gateway.ask(TRIVIAL)).status).toBe(503)
    hangUp.abort()
    await vi.waitFor(() => expect(isLogged(gateway, '"status":"hung up"')).toBe(true))
    expect((await gateway.ask(CONTACT, { id: contactOf(gateway, 1) })).errors).toEqual([])
    expect(isLogged(gateway, '"level":"error"')).toBe(false)
  })

  it('has nothing fetched for it any more: Clever is not asked for the students of its contact', async () => {
    await using gateway = await startGateway()
    // The second client waits for the same answer of Clever, so that the call goes on when the first has gone.
    gateway.sandbox.faults.add({ path: /\/users\//, delayMs: 200, times: 1 })
    const hangUp = new AbortController()
    await askInVain(gateway, 0, hangUp.signal, STUDENTS)
    const stays = gateway.ask(CONTACT, { id: contactOf(gateway) })
    // When this has been answered, the request before it has arrived.
    await gateway.ask(TRIVIAL)
    hangUp.abort()
    expect((await stays).errors).toEqual([])
    await gateway.ask(TRIVIAL)
    expect(gateway.sandbox.calls.count()).toBe(1)
    expect(gateway.audited).toHaveLength(1)
    expect(isLogged(gateway, '"level":"error"')).toBe(false)
  })

  it.each([
    ['with a GET', 'GET'],
    ['with a POST', 'POST'],
  ])('is no error either %s whose body or query has just arrived', async (_, method) => {
    await using gateway = await startGateway()
    const query = '{ contacts(first: 5) { nodes { id } } }'
    const body = JSON.stringify({ query })
    const lines = [
      method === 'GET'
        ? `GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1`
        : 'POST /graphql HTTP/1.1',
      'Host: localhost',
      `Authorization: ${gateway.authorization}`,
      ...(method === 'GET' ? [] : ['Content-Type: application/json', `Content-Length: ${body.length}`]),
    ]
    const socket = open(gateway.url)
    socket.write(`${lines.join('\r\n')}\r\n\r\n${method === 'GET' ? '' : body}`, () =>
      socket.resetAndDestroy(),
    )
    await vi.waitFor(() => expect(isLogged(gateway, '"status":"hung up"')).toBe(true))
    expect(isLogged(gateway, '"level":"error"')).toBe(false)
  })
})

describe('O9: 8,000 pipelined requests on one connection', () => {
  const pipelined = (gateway: TestGateway, query: string, count: number): Socket => {
    const body = JSON.stringify({ query })
    const head = [
      'POST /graphql HTTP/1.1',
      'Host: localhost',
      `Authorization: ${gateway.authorization}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ]
    const one = `${head.join('\r\n')}\r\n\r\n${body}`
    const socket = open(gateway.url)
    socket.write(one.repeat(count))
    return socket
  }

  it('cost Clever and the process the work of 16, while other connections are served', async () => {
    await using gateway = await startGateway({ requestTimeout: 1_000 })
    gateway.sandbox.faults.add({ path: /\/users\//, stall: 'mid-body' })
    const socket = pipelined(gateway, `{ contact(id: "${contactOf(gateway)}") { id } }`, 8_000)
    await vi.waitFor(() => expect(gateway.sandbox.calls.count()).toBeGreaterThan(0))
    expect(await healthOf(gateway)).toBe('up')
    expect((await gateway.ask(TRIVIAL)).status).toBe(200)
    expect(await overloaded(gateway, 'connection')).toBeGreaterThan(0)
    // node:http reads no further while so much waits to be written.
    expect(await overloaded(gateway, 'connection')).toBeLessThan(1_000)
    expect(await overloaded(gateway, 'process')).toBe(0)
    socket.destroy()
    const hungUp = () => gateway.lines.filter((line) => line.includes('hung up')).length
    await vi.waitFor(() => expect(hungUp()).toBeGreaterThan(16), 5_000)
    // node:http notices only when it writes; then all places are free again.
    gateway.sandbox.faults.clear()
    expect((await gateway.ask(CONTACT, { id: contactOf(gateway) })).status).toBe(200)
  })

  it('are each answered, in their order, with the data or with OVERLOADED', async () => {
    await using gateway = await startGateway()
    const socket = pipelined(gateway, TRIVIAL, 8_000)
    let [text, answered, refused] = ['', 0, 0]
    const whole = new Promise<void>((resolve, reject) => {
      socket.once('close', () => reject(new Error('closed')))
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1')
        const from = text.lastIndexOf('HTTP/1.1 ')
        answered += text.slice(0, from).split('HTTP/1.1 200').length - 1
        refused += text.slice(0, from).split('HTTP/1.1 503').length - 1
        text = text.slice(from)
        if (answered + refused === 7_999) resolve()
      })
    })
    expect(await healthOf(gateway)).toBe('up')
    await whole
    expect(answered).toBeGreaterThanOrEqual(16)
    socket.removeAllListeners('close').destroy()
  })

  it('unlike ten, which are all answered', async () => {
    await using gateway = await startGateway()
    const socket = pipelined(gateway, TRIVIAL, 10)
    let text = ''
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
    })
    await vi.waitFor(() => expect(text.split('HTTP/1.1 200')).toHaveLength(11))
    socket.destroy()
  })

  it('leave the next request of the connection its place', async () => {
    await using gateway = await startGateway()
    const socket = open(gateway.url)
    for (let index = 0; index < 40; index += 1) {
      socket.write(
        `GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${gateway.authorization}\r\n\r\n`,
      )
      expect((await nextReply(socket)).status).toBe(200)
      socket.removeAllListeners('data').removeAllListeners('close')
    }
    socket.destroy()
  })
})

describe('O9: an attempt that begins after the deadline', () => {
  it('asks Clever for nothing more: what is missing is UPSTREAM_TIMEOUT at its place', async () => {
    const clock = createFakeClock(Date.now())
    await using gateway = await startGateway({ clock, sandbox: { now: clock.now } })
    gateway.sandbox.faults.add({ path: /\/users\//, delayMs: 150, times: 1 })
    const asked = gateway.ask(STUDENTS, { id: contactOf(gateway) })
    await vi.waitFor(() => expect(gateway.sandbox.calls.count()).toBe(1))
    // The call that is under way is not given up: time jumps, and passes for no timer.
    clock.setBy(10_001)
    const { data, errors, calls } = await asked
    expect(data.contact.displayName).toEqual(expect.any(String))
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['UPSTREAM_TIMEOUT']))
    expect(errors[0]?.path).toEqual(['contact', 'relationships', 0, 'student'])
    expect(calls).toHaveLength(1)
  })
})
