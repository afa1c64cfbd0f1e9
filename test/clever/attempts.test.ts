import pLimit from 'p-limit'
import type { Dispatcher } from 'undici'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../src/clever/read-answer.ts'
import { createTransport } from '../../src/clever/transport.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CleverUnavailable } from '../../src/model/clever-errors.ts'
import { callerWaiting } from '../support/clever.ts'
import { createFakeClock } from '../support/fake-clock.ts'

describe('the attempts of one call', () => {
  it('end also when the minute was spent more often than a call is repeated, and Clever then stays down', async () => {
    let calls = 0
    const dispatcher = {
      dispatch(_options, handler) {
        calls += 1
        const controller = {} as Dispatcher.DispatchController
        handler.onRequestStart?.(controller, {})
        handler.onResponseStart?.(controller, calls <= 6 ? 429 : 503, {})
        handler.onResponseEnd?.(controller, {})
        return true
      },
    } as Dispatcher
    const rateLimiter = {
      take: async () => ({ completed() {}, lost() {}, notSent() {} }),
      counts: { waits: 0, refusals: 0 },
      left: () => 1,
    }
    const credential = { authorization: 'Bearer x', rateLimiter, lane: pLimit(1) }
    const clock = createFakeClock()
    const transport = createTransport({
      origin: 'http://localhost',
      dispatcher,
      clock,
      metrics: createMetrics(),
      random: () => 0,
    })
    const callContext = { ...callerWaiting(), deadline: Number.POSITIVE_INFINITY }
    await expect(transport.get('/x', '/x', credential, callContext, readJson)).rejects.toBeInstanceOf(
      CleverUnavailable,
    )
    expect(calls).toBe(7)
  })
})
