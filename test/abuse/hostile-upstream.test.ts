import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createRateLimiter } from '../../src/clever/rate-limiter.ts'
import { parseUserId } from '../../src/model/ids.ts'
import { callerWaiting, startClever } from '../support/clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway } from '../support/gateway.ts'

const CONTACT = '63850203bfb8460546071ef6'
const FOREVER = {
  deadline: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  priority: 'INTERACTIVE' as const,
}

describe('a Clever that says nonsense of its limits', () => {
  const rateLimit = (limit: string, remaining: string, reset: number) => ({
    'x-ratelimit-limit': limit,
    'x-ratelimit-remaining': remaining,
    'x-ratelimit-reset': String(reset),
  })

  it.each([
    ['a limit of nothing', (now: number) => rateLimit('0', '0', now + 60)],
    ['a reset in a thousand years', (now: number) => rateLimit('2', '0', now + 31_536_000_000)],
    ['a reset that is long over', () => rateLimit('2', '0', 1)],
    ['less than nothing left', (now: number) => rateLimit('2', '-7', now + 60)],
    [
      'no numbers',
      () => ({ 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': 'some', 'x-ratelimit-reset': 'soon' }),
    ],
    ['the same reset for ever', () => rateLimit('2', '0', 1_795_348_860)],
  ])('such as %s does not lock the gateway for more than two windows', async (_name, headersAt) => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 2)
    const first = await rateLimiter.take(FOREVER)
    first.completed(429, headersAt(clock.now() / 1000))
    for (let window = 0; window < 3; window += 1) {
      await clock.advance(125_000)
      ;(await rateLimiter.take({ ...FOREVER, deadline: clock.now() })).completed(
        429,
        headersAt(clock.now() / 1000),
      )
    }
  })
})

describe('the calls that one request may cost', () => {
  it('are counted with their retries, so that a storm does not spend the minute', async () => {
    await using gateway = await startGateway({
      maxCalls: 50,
      // Where nothing is remembered, the contacts of each student are a call of their own.
      ages: { displayMs: 0 },
      sandbox: { students: 80 },
    })
    gateway.sandbox.faults.add({ path: /\/users\/[0-9a-f]{24}/, status: 503 })
    const { errors, calls } = await gateway.ask('{ students(first: 60) { nodes { relationships { id } } } }')
    expect(calls.length).toBeLessThanOrEqual(50)
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toContain('TOO_MANY_CALLS')
  })
})

describe('an issuer of district tokens that stalls', () => {
  it('keeps a request no longer than its own deadline', async () => {
    await using gateway = await startGateway({ source: 'client', requestTimeout: 300 })
    gateway.sandbox.faults.add({ path: '/oauth/tokens', delayMs: 60_000 })
    const startedAt = Date.now()
    const { errors } = await gateway.ask(`{ contact(id: "${CONTACT}") { displayName } }`)
    expect(Date.now() - startedAt).toBeLessThan(2_000)
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_TIMEOUT'])
  })
})

describe('a contact that Clever lists twice for a student', () => {
  it('is there once, so that no two relationships have the same id', async () => {
    await using gateway = await startGateway()
    const child = '63850203bfb8460546071e6e'
    const entry = { student: child, relationship: 'Parent', type: 'Parent/Guardian' }
    const item = { data: { id: CONTACT, roles: { contact: { student_relationships: [entry, entry] } } } }
    gateway.sandbox.faults.add({
      path: `/users/${child}/mycontacts`,
      status: 200,
      body: JSON.stringify({ data: [item, item], links: [] }),
    })
    const { data } = await gateway.ask(`{ student(id: "${child}") { relationships { id } } }`)
    const ids = data.student.relationships.map(({ id }: { id: string }) => id)
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(2)
  })
})

describe('something at the other end that does not speak HTTP', () => {
  it('is a Clever that cannot be reached', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await using clever = await startClever({}, { apiUrl: `http://127.0.0.1:${port}` })
    const id = parseUserId(CONTACT) ?? expect.unreachable()
    await expect(clever.district.user(id, callerWaiting())).rejects.toMatchObject({
      name: 'CleverUnavailable',
    })
    server.close()
  })
})
