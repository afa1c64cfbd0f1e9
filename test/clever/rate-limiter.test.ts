import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRateLimiter } from '../../src/clever/rate-limiter.ts'
import { CleverRateLimited } from '../../src/model/clever-errors.ts'
import { createFakeClock } from '../support/fake-clock.ts'

const FOREVER = {
  deadline: Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  priority: 'INTERACTIVE' as const,
}

function headers(limit: number, remaining: number, resetsAt: number, now: number) {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.floor(resetsAt / 1000)),
    date: new Date(now).toUTCString(),
  }
}

/** Clever's side: a fixed window of 60 s that begins with the first call to arrive. */
function createWindows(limit: number) {
  let resetsAt = Number.NEGATIVE_INFINITY
  let count = 0
  let busiest = 0
  let total = 0
  return {
    busiest: () => busiest,
    total: () => total,
    arrive(now: number) {
      total += 1
      if (now >= resetsAt) [resetsAt, count] = [now + 60_000, 0]
      count += 1
      busiest = Math.max(busiest, count)
      return {
        status: count > limit ? 429 : 200,
        headers: headers(limit, Math.max(0, limit - count), resetsAt, now),
      }
    },
  }
}

describe('the rate limiter of a token', () => {
  it('lets the whole window be used at once, and refuses the next call with the seconds to wait', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 3)
    const clever = createWindows(3)
    for (let call = 0; call < 3; call += 1) {
      const sent = await rateLimiter.take(FOREVER)
      const { status, headers } = clever.arrive(clock.now())
      sent.completed(status, headers)
    }
    const hurried = { ...FOREVER, deadline: clock.now() + 10_000 }
    const refusal = await rateLimiter.take(hurried).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(CleverRateLimited)
    expect(refusal).toMatchObject({ retryAfterSeconds: 61 })
  })

  it('holds back a patient call until the window has closed', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 1)
    const clever = createWindows(1)
    const first = clever.arrive(clock.now())
    ;(await rateLimiter.take(FOREVER)).completed(first.status, first.headers)
    let isSent = false
    const second = rateLimiter.take(FOREVER).then((sent) => {
      isSent = true
      return sent
    })
    await clock.advance(60_000)
    expect(isSent).toBe(false)
    await clock.advance(1_000)
    await second
    expect(clever.arrive(clock.now()).status).toBe(200)
  })

  it('learns from the headers that others use the same token', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock)
    ;(await rateLimiter.take(FOREVER)).completed(200, headers(1200, 1, clock.now() + 30_000, clock.now()))
    await rateLimiter.take(FOREVER)
    await expect(rateLimiter.take({ ...FOREVER, deadline: clock.now() + 5_000 })).rejects.toBeInstanceOf(
      CleverRateLimited,
    )
  })

  it('takes the tightest of several buckets, and waits for the latest reset', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock)
    const now = Math.floor(clock.now() / 1000)
    ;(await rateLimiter.take(FOREVER)).completed(429, {
      'x-ratelimit-bucket': 'all, none',
      'x-ratelimit-limit': '200, 1200',
      'x-ratelimit-remaining': '0, 0',
      'x-ratelimit-reset': `${now + 5}, ${now + 30}`,
    })
    const refusal = await rateLimiter
      .take({ ...FOREVER, deadline: clock.now() + 10_000 })
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({ retryAfterSeconds: 31 })
  })

  it('waits a whole window after a 429 that says nothing', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock)
    ;(await rateLimiter.take(FOREVER)).completed(429, {})
    const refusal = await rateLimiter
      .take({ ...FOREVER, deadline: clock.now() + 10_000 })
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({ retryAfterSeconds: 60 })
  })

  it('reads the reset by the clock of Clever, so that ours may be wrong', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 2)
    const cleverNow = clock.now() + 3_600_000
    ;(await rateLimiter.take(FOREVER)).completed(200, headers(2, 0, cleverNow + 20_000, cleverNow))
    const refusal = await rateLimiter
      .take({ ...FOREVER, deadline: clock.now() })
      .catch((error: unknown) => error)
    expect(refusal).toMatchObject({ retryAfterSeconds: 21 })
  })

  it('stops waiting when the request has ended', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 1)
    await rateLimiter.take(FOREVER)
    const gone = new AbortController()
    const waiting = rateLimiter.take({ ...FOREVER, signal: gone.signal })
    gone.abort(new Error('gone'))
    await expect(waiting).rejects.toThrow('gone')
  })

  it('counts a call that is under way when the window closes in the next window too', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 2)
    const first = await rateLimiter.take(FOREVER)
    first.completed(200, headers(2, 1, clock.now() + 60_000, clock.now()))
    await clock.advance(59_000)
    await rateLimiter.take(FOREVER)
    await clock.advance(5_000)
    await rateLimiter.take(FOREVER)
    await expect(rateLimiter.take({ ...FOREVER, deadline: clock.now() })).rejects.toBeInstanceOf(
      CleverRateLimited,
    )
  })

  it('takes the window to begin as late as a call that was lost may have begun it', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 2)
    ;(await rateLimiter.take(FOREVER)).lost()
    await clock.advance(59_000)
    const late = await rateLimiter.take(FOREVER)
    await clock.advance(2_000)
    await rateLimiter.take(FOREVER)
    const hurried = { ...FOREVER, deadline: clock.now() }
    await expect(rateLimiter.take(hurried)).rejects.toBeInstanceOf(CleverRateLimited)
    await clock.advance(5_000)
    late.lost()
    await clock.advance(59_000)
    await expect(rateLimiter.take({ ...FOREVER, deadline: clock.now() })).rejects.toBeInstanceOf(
      CleverRateLimited,
    )
  })

  it('counts a call that was lost at the end of a window in the next one too', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 4)
    const start = clock.now()
    ;(await rateLimiter.take(FOREVER)).completed(200, headers(4, 3, start + 60_000, start))
    await clock.advance(60_000)
    ;(await rateLimiter.take(FOREVER)).lost()
    const second = await rateLimiter.take(FOREVER)
    const third = await rateLimiter.take(FOREVER)
    second.completed(200, headers(4, 2, clock.now() + 60_000, clock.now()))
    await rateLimiter.take(FOREVER)
    await expect(rateLimiter.take({ ...FOREVER, deadline: clock.now() })).rejects.toBeInstanceOf(
      CleverRateLimited,
    )
    third.lost()
  })

  it.each<[string, (now: number) => string | undefined]>([
    ['now', (now) => String(Math.floor(now / 1000))],
    ['in the past', (now) => String(Math.floor(now / 1000) - 3_600)],
    ['in the far future', (now) => String(Math.floor(now / 1000) + 86_400)],
    ['a second later each time', (now) => String(Math.floor(now / 1000) + 1)],
    ['0', () => '0'],
    ['no number', () => 'soon'],
    ['a date', (now) => new Date(now).toUTCString()],
    ['two buckets', (now) => `${Math.floor(now / 1000)}, ${Math.floor(now / 1000) - 1}`],
    ['missing', () => undefined],
  ])('C12: no window of ours is shorter than 60 s when the reset is %s', async (_what, resetAt) => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 5)
    const clever = createWindows(5)
    const never = new AbortController().signal
    async function call() {
      const sent = await rateLimiter.take(FOREVER)
      const { status, headers } = clever.arrive(clock.now())
      await clock.sleep(50, never)
      sent.completed(status, { ...headers, 'x-ratelimit-reset': resetAt(clock.now()) })
    }
    const calls = Array.from({ length: 12 }, call)
    await clock.advance(59_000)
    expect(clever.total()).toBe(5)
    await clock.advance(1_800_000)
    await Promise.all(calls)
    expect(clever.busiest()).toBe(5)
  })

  it('C11: a call that never left is not counted, and frees its place at once', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 3)
    for (let attempt = 0; attempt < 50; attempt += 1) (await rateLimiter.take(FOREVER)).notSent()
    expect(rateLimiter.left()).toBe(3)
    ;(await rateLimiter.take(FOREVER)).lost()
    expect(rateLimiter.left()).toBe(2)
  })

  it('C11: a call that never left does not hide what others have sent', async () => {
    const clock = createFakeClock()
    const rateLimiter = createRateLimiter(clock, 10)
    const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => rateLimiter.take(FOREVER)))
    first?.completed(200, headers(10, 6, clock.now() + 60_000, clock.now()))
    for (const sent of others) sent.notSent()
    expect(rateLimiter.left()).toBe(6)
  })

  it.each([-7_200_000, -30_000, 30_000, 7_200_000])(
    'does not take a window for over, nor for longer, when our clock is set by %i ms',
    async (milliseconds) => {
      const clock = createFakeClock()
      const startedAt = clock.elapsed()
      const rateLimiter = createRateLimiter(clock, 2)
      for (let call = 0; call < 2; call += 1) {
        const sent = await rateLimiter.take(FOREVER)
        sent.completed(200, headers(2, 1 - call, startedAt + 60_000, startedAt))
      }
      clock.setBy(milliseconds)
      expect(rateLimiter.left()).toBe(0)
      let isSent = false
      const waiting = rateLimiter.take(FOREVER).then(() => {
        isSent = true
      })
      await clock.advance(59_000)
      expect(isSent).toBe(false)
      await clock.advance(2_000)
      await waiting
    },
  )

  it.each(['100000', '100000, 50000', '1e9'])(
    'stays within the minute when an answer says limit %s',
    async (told) => {
      const clock = createFakeClock()
      const rateLimiter = createRateLimiter(clock, 2)
      const sent = await rateLimiter.take(FOREVER)
      sent.completed(503, {
        ...headers(2, 1, clock.now() + 60_000, clock.now()),
        'x-ratelimit-limit': told,
        'x-ratelimit-remaining': told,
      })
      expect(rateLimiter.left()).toBeLessThanOrEqual(1)
    },
  )

  it.each([-7_200_000, 7_200_000])(
    "learns what others send, after Clever's clock was wrong by %i ms for one answer",
    async (milliseconds) => {
      const clock = createFakeClock()
      const rateLimiter = createRateLimiter(clock, 10)
      const call = async (remaining: number, ahead: number) => {
        const now = clock.now() + ahead
        ;(await rateLimiter.take(FOREVER)).completed(200, headers(10, remaining, now + 60_000, now))
      }
      await call(9, 0)
      await clock.advance(61_000)
      await call(9, milliseconds)
      await clock.advance(61_000)
      await call(3, 0)
      expect(rateLimiter.left()).toBe(3)
    },
  )

  it('never lets a window be overrun, whatever the concurrency, the latency, lost answers and both clocks', async () => {
    const calls = array(
      record({
        pause: integer({ min: 0, max: 31_000 }),
        burst: integer({ min: 1, max: 9 }),
        way: integer({ min: 0, max: 3_000 }),
        back: integer({ min: 0, max: 3_000 }),
        isLost: boolean(),
      }),
      { minLength: 5, maxLength: 12 },
    )
    await assert(
      asyncProperty(calls, integer({ min: -900, max: 900 }), async (script, skew) => {
        const clock = createFakeClock()
        const rateLimiter = createRateLimiter(clock, 7)
        const clever = createWindows(7)
        const never = new AbortController().signal
        async function call(way: number, back: number, isLost: boolean) {
          const sent = await rateLimiter.take(FOREVER)
          await clock.sleep(way, never)
          const answer = clever.arrive(clock.now() + skew)
          await clock.sleep(back, never)
          if (isLost) sent.lost()
          else sent.completed(answer.status, answer.headers)
        }
        const all: Promise<void>[] = []
        for (const { pause, burst, way, back, isLost } of script) {
          for (let i = 0; i < burst; i += 1) all.push(call(way * (i % 3), back, isLost && i % 2 === 0))
          await clock.advance(pause)
        }
        await clock.advance(60 * 60_000)
        await Promise.all(all)
        expect(clever.busiest()).toBeLessThanOrEqual(7)
      }),
      { numRuns: 1_000 },
    )
  })

  it('C12: never lets a window be overrun, whatever the headers say, and whichever calls are lost or never leave', async () => {
    const hostileReset = oneof(
      integer({ min: -120, max: 120 }).map(
        (seconds) => (now: number) => `${Math.floor(now / 1000) + seconds}`,
      ),
      constantFrom('', 'NaN', '0', '-1', '1e99', '99999999999999', ',', undefined).map((text) => () => text),
    )
    const calls = array(
      record({
        pause: integer({ min: 0, max: 31_000 }),
        burst: integer({ min: 1, max: 9 }),
        way: integer({ min: 0, max: 3_000 }),
        back: integer({ min: 0, max: 3_000 }),
        end: constantFrom('answered', 'answered', 'lost', 'withdrawn'),
        reset: hostileReset,
        remaining: constantFrom('7', '6', '0', '-3', 'many', undefined),
        date: oneof(constant('never'), integer({ min: -90_000, max: 90_000 })),
      }),
      { minLength: 5, maxLength: 12 },
    )
    await assert(
      asyncProperty(calls, async (script) => {
        const clock = createFakeClock()
        const rateLimiter = createRateLimiter(clock, 7)
        const clever = createWindows(7)
        const never = new AbortController().signal
        async function call({ way, back, end, reset, remaining, date }: (typeof script)[number], i: number) {
          const sent = await rateLimiter.take(FOREVER)
          await clock.sleep(way * (i % 3), never)
          if (end === 'withdrawn') return sent.notSent()
          const { status } = clever.arrive(clock.now())
          await clock.sleep(back, never)
          if (end === 'lost') return sent.lost()
          sent.completed(status, {
            'x-ratelimit-limit': '7',
            'x-ratelimit-remaining': remaining,
            'x-ratelimit-reset': reset(clock.now()),
            date: typeof date === 'number' ? new Date(clock.now() + date).toUTCString() : date,
          })
        }
        const all: Promise<void>[] = []
        for (const step of script) {
          for (let i = 0; i < step.burst; i += 1) all.push(call(step, i))
          await clock.advance(step.pause)
        }
        await clock.advance(4 * 60 * 60_000)
        await Promise.all(all)
        expect(clever.busiest()).toBeLessThanOrEqual(7)
      }),
      { numRuns: 500 },
    )
  })
})
