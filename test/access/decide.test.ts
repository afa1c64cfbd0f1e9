import { describe, expect, it } from 'vitest'
import {
  decide,
  decideForContacts,
  type Facts,
  isStale,
  isUncertainDenial,
  privilegesOf,
  type Rules,
  withheldFor,
} from '../../src/access/decide.ts'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createOverrides, NO_OVERRIDES } from '../../src/access/overrides.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import type { Principal } from '../../src/access/principal.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { contact, DISTRICT_ID, NOW, overridesOf, privilege, SHIPPED_POLICY, user } from './people.ts'

const CHILD = user('1'.repeat(24))
const OTHER = user('2'.repeat(24))
const ME = user('a'.repeat(24))
const districtIds = new Set([DISTRICT_ID])

function rules(...overrides: object[]): Rules {
  return {
    policy: SHIPPED_POLICY,
    overrides: overrides.length === 0 ? NO_OVERRIDES : createOverrides(overridesOf(...overrides)),
    now: NOW,
    maxAge: 60_000,
  }
}

const facts = (more: Partial<Facts> = {}): Facts => ({
  readAt: NOW,
  contacts: [],
  students: new Set(),
  ...more,
})

function ask(principal: Principal, name: string, known: Facts | undefined = facts(), student = CHILD) {
  const { allowed, reason } = decide(principal, privilege(name), student, known, rules())
  return `${allowed ? 'yes' : 'no'}: ${reason}`
}

describe('a service', () => {
  const service = (...scopes: string[]): Principal => ({
    kind: 'SERVICE',
    client: 'c',
    scopes: new Set(scopes),
    districtIds: 'ALL',
  })

  it.each([
    [['students:read'], 'VIEW_STUDENT', 'yes: SCOPE'],
    [['students:read'], 'VIEW_CONTACTS', 'no: SCOPE'],
    [['contacts:read'], 'VIEW_STUDENT', 'no: SCOPE'],
    [['contacts:read'], 'VIEW_CONTACTS', 'yes: SCOPE'],
    [['contacts:read', 'students:read'], 'PICK_UP', 'no: SCOPE'],
    [['undefined', ''], 'PICK_UP', 'no: SCOPE'],
    [[], 'VIEW_STUDENT', 'no: SCOPE'],
  ])('with %j asking for %s: %s', (scopes, name, expected) => {
    expect(ask(service(...scopes), name, undefined)).toBe(expected)
  })
})

describe('a person with a role', () => {
  const somebody = (kind: 'TEACHER' | 'SCHOOL_STAFF' | 'DISTRICT_ADMIN' | 'STUDENT'): Principal =>
    kind === 'STUDENT'
      ? { kind, userId: CHILD, districtIds }
      : { kind: 'STAFF', role: kind, userId: ME, districtIds }
  const own = facts({ students: new Set([CHILD]) })

  it.each([
    ['TEACHER', 'VIEW_STUDENT', own, 'yes: ROLE'],
    ['TEACHER', 'VIEW_CONTACTS', own, 'yes: ROLE'],
    ['TEACHER', 'PICK_UP', own, 'no: POLICY_GRANTS_NOTHING'],
    ['TEACHER', 'VIEW_STUDENT', facts({ students: new Set([OTHER]) }), 'no: NOT_OWN_STUDENT'],
    ['TEACHER', 'VIEW_STUDENT', undefined, 'no: STALE_FACTS'],
    ['TEACHER', 'VIEW_STUDENT', { ...own, readAt: NOW - 60_001 }, 'no: STALE_FACTS'],
    ['SCHOOL_STAFF', 'VIEW_CONTACTS', own, 'yes: ROLE'],
    ['DISTRICT_ADMIN', 'VIEW_CONTACTS', facts({ students: 'EVERY' }), 'yes: ROLE'],
    ['DISTRICT_ADMIN', 'VIEW_CONTACTS', facts(), 'no: NOT_OWN_STUDENT'],
    ['STUDENT', 'VIEW_STUDENT', own, 'yes: ROLE'],
    ['STUDENT', 'VIEW_CONTACTS', own, 'no: POLICY_GRANTS_NOTHING'],
    ['STUDENT', 'VIEW_STUDENT', facts({ students: new Set([OTHER]) }), 'no: NOT_OWN_STUDENT'],
  ] as const)('%s asking for %s', (kind, name, known, expected) => {
    const { allowed, reason } = decide(somebody(kind), privilege(name), CHILD, known, rules())
    expect(`${allowed ? 'yes' : 'no'}: ${reason}`).toBe(expected)
  })

  it('has none of the rights of a contact, whatever else is known', () => {
    const parent = contact({
      id: ME,
      last: 'P',
      entries: [{ student: CHILD, relationship: 'Parent', type: 'Parent/Guardian' }],
    })
    expect(ask(somebody('TEACHER'), 'VIEW_STUDENT', facts({ contacts: [parent] }))).toBe(
      'no: NOT_OWN_STUDENT',
    )
  })
})

describe('a person who is two contacts', () => {
  const parent = contact({
    id: ME,
    last: 'Pat Lee',
    entries: [{ student: CHILD, relationship: 'Parent', type: 'Parent/Guardian' }],
  })
  const aunt = contact({
    id: user('b'.repeat(24)),
    last: 'Pat Lee',
    email: 'p@example.org',
    entries: [{ student: CHILD, relationship: 'Aunt/Uncle', type: 'Family' }],
  })
  const elsewhere = contact({ id: user('c'.repeat(24)), last: 'Pat Lee', sisId: 'S-1', entries: [] })
  const pickUp = (contacts: Parameters<typeof decideForContacts>[0], ...overrides: object[]) =>
    decideForContacts(contacts, CHILD, privilege('PICK_UP'), rules(...overrides))
  const denial = (of: object) => ({
    effect: 'DENY',
    student: CHILD,
    privileges: 'ALL',
    reason: 'r',
    contact: of,
  })
  const grant = (id: string) => ({
    effect: 'GRANT',
    student: CHILD,
    privileges: ['PICK_UP'],
    reason: 'r',
    contact: { id },
  })

  it('has the rights of either', () => {
    expect(pickUp([aunt, parent])).toEqual({ allowed: true, reason: 'RELATIONSHIP' })
    expect(pickUp([aunt])).toEqual({ allowed: false, reason: 'POLICY_GRANTS_NOTHING' })
    expect(pickUp([elsewhere])).toEqual({ allowed: false, reason: 'NO_RELATIONSHIP' })
  })

  it('has what either was granted, and is denied what either was, even one without an entry', () => {
    expect(
      pickUp(
        [
          aunt,
          contact({
            ...{ id: user('d'.repeat(24)) },
            entries: aunt.relationships.map(() => ({ student: CHILD })),
          }),
        ],
        grant(aunt.id),
      ),
    ).toEqual({ allowed: true, reason: 'OVERRIDE_GRANTS' })
    expect(pickUp([parent, elsewhere], denial({ sisId: 'S-1' }))).toEqual({
      allowed: false,
      reason: 'OVERRIDE_DENIES',
    })
  })

  it('is denied for certain when one of two denials is certain', () => {
    const doubtful = denial({ name: 'Pat Lee', email: 'other@example.org' })
    expect(pickUp([parent, elsewhere], doubtful)).toEqual({
      allowed: false,
      reason: 'OVERRIDE_DENIES',
      isUncertain: true,
    })
    expect(pickUp([parent, elsewhere], doubtful, denial({ sisId: 'S-1' }))).toEqual({
      allowed: false,
      reason: 'OVERRIDE_DENIES',
    })
  })

  it('has by each entry what that entry gives, in the order of the policy', () => {
    const [entry] = parent.relationships
    const [other] = aunt.relationships
    expect(entry && privilegesOf(parent, entry, rules())).toEqual([...SHIPPED_POLICY.privileges.keys()])
    expect(other && privilegesOf(aunt, other, rules())).toEqual([])
    expect(other && privilegesOf(aunt, other, rules(grant(aunt.id)))).toEqual(['PICK_UP'])
    expect(
      entry && privilegesOf(parent, entry, rules(denial({ name: 'Pat Lee', email: 'p@example.org' }))),
    ).toEqual([])
  })

  it('is uncertain when the denial of any privilege is uncertain', () => {
    const doubtful = { ...denial({ name: 'Pat Lee', email: 'other@example.org' }), privileges: ['PICK_UP'] }
    expect(isUncertainDenial(parent, CHILD, rules(doubtful))).toBe(true)
    expect(isUncertainDenial(parent, OTHER, rules(doubtful))).toBe(false)
    expect(isUncertainDenial(parent, CHILD, rules(denial({ sisId: 'S-1' })))).toBe(false)
    expect(isUncertainDenial(elsewhere, CHILD, rules(denial({ sisId: 'S-1' })))).toBe(false)
    expect(isUncertainDenial(parent, CHILD, rules())).toBe(false)
  })
})

describe('a guardian of whom the policy is not sure', () => {
  const careful = createPolicy(
    policyFile.parse({ ...defaultPolicy, inferredWords: 'GRANT', collisions: 'GRANT_NOTHING' }),
  )
  const written = { relationship: 'Parent', type: 'Parent/Guardian' }
  const inferred = { relationship: 'Mother', type: 'Guardian' }
  const elsewhere = { student: OTHER, relationship: 'Sibling', type: 'Family' }
  const sure = (said: object) =>
    contact({ id: ME, last: 'Pat Lee', sisId: 'S-1', entries: [{ student: CHILD, ...said }, elsewhere] })
  const atRisk = (said: object) =>
    contact({ id: user('b'.repeat(24)), last: 'Pat Lee', entries: [{ student: CHILD, ...said }, elsewhere] })
  const of = (effect: 'GRANT' | 'DENY') => (contact: object) => ({
    ...{ effect, student: CHILD, privileges: ['PICK_UP'], reason: 'r', contact },
  })
  const granting = of('GRANT')({ id: user('b'.repeat(24)) })
  const denying = of('DENY')({ id: user('b'.repeat(24)), sisId: 'S-2' })
  const doubting = of('DENY')({ name: 'Pat Lee', email: 'p@example.org' })

  it.each<[string, ContactRecord[], object[], string]>([
    ['by inference', [sure(inferred)], [], 'yes: INFERRED_RELATIONSHIP'],
    ['as written, beside an inference', [sure(inferred), sure(written)], [], 'yes: RELATIONSHIP'],
    ['by an override, beside an inference', [sure(inferred), atRisk({})], [granting], 'yes: OVERRIDE_GRANTS'],
    ['but is denied', [sure(inferred)], [doubting], 'no: OVERRIDE_DENIES in doubt'],
    ['at risk', [atRisk(written)], [], 'no: COLLISION_RISK'],
    ['at risk, by inference', [atRisk(inferred)], [], 'no: COLLISION_RISK'],
    ['at risk, of whom nothing is said', [atRisk({})], [], 'no: POLICY_GRANTS_NOTHING'],
    ['at risk, but granted it', [atRisk(written)], [granting], 'yes: OVERRIDE_GRANTS'],
    ['at risk, granted it and denied it', [atRisk(written)], [granting, denying], 'no: OVERRIDE_DENIES'],
    ['at risk, and denied it', [atRisk(written)], [denying], 'no: OVERRIDE_DENIES'],
    ['at risk, and another contact who is not', [atRisk(written), sure(written)], [], 'yes: RELATIONSHIP'],
    ['at risk, and another who has nothing', [atRisk(written), sure({})], [], 'no: COLLISION_RISK'],
  ])('%s', (_what, contacts, overrides, expected) => {
    const with_ = { ...rules(...overrides), policy: careful }
    const decision = decideForContacts(contacts, CHILD, privilege('PICK_UP'), with_)
    const { allowed, reason, isUncertain } = decision
    expect(`${allowed ? 'yes' : 'no'}: ${reason}${isUncertain ? ' in doubt' : ''}`).toBe(expected)
  })

  it('is held back by an entry, unless it gives nothing, or all of it is denied', () => {
    const isHeld = (record: ContactRecord, policy = careful, ...overrides: object[]) =>
      record.relationships.map(
        (entry) => withheldFor(record, entry, { ...rules(...overrides), policy }).length > 0,
      )
    expect(isHeld(atRisk(written))).toEqual([true, false])
    expect(isHeld(atRisk(written), SHIPPED_POLICY)).toEqual([false, false])
    expect(isHeld(sure(written))).toEqual([false, false])
    expect(isHeld(atRisk(written), careful, denying)).toEqual([true, false])
    expect(isHeld(atRisk(written), careful, { ...denying, privileges: 'ALL' })).toEqual([false, false])
  })
})

describe('two people of whom something is missing', () => {
  it.each([
    ['neither an e-mail', { name: 'Ann Bell', phone: '330 555 0100' }, { last: 'Anna Bella' }],
    ['neither a phone', { name: 'Ann Bell', email: 'a@example.org' }, { last: 'Anna Bella' }],
    ['a phone without digits', { name: 'Ann Bell', phone: 'none' }, { last: 'Anna Bella', phone: 'unknown' }],
    [
      'no name in the denial',
      { sisId: 'S-1', email: 'a@example.org', phone: '330 555 0100' },
      { last: 'Else', email: 'a@example.org', phone: '330 555 0100' },
    ],
    [
      'no name in the record, and another e-mail',
      { name: 'Ann Bell', email: 'a@example.org' },
      { email: 'b@example.org' },
    ],
  ])('are not the same because both have %s', (_what, of, person) => {
    const overrides = createOverrides(
      overridesOf({ effect: 'DENY', student: CHILD, privileges: 'ALL', reason: 'r', contact: of }),
    )
    const record = contact({ id: ME, ...person, entries: [{ student: CHILD }] })
    expect(overrides.denial(record, CHILD, privilege('PICK_UP'), NOW)).toBeUndefined()
  })

  it('are not granted anything by a denial', () => {
    const overrides = createOverrides(
      overridesOf({
        effect: 'DENY',
        student: CHILD,
        privileges: 'ALL',
        reason: 'r',
        contact: { id: ME, sisId: 'S-1' },
      }),
    )
    expect(overrides.isGranted(contact({ id: ME, sisId: 'S-1' }), CHILD, privilege('PICK_UP'), NOW)).toBe(
      false,
    )
    expect(NO_OVERRIDES.isGranted(contact({ id: ME }), CHILD, privilege('PICK_UP'), NOW)).toBe(false)
  })
})

describe('a phone with an extension', () => {
  it.each([
    '330 555 0100 ext 5',
    '330 555 0100 ext. 05',
    '330-555-0100 x12 ',
    '(330) 555-0100 extension 7',
    '330.555.0100 #3',
  ])('is the phone without it: %s', (phone) => {
    const of = { name: 'Ann Bell', phone: '3305550100' }
    const overrides = createOverrides(
      overridesOf({ effect: 'DENY', student: CHILD, privileges: 'ALL', reason: 'r', contact: of }),
    )
    expect(
      overrides.denial(contact({ id: ME, last: 'Ann Bell', phone }), CHILD, privilege('PICK_UP'), NOW),
    ).toEqual({ isUncertain: false })
  })
})

describe('a name of which two letters are corrected', () => {
  it.each([
    ['one in each part', 'Katerina Hill', 'Caterina Hil'],
    ['in two parts of three, given in another order', 'Hill, Mary Katherine', 'Mari Catherine Hill'],
  ])('is like it: %s', (_what, denied, now) => {
    const of = { name: denied, email: 'k@example.org' }
    const overrides = createOverrides(
      overridesOf({ effect: 'DENY', student: CHILD, privileges: 'ALL', reason: 'r', contact: of }),
    )
    const record = contact({ id: ME, last: now, email: 'k@example.org' })
    expect(overrides.denial(record, CHILD, privilege('PICK_UP'), NOW)).toEqual({ isUncertain: true })
  })
})

describe('facts', () => {
  it.each([
    [0, false],
    [60_000, false],
    [60_001, true],
    [-1, true],
    [Number.NaN, true],
  ])('that are %d ms old are stale: %s', (age, expected) => {
    expect(isStale(facts({ readAt: NOW - age }), rules())).toBe(expected)
  })
})
