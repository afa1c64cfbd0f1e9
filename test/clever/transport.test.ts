import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CleverAnswerInvalid,
  CleverPathRefused,
  CleverRateLimited,
  CleverTimedOut,
  CleverTokenRefused,
  CleverUnavailable,
} from '../../src/model/clever-errors.ts'
import { parseUserId } from '../../src/model/ids.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { createImpatientClock } from '../http/impatient-clock.ts'
import { callerWaiting, startClever } from '../support/clever.ts'

const ID = parseUserId('63850203bfb8460546071ef6') ?? expect.unreachable()
const PATH = `/users/${ID}`

describe('a call to Clever', () => {
  let clever: Awaited<ReturnType<typeof startClever>>
  beforeEach(async () => {
    clever = await startClever({}, { clock: createImpatientClock() })
  })
  afterEach(() => clever[Symbol.asyncDispose]())

  it.each<[string, Omit<Fault, 'path'>]>([
    ['a 500', { status: 500 }],
    ['a 502', { status: 502, body: '<html>bad gateway</html>' }],
    ['a 503', { status: 503 }],
    ['a 504', { status: 504 }],
    ['a 501', { status: 501 }],
    ['a 520', { status: 520 }],
    ['a 599', { status: 599 }],
    ['a 302', { status: 302, headers: { location: 'https://status.example.com/' } }],
    ['a 304', { status: 304 }],
    ['a 408', { status: 408 }],
    ['a 425', { status: 425 }],
    ['a 204', { status: 204 }],
    ['a page of HTML', { status: 200, body: '<html>maintenance</html>' }],
    ['an empty body', { status: 200, body: '' }],
    ['truncated JSON', { garble: true }],
    [
      'JSON that calls itself HTML',
      { status: 200, body: '{"data":{}}', headers: { 'content-type': 'text/html' } },
    ],
    ['a connection cut before the headers', { cut: 'before-headers' }],
    ['a connection cut in the middle of the body', { cut: 'mid-body' }],
  ])('is repeated after %s', async (_name, fault) => {
    clever.sandbox.faults.add({ path: PATH, times: 2, ...fault })
    const callContext = callerWaiting()
    const user = await clever.district.user(ID, callContext)
    expect(user?.id).toBe(ID)
    expect(clever.sandbox.calls.count(/\/users\//)).toBe(3)
    expect(callContext.allowance.calls).toBe(3)
  })

  it.each([
    [400, CleverAnswerInvalid],
    [401, CleverTokenRefused],
    [403, CleverPathRefused],
    [410, CleverAnswerInvalid],
    [413, CleverAnswerInvalid],
    [422, CleverAnswerInvalid],
    [451, CleverPathRefused],
  ])('is not repeated after a %i', async (status, error) => {
    clever.sandbox.faults.add({ path: PATH, status })
    await expect(clever.district.user(ID, callerWaiting())).rejects.toBeInstanceOf(error)
    expect(clever.sandbox.calls.count(/\/users\//)).toBe(1)
  })

  it('gives up on a Clever that stays down, after four attempts', async () => {
    clever.sandbox.faults.add({ path: PATH, status: 503 })
    await expect(clever.district.user(ID, callerWaiting())).rejects.toBeInstanceOf(CleverUnavailable)
    expect(clever.sandbox.calls.count()).toBe(4)
  })

  it('takes a user who is not there for undefined, in JSON and in HTML', async () => {
    clever.sandbox.faults.add({ path: PATH, times: 1, status: 404, body: '<pre>Cannot GET</pre>' })
    expect(await clever.district.user(ID, callerWaiting())).toBeUndefined()
    const nobody = parseUserId('0'.repeat(24)) ?? expect.unreachable()
    expect(await clever.district.user(nobody, callerWaiting())).toBeUndefined()
  })

  it('does not take malformed JSON for an answer, and does not quote it', async () => {
    clever.sandbox.faults.add({ path: PATH, garble: true })
    const error = await clever.district.user(ID, callerWaiting()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CleverUnavailable)
    expect(String(error)).not.toContain('Collins')
  })

  it('does not take another record for the answer', async () => {
    const body = JSON.stringify({ data: { id: '63850203bfb8460546071e62', roles: {} } })
    clever.sandbox.faults.add({ path: PATH, status: 200, body })
    await expect(clever.district.user(ID, callerWaiting())).rejects.toBeInstanceOf(CleverAnswerInvalid)
  })

  it.each<[string, Omit<Fault, 'path'>]>([
    ['answers too late', { delayMs: 60_000 }],
    ['stalls in the middle of the body', { stall: 'mid-body' }],
  ])('ends at the deadline when Clever %s', async (_name, fault) => {
    clever.sandbox.faults.add({ path: PATH, ...fault })
    const startedAt = Date.now()
    await expect(clever.district.user(ID, callerWaiting(200))).rejects.toBeInstanceOf(CleverTimedOut)
    expect(Date.now() - startedAt).toBeLessThan(2_000)
  })

  it('ends when the request has ended, with the reason for going', async () => {
    clever.sandbox.faults.add({ path: PATH, delayMs: 60_000 })
    const gone = new AbortController()
    const call = clever.district.user(ID, callerWaiting(5_000, gone.signal))
    gone.abort(new Error('hung up'))
    await expect(call).rejects.toThrow('hung up')
  })

  it('fails at once, with the seconds to wait, when the minute is spent and the deadline is nearer than the reset', async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 40)
    const headers = { 'x-ratelimit-limit': '1200', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    clever.sandbox.faults.add({ path: PATH, status: 429, headers, body: '' })
    const error = await clever.district.user(ID, callerWaiting()).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(CleverRateLimited)
    expect((error as CleverRateLimited).retryAfterSeconds).toBeGreaterThan(30)
    expect(clever.sandbox.calls.count()).toBe(1)
  })

  it('is repeated after a 429 once the reset is over', async () => {
    const reset = String(Math.floor(Date.now() / 1000))
    const headers = { 'x-ratelimit-limit': '1200', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }
    clever.sandbox.faults.add({ path: PATH, times: 1, status: 429, headers, body: '' })
    expect((await clever.district.user(ID, callerWaiting()))?.id).toBe(ID)
    expect(clever.sandbox.calls.count()).toBe(2)
  })
})

describe('many calls at once', () => {
  it('share a bounded number of connections', async () => {
    await using clever = await startClever({ students: 300 }, { connections: 8 })
    const ids =
      clever.sandbox.districts[0]?.students.map((id) => parseUserId(id) ?? expect.unreachable()) ?? []
    const users = await Promise.all(ids.map((id) => clever.district.user(id, callerWaiting())))
    expect(users.map((user) => user?.id)).toEqual(ids)
    expect(clever.sandbox.calls.highestConcurrency()).toBeLessThanOrEqual(8)
  })

  it('never go over the window, and those that do not fit fail at once', async () => {
    await using clever = await startClever({ students: 300, requestsPerMinute: 1200 })
    const ids =
      clever.sandbox.districts[0]?.students.map((id) => parseUserId(id) ?? expect.unreachable()) ?? []
    const fiveTimes = Array.from({ length: 5 }, () => ids).flat()
    const calls = await Promise.allSettled(
      fiveTimes.map((id) => clever.district.user(id, callerWaiting(25_000))),
    )
    const refused = calls.filter((call) => call.status === 'rejected')
    expect(refused).toHaveLength(300)
    expect(refused.every(({ reason }) => reason instanceof CleverRateLimited)).toBe(true)
    expect(clever.sandbox.calls.busiestWindow()).toBe(1200)
  })
})
