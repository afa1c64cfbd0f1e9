import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Page, simulate } from './simulated-districts.ts'

const DISTRICTS = 200
const INTERVAL_MS = 30_000
const MINUTE_MS = 60_000
/** The fake clock moves on while a page is stored. */
const SLACK_MS = 2_000

const small = { contacts: 8, students: 5, failsFor: 0 }
const district = fc.record({
  contacts: fc.oneof({ weight: 9, arbitrary: fc.nat(30) }, fc.integer({ min: 200, max: 400 })),
  students: fc.nat(30),
  failsFor: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.nat(2 * MINUTE_MS)),
})
const scenario = fc.record({
  plan: fc.array(district, { minLength: DISTRICTS, maxLength: DISTRICTS }),
  loadsAtOnce: fc.integer({ min: 1, max: 4 }),
  /** Which districts are asked for, and after how long. */
  requests: fc.array(fc.tuple(fc.nat(DISTRICTS - 1), fc.nat(2 * MINUTE_MS)), { maxLength: 60 }),
})

const firstOf = (pages: readonly Page[], n: number) => pages.find(({ district }) => district === n)?.sentAt

describe('200 districts in one process', () => {
  it('are all loaded, a few at one time, the asked ones first, while each is polled on time', async () => {
    await fc.assert(
      fc.asyncProperty(scenario, async ({ plan, loadsAtOnce, requests }) => {
        await using world = await simulate(plan, { loadsAtOnce })
        const { clock, startsAt, pages, polls } = world
        const askedAt = new Map<number, number>()
        for (const [n, at] of requests.toSorted(([, a], [, b]) => a - b)) {
          await clock.advance(startsAt + at - clock.elapsed())
          // A district exists from its first poll on.
          await clock.advance(1_000)
          world.request(n)
          if (!askedAt.has(n)) askedAt.set(n, clock.elapsed())
        }
        for (let minute = 0; minute < 60 && !plan.every((_, n) => world.isWhole(n)); minute += 1)
          await clock.advance(MINUTE_MS)

        expect(plan.filter((_, n) => !world.isWhole(n))).toEqual([])
        expect(world.most()).toBeLessThanOrEqual(loadsAtOnce)
        for (const times of polls)
          for (const [i, time] of times.entries())
            expect((times[i + 1] ?? clock.elapsed()) - time).toBeLessThanOrEqual(INTERVAL_MS + SLACK_MS)

        // While an asked district that works waits, no other one begins or goes on.
        const waits = [...askedAt].flatMap(([n, from]) => {
          const until = firstOf(pages, n) ?? Number.POSITIVE_INFINITY
          return plan[n]?.failsFor === 0 && until > from ? [{ from: from + SLACK_MS, until }] : []
        })
        const wrong = pages.filter(
          ({ district: n, sentAt }) =>
            (askedAt.get(n) ?? Number.POSITIVE_INFINITY) > sentAt &&
            waits.some(({ from, until }) => from < sentAt && sentAt < until),
        )
        expect(wrong).toEqual([])
      }),
      { numRuns: 1, endOnFailure: true },
    )
  }, 120_000)

  it('are loaded small before large, when nothing asks for them', async () => {
    const isLarge = (n: number) => n % 10 === 0
    const plan = Array.from({ length: DISTRICTS }, (_, n) =>
      isLarge(n) ? { ...small, contacts: 300 } : small,
    )
    await using world = await simulate(plan, { loadsAtOnce: 2 })
    await world.clock.advance(3 * MINUTE_MS)
    const order = [...new Set(world.pages.map(({ district: n }) => n))]
    expect(order).toHaveLength(DISTRICTS)
    // The sizes are not known when the first places are free.
    const early = order.slice(2, -DISTRICTS / 10).filter(isLarge)
    expect(early).toEqual([])
  })
})

describe('a district that fails', () => {
  it('holds no place, and is tried again after longer and longer pauses', async () => {
    const failing = [0, 1, 2, 3, 4]
    const plan = Array.from({ length: 30 }, (_, n) => ({
      ...small,
      failsFor: failing.includes(n) ? 30 * MINUTE_MS : 0,
    }))
    await using world = await simulate(plan, { loadsAtOnce: 2 })
    await world.clock.advance(MINUTE_MS)
    expect(plan.filter((_, n) => !failing.includes(n) && !world.isWhole(n))).toEqual([])
    const metrics = await world.metrics.registry.metrics()
    expect(metrics.match(/^directory_loads\{district="\w+",state="(paused|loading)"\} 1$/gm)).toHaveLength(
      failing.length,
    )
    expect(metrics).toMatch(/^directory_load_next_attempt_timestamp_seconds\{district="\w+"\} \d/m)
    await world.clock.advance(45 * MINUTE_MS)
    expect(plan.filter((_, n) => !world.isWhole(n))).toEqual([])
    for (const n of failing) {
      const failures = world.pages.filter(({ district: of, isFailure }) => of === n && isFailure)
      // Both roles are tried at one time.
      const attempts = [...new Set(failures.map(({ sentAt }) => sentAt))]
      const pauses = attempts.slice(1).map((sentAt, i) => sentAt - (attempts[i] ?? 0))
      for (const [i, pause] of pauses.entries()) {
        const longest = Math.min(INTERVAL_MS * 2 ** i, 10 * MINUTE_MS)
        expect(pause).toBeGreaterThanOrEqual(longest / 2)
        expect(pause).toBeLessThanOrEqual(longest + SLACK_MS)
      }
    }
  })
})

describe('too little memory for all districts', () => {
  it('is filled with what fits, and then holds a district that is asked for', async () => {
    const plan = Array.from({ length: 40 }, () => small)
    await using world = await simulate(plan, { loadsAtOnce: 2, maxBytes: 60_000 })
    await world.clock.advance(3 * MINUTE_MS)
    const whole = () => plan.filter((_, n) => world.isWhole(n)).length
    expect(whole()).toBeGreaterThan(10)
    expect(whole()).toBeLessThan(40)
    const before = world.pages.length
    await world.clock.advance(5 * MINUTE_MS)
    expect(world.pages.slice(before)).toEqual([])
    const last = plan.findIndex((_, n) => !world.isWhole(n))
    world.request(last)
    await world.clock.advance(MINUTE_MS)
    expect(world.isWhole(last)).toBe(true)
  })
})
