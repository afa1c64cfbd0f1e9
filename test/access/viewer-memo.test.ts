import { describe, expect, it } from 'vitest'
import type { Facts, Rules } from '../../src/access/decide.ts'
import { createOverrides, NO_OVERRIDES } from '../../src/access/overrides.ts'
import { VIEW_CONTACTS, VIEW_STUDENT } from '../../src/access/policy.ts'
import type { Principal } from '../../src/access/principal.ts'
import { viewerOf } from '../../src/access/viewer.ts'
import { contact, NOW, overridesOf, SHIPPED_POLICY, user } from './people.ts'

const PARENT_ID = 'b'.repeat(24)
const CHILD = user('c'.repeat(24))
const PARENT = { relationship: 'Parent', type: 'Parent/Guardian' }

const record = (phone = '(555) 010-4477') =>
  contact({
    id: PARENT_ID,
    last: 'Marlowe',
    email: 'm@example.org',
    phone,
    entries: [{ student: CHILD, ...PARENT }],
  })

function order(effect: 'DENY' | 'GRANT', expires?: number) {
  return {
    effect,
    student: CHILD,
    privileges: 'ALL',
    reason: 'x',
    contact:
      effect === 'GRANT' ? { id: PARENT_ID } : { id: PARENT_ID, name: 'Marlowe', email: 'm@example.org' },
    ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
  }
}

/** One token, whose viewer is asked for again with other facts or rules. */
function start() {
  const principal: Principal = { kind: 'GUARDIAN', contactIds: [user(PARENT_ID)], districtIds: 'ALL' }
  let decisions = 0
  const facts: Facts = { readAt: NOW, contacts: [record()], students: new Set() }
  const rules: Rules = { policy: SHIPPED_POLICY, overrides: NO_OVERRIDES, now: NOW, maxAge: 60_000 }
  return {
    facts,
    rules,
    decisions: () => decisions,
    /** Whether the child is shown, by the viewer of a request with these. */
    sees(newer: { facts?: Partial<Facts>; rules?: Partial<Rules> } = {}) {
      const count = () => {
        decisions += 1
      }
      const viewer = viewerOf(principal, { ...facts, ...newer.facts }, { ...rules, ...newer.rules }, count)
      const { student, contacts } = viewer.access(CHILD)
      return student.allowed && contacts.allowed
    },
  }
}

describe('the decisions for one token', () => {
  it('are kept while nothing changes, also when the same facts were read again', () => {
    const { sees, decisions } = start()
    expect(sees()).toBe(true)
    expect(decisions()).toBe(2)
    expect(sees()).toBe(true)
    expect(sees({ facts: { readAt: NOW + 30_000 }, rules: { now: NOW + 40_000 } })).toBe(true)
    expect(decisions()).toBe(2)
  })

  it('are not kept for another token of the same person', () => {
    const [one, other] = [start(), start()]
    one.sees()
    other.sees()
    expect([one.decisions(), other.decisions()]).toEqual([2, 2])
  })

  it('are made again when the overrides change, in either direction', () => {
    const { sees } = start()
    const denied = createOverrides(overridesOf(order('DENY')))
    expect(sees()).toBe(true)
    expect(sees({ rules: { overrides: denied } })).toBe(false)
    expect(sees()).toBe(true)
  })

  it('are made again when the policy changes', () => {
    const { sees } = start()
    expect(sees()).toBe(true)
    const policy = { ...SHIPPED_POLICY, grantedBy: () => new Map() }
    expect(sees({ rules: { policy } })).toBe(false)
  })

  it('are made again at the instant a denial ends', () => {
    const { sees } = start()
    const overrides = createOverrides(overridesOf(order('DENY', NOW + 10_000)))
    const at = (ms: number) => sees({ rules: { overrides, now: NOW + ms } })
    expect([at(0), at(9_999), at(10_000), at(10_001)]).toEqual([false, false, true, true])
  })

  it('are made again at the instant a grant ends', () => {
    const { sees, facts } = start()
    const overrides = createOverrides(overridesOf(order('GRANT', NOW + 10_000)))
    const aunt = contact({
      id: PARENT_ID,
      last: 'Marlowe',
      entries: [{ student: CHILD, relationship: 'Aunt/Uncle', type: 'Emergency' }],
    })
    const at = (ms: number) =>
      sees({ facts: { ...facts, contacts: [aunt] }, rules: { overrides, now: NOW + ms } })
    expect([at(0), at(9_999), at(10_000), at(10_001)]).toEqual([true, true, false, false])
  })

  it('are made again at each of several ends', () => {
    const { sees } = start()
    const overrides = createOverrides(
      overridesOf(order('DENY', NOW + 10_000), order('DENY', NOW + 20_000), order('GRANT', NOW + 30_000)),
    )
    const at = (ms: number) => sees({ rules: { overrides, now: NOW + ms } })
    expect([at(0), at(10_000), at(19_999), at(20_000)]).toEqual([false, false, false, true])
  })

  it('are made again when the own record changes, goes or comes', () => {
    const { sees, decisions } = start()
    expect(sees()).toBe(true)
    expect(sees({ facts: { contacts: [record('NO CONTACT')] } })).toBe(false)
    expect(sees({ facts: { contacts: [] } })).toBe(false)
    expect(sees()).toBe(true)
    expect(decisions()).toBeGreaterThan(4)
  })

  it('are no for stale facts, and yes again for fresh ones', () => {
    const { sees } = start()
    expect(sees()).toBe(true)
    expect(sees({ rules: { now: NOW + 60_001 } })).toBe(false)
    expect(sees({ facts: { readAt: NOW + 60_001 }, rules: { now: NOW + 60_001 } })).toBe(true)
    expect(sees({ rules: { now: NOW + 60_002 } })).toBe(false)
  })

  it('are made again when the clock is set back', () => {
    const { sees, decisions } = start()
    sees()
    // Facts from the future decide nothing.
    expect(sees({ rules: { now: NOW - 1 } })).toBe(false)
    expect(sees({ facts: { readAt: NOW - 5_000 }, rules: { now: NOW - 5_000 } })).toBe(true)
    expect(decisions()).toBeGreaterThan(3)
  })
})

describe('the decisions of staff', () => {
  it('are made again when the list of students is another one', () => {
    const principal: Principal = {
      kind: 'STAFF',
      role: 'TEACHER',
      userId: user('a'.repeat(24)),
      districtIds: new Set(),
    }
    const rules: Rules = { policy: SHIPPED_POLICY, overrides: NO_OVERRIDES, now: NOW, maxAge: 60_000 }
    const sees = (students: Facts['students']) =>
      viewerOf(principal, { readAt: NOW, contacts: [], students }, rules, () => {}).access(CHILD).student
        .allowed
    const own = new Set([CHILD])
    expect([sees(own), sees(new Set()), sees('EVERY'), sees(own)]).toEqual([true, false, true, true])
    const viewer = viewerOf(principal, { readAt: NOW, contacts: [], students: 'EVERY' }, rules, () => {})
    expect([viewer.mayInDistrict(VIEW_STUDENT), viewer.mayInDistrict(VIEW_CONTACTS)]).toEqual([true, true])
  })
})
