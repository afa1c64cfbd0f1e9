import type { CleverClient } from '../../src/clever/client.ts'
import type { CallContext } from '../../src/clever/transport.ts'
import type { Clock } from '../../src/clock.ts'
import { createDistrictRegistry } from '../../src/districts.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CallAllowance } from '../../src/model/call-allowance.ts'
import { CleverRangeUnverified } from '../../src/model/clever-errors.ts'
import { liesIn } from '../../src/model/ranges.ts'
import { contactsIn, DISTRICT, pageOf, type Roster } from '../sync/world.ts'

/** How Clever takes a cursor that is the id of no user. */
export type Cursors = 'ranges' | 'lookups' | 'lookups-empty'

export interface CountingOptions {
  readonly roster: Roster
  readonly clock: Clock
  readonly callsLeft: number
  readonly cursors?: Cursors
  readonly counts?: boolean
}

/** A district whose Clever is a roster in memory, and that writes down each call. */
export function startCounting({
  roster,
  clock,
  callsLeft,
  cursors = 'ranges',
  counts = true,
}: CountingOptions) {
  const calls: string[] = []
  const called = (call: string, { allowance }: CallContext) => {
    allowance.spend()
    calls.push(call)
  }
  const none = () => Promise.reject(new Error('nobody asks for this'))
  const client: CleverClient = {
    districtId: DISTRICT,
    district: none,
    events: none,
    newestEvent: none,
    cleverNow: clock.now,
    studentsOf: none,
    studentsOfSchool: none,
    schools: none,
    limiterCounts: () => ({ waits: 0, refusals: 0 }),
    expectLargePages() {},
    callsLeft: () => Math.max(callsLeft - calls.length, 0),
    async user(id, callContext) {
      called(`user ${id}`, callContext)
      return roster.get(id)
    },
    async range(range, callContext) {
      called(`range ${range.beyond} ${range.limit}`, callContext)
      const { role, beyond } = range
      const isLost =
        cursors !== 'ranges' &&
        beyond !== undefined &&
        ![...roster.values()].some((user) => user.id === beyond && user[role] !== undefined)
      if (isLost && cursors === 'lookups-empty')
        return { rows: [], isLast: true, isLinked: false, hasNameless: false, leftOut: 0 }
      const page = pageOf(roster, isLost ? { ...range, beyond: undefined } : range)
      if (!liesIn(range, page.rows)) throw new CleverRangeUnverified('not beyond its cursor')
      return page
    },
    async count(role, callContext) {
      called('count', callContext)
      return counts ? [...roster.values()].filter((user) => user[role] !== undefined).length : undefined
    },
    async contactsOf(studentId, callContext) {
      called(`contactsOf ${studentId}`, callContext)
      return contactsIn(roster, studentId)
    },
  }
  const districts = createDistrictRegistry({
    lagMs: 0,
    ages: { displayMs: 300_000, displayMaxMs: 600_000, decisionMs: 60_000 },
    maxBytes: 10_000_000,
    clock,
    log: createLog('silent'),
    metrics: createMetrics(),
  })
  return { district: districts.of(client), calls }
}

export function callerOf(clock: Clock, maxCalls: number, patience = 10_000): CallContext {
  return {
    deadline: clock.now() + patience,
    signal: new AbortController().signal,
    allowance: new CallAllowance(maxCalls),
    priority: 'INTERACTIVE',
  }
}
