import { array, asyncProperty, assert as check, constantFrom, integer, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRateLimiter, type Priority, type RateLimiter } from '../../src/clever/rate-limiter.ts'
import { CleverRateLimited } from '../../src/model/clever-errors.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

const signal = new AbortController().signal
const LIMIT = 10

function callOf(priority: Priority, deadline = Number.POSITIVE_INFINITY) {
  return { priority, deadline, signal }
}

/** Sends one call and has it answered at once, by a Clever with a window of so many calls. */
async function send(rateLimiter: RateLimiter, priority: Priority, clock: FakeClock) {
  const sent = await rateLimiter.take(callOf(priority, clock.now()))
  sent.completed(200, {})
}

async function countOf(rateLimiter: RateLimiter, priority: Priority, clock: FakeClock) {
  let sent = 0
  try {
    for (;;) {
      await send(rateLimiter, priority, clock)
      sent += 1
    }
  } catch (error) {
    expect(error).toBeInstanceOf(CleverRateLimited)
    return sent
  }
}

describe('what is done in the background', () => {
  it('leaves half of the window to those who wait', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, LIMIT)
    expect(await countOf(rateLimiter, 'BACKGROUND', clock)).toBe(LIMIT / 2)
    expect(await countOf(rateLimiter, 'INTERACTIVE', clock)).toBe(LIMIT / 2)
  })

  it('gets nothing of a window of which half is spent', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, LIMIT)
    for (let call = 0; call < LIMIT / 2; call += 1) await send(rateLimiter, 'INTERACTIVE', clock)
    expect(await countOf(rateLimiter, 'BACKGROUND', clock)).toBe(0)
    expect(rateLimiter.left()).toBe(LIMIT / 2)
  })

  it('gets the seconds to wait when its deadline is short', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, LIMIT)
    await countOf(rateLimiter, 'BACKGROUND', clock)
    await clock.advance(20_000)
    const refusal = await rateLimiter.take(callOf('BACKGROUND', clock.now())).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ retryAfterSeconds: 40 })
  })

  it('goes on with the next window, and never keeps anybody waiting who could be answered', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, LIMIT)
    await countOf(rateLimiter, 'BACKGROUND', clock)
    let isSent = false
    const patient = rateLimiter.take(callOf('BACKGROUND')).then(() => {
      isSent = true
    })
    await clock.advance(1_000)
    await send(rateLimiter, 'INTERACTIVE', clock)
    expect(isSent).toBe(false)
    await clock.advance(62_000)
    expect(isSent).toBe(true)
    await patient
  })

  it('goes after those who wait for the next window too', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, LIMIT)
    await countOf(rateLimiter, 'INTERACTIVE', clock)
    const order: Priority[] = []
    const take = (priority: Priority) =>
      rateLimiter.take(callOf(priority)).then((sent) => {
        order.push(priority)
        sent.completed(200, {})
      })
    const background = Array.from({ length: LIMIT }, () => take('BACKGROUND'))
    const interactive = Array.from({ length: LIMIT }, () => take('INTERACTIVE'))
    await clock.advance(62_000)
    expect(order.filter((each) => each === 'INTERACTIVE')).toHaveLength(LIMIT)
    await clock.advance(300_000)
    await Promise.all([...background, ...interactive])
  })

  it('is as urgent as a request that joins it: it no longer waits for the next window', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, LIMIT)
    await countOf(rateLimiter, 'BACKGROUND', clock)
    let priority: Priority = 'BACKGROUND'
    const urgent = new AbortController()
    let isSent = false
    const call = {
      deadline: Number.POSITIVE_INFINITY,
      signal,
      urgent: urgent.signal,
      get priority() {
        return priority
      },
    }
    const taking = rateLimiter.take(call).then(() => {
      isSent = true
    })
    await clock.advance(100)
    priority = 'INTERACTIVE'
    urgent.abort()
    await clock.advance(5_000)
    expect(isSent).toBe(true)
    await clock.advance(120_000)
    await taking
  })

  it('never takes the reserve, and no call overruns the window, in any order of calls', async () => {
    const steps = array(
      record({
        priority: constantFrom<Priority>('INTERACTIVE', 'BACKGROUND'),
        burst: integer({ min: 1, max: 8 }),
        pause: integer({ min: 0, max: 20_000 }),
        takes: integer({ min: 0, max: 2_000 }),
      }),
      { minLength: 3, maxLength: 12 },
    )
    await check(
      asyncProperty(steps, async (script) => {
        const clock = createFakeClock()
        const rateLimiter = createRateLimiter(clock, LIMIT)
        let [open, counts] = [Number.NEGATIVE_INFINITY, { INTERACTIVE: 0, BACKGROUND: 0 }]
        const all: Promise<void>[] = []
        async function call(priority: Priority, takes: number) {
          const sent = await rateLimiter.take(callOf(priority))
          if (clock.now() >= open + 60_000) [open, counts] = [clock.now(), { INTERACTIVE: 0, BACKGROUND: 0 }]
          counts[priority] += 1
          expect(counts.BACKGROUND).toBeLessThanOrEqual(LIMIT / 2)
          expect(counts.BACKGROUND + counts.INTERACTIVE).toBeLessThanOrEqual(LIMIT)
          const [left, reset] = [
            LIMIT - counts.BACKGROUND - counts.INTERACTIVE,
            Math.floor((open + 60_000) / 1000),
          ]
          await clock.sleep(takes, signal)
          sent.completed(200, {
            date: new Date(clock.now()).toUTCString(),
            'x-ratelimit-limit': String(LIMIT),
            'x-ratelimit-remaining': String(left),
            'x-ratelimit-reset': String(reset),
          })
        }
        for (const { priority, burst, pause, takes } of script) {
          for (let n = 0; n < burst; n += 1) all.push(call(priority, takes))
          await clock.advance(pause)
        }
        await clock.advance(3_600_000)
        await Promise.all(all)
      }),
      { numRuns: 60 },
    )
  })
})
