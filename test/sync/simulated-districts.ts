import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CleverClient } from '../../src/clever/client.ts'
import type { CallContext } from '../../src/clever/transport.ts'
import { createDistrictRegistry, type District } from '../../src/districts.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CleverUnavailable } from '../../src/model/clever-errors.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/ranges.ts'
import { runSync, type SchedulerOptions } from '../../src/sync/scheduler.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { pageOf, type Roster, userId, userOf } from './world.ts'

/** One call of a full load. All times are `clock.elapsed()`. */
export interface Page {
  readonly district: number
  readonly sentAt: number
  readonly isFailure: boolean
}

export interface SimulatedDistrict {
  readonly contacts: number
  readonly students: number
  /** Its lists fail until then. ms after the start */
  readonly failsFor: number
}

const INTERVAL_MS = 30_000
const CALL_MS = 200
const PAGE_ROWS = 10

/**
 * Districts in one process on a fake clock, each with a Clever of its own in memory that takes its time for each call and gives
 * ten rows a page.
 */
export async function simulate(
  plan: readonly SimulatedDistrict[],
  {
    loadsAtOnce,
    maxBytes = 1_000_000_000,
  }: Pick<SchedulerOptions, 'loadsAtOnce'> & { readonly maxBytes?: number },
) {
  const clock = createFakeClock()
  const startsAt = clock.elapsed()
  const pages: Page[] = []
  const polls = plan.map((): number[] => [])
  const underWay = new Set<number>()
  let most = 0

  function clientOf({ contacts, students, failsFor }: SimulatedDistrict, district: number): CleverClient {
    const roster = rosterOf(contacts, students)
    const none = () => Promise.reject(new Error('nothing asks for this'))
    const after = (callContext: CallContext) => clock.sleep(CALL_MS, callContext.signal)
    const eventId = '0'.repeat(24)
    return {
      districtId: parseDistrictId(district.toString(16).padStart(24, 'd')) ?? (none() as never),
      district: none,
      user: none,
      contactsOf: none,
      studentsOf: none,
      studentsOfSchool: none,
      schools: none,
      cleverNow: clock.now,
      expectLargePages() {},
      callsLeft: () => 1_200,
      limiterCounts: () => ({ waits: 0, refusals: 0 }),
      async newestEvent(callContext) {
        polls[district]?.push(clock.elapsed())
        await after(callContext)
        return null
      },
      async events(_after, callContext) {
        polls[district]?.push(clock.elapsed())
        await after(callContext)
        return { events: [], ahead: [], unreadable: [], lastId: undefined, endsWith: eventId, isLast: true }
      },
      async count(role, callContext) {
        await after(callContext)
        return role === 'contact' ? contacts : students
      },
      async range(range, callContext) {
        // A load that has yielded sends no further call.
        await nextTurn()
        callContext.allowance.spend()
        const isFailure = clock.elapsed() - startsAt < failsFor
        pages.push({ district, sentAt: clock.elapsed(), isFailure })
        underWay.add(district)
        most = Math.max(most, underWay.size)
        await after(callContext).finally(() => underWay.delete(district))
        if (isFailure) throw new CleverUnavailable('503')
        return pageOf(roster, range, PAGE_ROWS)
      },
    }
  }

  const clients = plan.map(clientOf)
  const log = createLog('silent')
  const metrics = createMetrics()
  const ages = { displayMs: 86_400_000, displayMaxMs: 2 * 86_400_000, decisionMs: 60_000 }
  const districts = createDistrictRegistry({ lagMs: 0, ages, maxBytes, clock, log, metrics })
  metrics.sources.districts = districts.all
  const ending = new AbortController()
  const running = runSync({
    warm: 'eager',
    intervalMs: INTERVAL_MS,
    lagMs: 0,
    loadsAtOnce,
    clients: { known: () => clients, all: async () => clients },
    districts,
    clock,
    log,
    metrics,
    ending: ending.signal,
  })
  // Until the first calls are sent.
  await clock.advance(0)
  const districtOf = (n: number): District => districts.of(clients[n] ?? (undefined as never))

  return {
    clock,
    startsAt,
    metrics,
    pages,
    polls,
    /** The most districts that read a page at one time. */
    most: () => most,
    request: (n: number, role: Role = 'contact') => districtOf(n).demand.add(role),
    isWhole: (n: number) =>
      (['contact', 'student'] as const).every((role) => districtOf(n).store.wholeAsOf(role) !== undefined),
    async [Symbol.asyncDispose]() {
      ending.abort()
      await clock.advance(0)
      await running
    },
  }
}

function rosterOf(contacts: number, students: number): Roster {
  const users = Array.from({ length: contacts + students }, (_, n) =>
    userOf(
      n,
      n < contacts ? { isStudent: false, contactOf: [] } : { isStudent: true, contactOf: undefined },
      0,
    ),
  )
  return new Map(users.map((user, n) => [userId(n), user]))
}
