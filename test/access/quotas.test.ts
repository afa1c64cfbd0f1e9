import { describe, expect, it } from 'vitest'
import { CostQuota } from '../../src/access/cost-quota.ts'
import { DisclosureQuota } from '../../src/access/disclosure-quota.ts'
import { Disclosures } from '../../src/access/disclosures.ts'
import { KindLimits } from '../../src/access/kind-limits.ts'
import type { Principal } from '../../src/access/principal.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import { privilege, user } from './people.ts'

const HOUR = 3_600_000
const idOf = (number: number) => user(number.toString(16).padStart(24, '0'))
const limits = (text: string) => KindLimits.parse(text, { min: 1, max: 1_000_000 }) ?? expect.unreachable()

function guardian(number: number): Principal {
  return { kind: 'GUARDIAN', contactIds: [idOf(number)], districtIds: 'ALL' }
}

/** An answer with these students. */
function answer(...numbers: number[]): Disclosures {
  const disclosures = new Disclosures()
  for (const number of numbers) disclosures.add(idOf(number), privilege('VIEW_STUDENT'), 'RELATIONSHIP')
  return disclosures
}

function upTo(count: number): Disclosures {
  return answer(...Array.from({ length: count }, (_, index) => index))
}

function quotaOf(text: string, maxRemembered?: number) {
  let now = 0
  const quota = new DisclosureQuota(limits(text), () => now, maxRemembered)
  return {
    outcome: (principal: Principal, disclosures: Disclosures) => quota.admit(principal, disclosures)?.outcome,
    admit: (principal: Principal, disclosures: Disclosures) => quota.admit(principal, disclosures),
    pass: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

describe('the quota of disclosures', () => {
  it('counts each student once, however often it is read', () => {
    const { outcome } = quotaOf('guardian=10')
    for (let time = 0; time < 100; time += 1) expect(outcome(guardian(1), upTo(7))).toBe('ADMITTED')
    expect(outcome(guardian(1), upTo(8))).toBe('NEAR')
    expect(outcome(guardian(1), upTo(10))).toBe('NEAR')
    expect(outcome(guardian(1), answer(99))).toBe('REFUSED')
    expect(outcome(guardian(1), upTo(10))).toBe('NEAR')
  })

  it('counts people whom other replicas have shown, until nothing is asked for an hour', () => {
    let now = 0
    const quota = new DisclosureQuota(limits('guardian=10'), () => now)
    const { unsaid } = quota.beginSharing(() => 1)
    const outcome = (count: number) => quota.admit(guardian(1), upTo(count))?.outcome
    expect(outcome(2)).toBe('ADMITTED')
    for (const key of unsaid) quota.exchanged(key, quota.unsaidOf(key).length, 9)
    expect(outcome(3)).toBe('NEAR')
    expect(outcome(4)).toBe('REFUSED')
    now += HOUR
    expect(outcome(4)).toBe('ADMITTED')
  })

  it('refuses a whole answer, counts nothing of it, and says when it would be admitted', () => {
    const { admit, pass } = quotaOf('guardian=10')
    admit(guardian(1), upTo(4))
    pass(600_000)
    admit(guardian(1), upTo(8))
    const many = answer(20, 21, 22, 23)
    expect(admit(guardian(1), many)).toMatchObject({ outcome: 'REFUSED', shown: 8, retryAfterSeconds: 3_000 })
    expect(admit(guardian(1), answer(20, 21))).toMatchObject({ outcome: 'NEAR', shown: 10 })
    pass(3_000_000)
    expect(admit(guardian(1), answer(22, 23))).toMatchObject({ outcome: 'NEAR', shown: 8 })
    const tooMany = admit(guardian(2), upTo(11))
    expect(tooMany).toMatchObject({ outcome: 'REFUSED', shown: 0 })
    expect(tooMany?.retryAfterSeconds).toBeUndefined()
  })

  it('counts contacts that are shown without a student, and no record twice', () => {
    const { admit } = quotaOf('guardian=3')
    const disclosures = answer(1)
    disclosures.add(idOf(1), privilege('VIEW_CONTACTS'), 'RELATIONSHIP', idOf(2))
    disclosures.addContact(idOf(3), privilege('VIEW_CONTACTS'), 'OWN_RECORD')
    expect(admit(guardian(1), disclosures)).toMatchObject({ shown: 2 })
    expect(admit(guardian(1), new Disclosures())).toBeUndefined()
  })

  it('is for each principal and each kind', () => {
    const { outcome } = quotaOf('guardian=2,teacher=4')
    const district = parseDistrictId('d'.repeat(24)) ?? expect.unreachable()
    const teacher: Principal = {
      kind: 'STAFF',
      role: 'TEACHER',
      userId: idOf(1),
      districtIds: new Set([district]),
    }
    const service: Principal = { kind: 'SERVICE', client: 'a', scopes: new Set(), districtIds: 'ALL' }
    expect(outcome(guardian(1), upTo(2))).toBe('NEAR')
    expect(outcome(guardian(2), upTo(3))).toBe('REFUSED')
    expect(outcome(guardian(2), upTo(1))).toBe('ADMITTED')
    expect(outcome(teacher, upTo(3))).toBe('ADMITTED')
    expect(outcome(service, upTo(1_000))).toBeUndefined()
    // A new token of the same person has the same quota.
    expect(outcome(guardian(1), answer(50))).toBe('REFUSED')
  })

  it('says once that it is near and once that it is reached, until the principal is below both', () => {
    const { admit, pass } = quotaOf('guardian=10')
    const news = (numbers: Disclosures) => admit(guardian(1), numbers)?.isNews
    expect([upTo(7), upTo(8), upTo(9), answer(30, 31), answer(32, 33), upTo(10)].map(news)).toEqual([
      false,
      true,
      false,
      true,
      false,
      false,
    ])
    pass(HOUR)
    expect([upTo(1), upTo(8)].map(news)).toEqual([false, true])
  })

  it('holds for the hour after the first sight of a record', () => {
    const { outcome, pass } = quotaOf('guardian=2')
    outcome(guardian(1), upTo(2))
    pass(HOUR - 1_000)
    expect(outcome(guardian(1), answer(5))).toBe('REFUSED')
    pass(1_000)
    expect(outcome(guardian(1), answer(5))).toBe('ADMITTED')
  })

  it('forgets first the principals that read nothing any more', () => {
    const { outcome } = quotaOf('guardian=50', 100)
    outcome(guardian(1), upTo(50))
    for (let other = 2; other < 40; other += 1) {
      outcome(guardian(other), upTo(10))
      expect(outcome(guardian(1), answer(99))).toBe('REFUSED')
    }
    for (let other = 40; other < 60; other += 1) outcome(guardian(other), upTo(10))
    expect(outcome(guardian(1), answer(99))).toBe('ADMITTED')
  })
})

describe('the quota of costs', () => {
  function costs(text: string) {
    let now = 0
    const quota = new CostQuota(limits(text), () => now)
    return {
      charge: (principal: Principal, points: number) => quota.charge(principal, points),
      pass: (milliseconds: number) => {
        now += milliseconds
      },
    }
  }

  it('comes back evenly within a minute', () => {
    const { charge, pass } = costs('guardian=60')
    expect(charge(guardian(1), 60)).toBeUndefined()
    expect(charge(guardian(1), 10)).toBe(10)
    expect(charge(guardian(2), 10)).toBeUndefined()
    pass(9_900)
    expect(charge(guardian(1), 10)).toBe(1)
    pass(100)
    expect(charge(guardian(1), 10)).toBeUndefined()
    pass(HOUR)
    expect(charge(guardian(1), 60)).toBeUndefined()
    expect(charge(guardian(1), 1)).toBe(1)
  })

  it('never refuses forever a query that costs more than all of it', () => {
    const { charge, pass } = costs('guardian=60')
    expect(charge(guardian(1), 100)).toBeUndefined()
    expect(charge(guardian(1), 1)).toBeGreaterThan(1)
    pass(120_000)
    expect(charge(guardian(1), 100)).toBeUndefined()
  })
})

describe('limits by kind', () => {
  it('are written by kind, and keep the default of a kind that is not named', () => {
    const defaults = limits('guardian=5,service=7')
    const given = KindLimits.parse(' service = unlimited , teacher=3', { min: 1, max: 9 }, defaults)
    expect(String(given)).toBe(
      'guardian=5,student=unlimited,teacher=3,school_staff=unlimited,district_admin=unlimited,service=unlimited',
    )
  })

  it.each([
    '',
    'teacher',
    'teacher=',
    'teacher=0',
    'teacher=10',
    'teacher=1.5',
    'pupil=3',
    'teacher=1,teacher=2',
    'teacher=1e1',
    'service=Infinity',
    'service=-1',
  ])('cannot be read: %s', (text) => expect(KindLimits.parse(text, { min: 1, max: 9 })).toBeUndefined())
})
