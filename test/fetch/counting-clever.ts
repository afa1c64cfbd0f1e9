import type { CleverClient } from '../../src/clever/client.ts'
import type { Caller } from '../../src/clever/transport.ts'
import type { Clock } from '../../src/clock.ts'
import { createKnownDistricts } from '../../src/districts.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { Ledger } from '../../src/model/call-allowance.ts'
import { CleverRangeUnproven } from '../../src/model/clever-errors.ts'
import { keepsTo } from '../../src/model/ranges.ts'
import { contactsIn, DISTRICT, pageOf, type Roster } from '../sync/world.ts'

/** How Clever takes a cursor that is nobody's id. */
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
  const called = (call: string, { ledger }: Caller) => {
    ledger.spend()
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
    callsLeft: () => Math.max(callsLeft - calls.length, 0),
    async user(id, caller) {
      called(`user ${id}`, caller)
      return roster.get(id)
    },
    async range(range, caller) {
      called(`range ${range.beyond} ${range.limit}`, caller)
      const { role, beyond } = range
      const isLost =
        cursors !== 'ranges' &&
        beyond !== undefined &&
        ![...roster.values()].some((user) => user.id === beyond && user[role] !== undefined)
      if (isLost && cursors === 'lookups-empty')
        return { rows: [], isLast: true, isLinked: false, hasNameless: false }
      const page = pageOf(roster, isLost ? { ...range, beyond: undefined } : range)
      if (
        !keepsTo(
          range,
          page.rows.map(({ id }) => id),
        )
      )
        throw new CleverRangeUnproven('not beyond its cursor')
      return page
    },
    async count(role, caller) {
      called('count', caller)
      return counts ? [...roster.values()].filter((user) => user[role] !== undefined).length : undefined
    },
    async contactsOf(studentId, caller) {
      called(`contactsOf ${studentId}`, caller)
      return contactsIn(roster, studentId)
    },
  }
  const known = createKnownDistricts({
    lag: 0,
    ages: { display: 300_000, displayAtMost: 600_000, decision: 60_000 },
    mostBytes: 10_000_000,
    clock,
    log: createLog('silent'),
    metrics: createMetrics(),
  })
  return { district: known.of(client), calls }
}

export function callerOf(clock: Clock, mostCalls: number, patience = 10_000): Caller {
  return {
    deadline: clock.now() + patience,
    signal: new AbortController().signal,
    ledger: new Ledger(mostCalls),
    priority: 'INTERACTIVE',
  }
}
