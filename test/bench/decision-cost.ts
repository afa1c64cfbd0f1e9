import { decide, type Facts, type Rules } from '../../src/access/decide.ts'
import { NO_OVERRIDES } from '../../src/access/overrides.ts'
import { VIEW_STUDENT } from '../../src/access/policy.ts'
import type { Principal } from '../../src/access/principal.ts'
import { viewerOf } from '../../src/access/viewer.ts'
import { contact, NOW, SHIPPED_POLICY, user } from '../access/people.ts'
import { median } from './measure.ts'

const STUDENTS = ['1', '2', '3'].map((digit) => digit.repeat(24))
const BATCHES = 9
const BATCH = 50_000

const guardian = contact({
  id: 'a'.repeat(24),
  first: 'Ada',
  last: 'Whitfield',
  email: 'ada.whitfield@families.example',
  phone: '(201) 555-0123',
  sisId: '1001',
  entries: STUDENTS.map((student) => ({ student, relationship: 'Parent', type: 'Parent/Guardian' })),
})

export interface DecisionCost {
  /** One decision for a guardian with three entries. µs */
  readonly decided: number
  /** The same decision again, from the viewer of an earlier request. µs */
  readonly remembered: number
}

/** In this process; medians. */
export function measureDecisions(): DecisionCost {
  const principal: Principal = { kind: 'GUARDIAN', contactIds: [guardian.id], districtIds: 'ALL' }
  const facts: Facts = { readAt: NOW, contacts: [guardian], students: new Set<never>() }
  const rules: Rules = { policy: SHIPPED_POLICY, overrides: NO_OVERRIDES, now: NOW, maxAge: 60_000 }
  const students = STUDENTS.map(user)
  return {
    decided: microseconds((n) => decide(principal, VIEW_STUDENT, student(n), facts, rules).allowed),
    remembered: microseconds(
      (n) => viewerOf(principal, facts, rules, () => {}).access(student(n)).student.allowed,
    ),
  }

  function student(n: number) {
    return students[n % students.length] ?? guardian.id
  }
}

/** Throws when a decision is not a yes, as it must be for a parent. */
function microseconds(isAllowed: (n: number) => boolean): number {
  const batches = Array.from({ length: BATCHES }, () => {
    const startedAt = performance.now()
    let yes = 0
    for (let n = 0; n < BATCH; n += 1) if (isAllowed(n)) yes += 1
    const ms = performance.now() - startedAt
    if (yes !== BATCH) throw new Error('a parent was not allowed to see a student')
    return (ms * 1_000) / BATCH
  })
  return median(batches)
}
