import { describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createPolicy, policyFile, ROLES } from '../../src/access/policy.ts'
import { contact, SHIPPED_POLICY } from './people.ts'

const PRIVILEGES = { VIEW_STUDENT: 'a', VIEW_CONTACTS: 'b', PICK_UP: 'c' }
const ROLES_OF_NOBODY = { TEACHER: [], SCHOOL_STAFF: [], DISTRICT_ADMIN: [], STUDENT: [] }
const file = (more: object) => ({
  privileges: PRIVILEGES,
  relationships: [],
  roles: ROLES_OF_NOBODY,
  ...more,
})
const policyOf = (...relationships: object[]) => createPolicy(policyFile.parse(file({ relationships })))

function grounds(policy: ReturnType<typeof createPolicy>, relationship?: string, type?: string) {
  const student = '1'.repeat(24)
  const [entry] = contact({ id: 'a'.repeat(24), entries: [{ student, relationship, type }] }).relationships
  return entry === undefined ? expect.unreachable() : [...policy.grantedBy(entry)]
}

function given(policy: ReturnType<typeof createPolicy>, relationship?: string, type?: string) {
  return grounds(policy, relationship, type).map(([privilege]) => privilege)
}

const parent = { relationship: ['PARENT'], type: ['PARENT_GUARDIAN', 'OTHER'], privileges: ['PICK_UP'] }

describe('a row of a policy', () => {
  it.each<[string, string | undefined, string | undefined, boolean]>([
    ['both words', 'Parent', 'Parent/Guardian', true],
    ['both words, between spaces', ' Parent ', 'Parent/Guardian ', true],
    ['another of its types', 'Parent', 'Other', true],
    ['another relationship', 'Sibling', 'Parent/Guardian', false],
    ['another type', 'Parent', 'Family', false],
    ['a word in another case', 'parent', 'Parent/Guardian', false],
    ['an unknown type, which is no Other', 'Parent', 'Mother', false],
    ['no type', 'Parent', undefined, false],
    ['an empty type', 'Parent', '', false],
    ['no relationship', undefined, 'Parent/Guardian', false],
    ['the words in each other’s place', 'Parent/Guardian', 'Parent', false],
    ['nothing', undefined, undefined, false],
  ])('of known words, met with %s', (_what, relationship, type, isGiven) => {
    expect(given(policyOf(parent), relationship, type)).toEqual(isGiven ? ['PICK_UP'] : [])
  })

  it.each<[string, object, string | undefined, string | undefined, boolean]>([
    ['its text', { relationshipText: ['Guardian'] }, 'Guardian', undefined, true],
    [
      'its text in another case, between spaces',
      { relationshipText: ['Guardian'] },
      '  GUARDIAN ',
      'x',
      true,
    ],
    ['a part of its text', { relationshipText: ['Guardian'] }, 'Guardia', undefined, false],
    ['its text in a longer one', { relationshipText: ['Guardian'] }, 'Legal Guardian', undefined, false],
    ['its text in the other field', { relationshipText: ['Guardian'] }, 'x', 'Guardian', false],
    ['nothing', { relationshipText: ['Guardian'] }, undefined, undefined, false],
    ['the second of its texts', { typeText: ['Father', 'Mother'] }, undefined, 'mother', true],
    ['one of two texts it wants', { relationshipText: ['A'], typeText: ['B'] }, 'A', 'C', false],
    ['both texts it wants', { relationshipText: ['A'], typeText: ['B'] }, 'a', 'b', true],
    ['its text without its known word', { relationshipText: ['A'], type: ['FAMILY'] }, 'A', 'Other', false],
    ['its text and its known word', { relationshipText: ['A'], type: ['FAMILY'] }, 'A', 'Family', true],
  ])('of texts, met with %s', (_what, row, relationship, type, isGiven) => {
    const policy = policyOf({ ...row, privileges: ['PICK_UP'] })
    expect(given(policy, relationship, type)).toEqual(isGiven ? ['PICK_UP'] : [])
  })

  it('adds up with the others that match', () => {
    const policy = policyOf(
      parent,
      { relationship: ['SIBLING'], type: ['OTHER'], privileges: ['VIEW_CONTACTS'] },
      { typeText: ['other'], privileges: ['VIEW_STUDENT', 'PICK_UP'] },
    )
    expect(given(policy, 'Parent', 'Other')).toEqual(['PICK_UP', 'VIEW_STUDENT'])
    expect(given(policy, 'Sibling', 'Other')).toEqual(['VIEW_CONTACTS', 'VIEW_STUDENT', 'PICK_UP'])
  })
})

describe('a policy that grants by inference', () => {
  const inferring = (...relationships: object[]) =>
    createPolicy(policyFile.parse(file({ relationships, inferredWords: 'GRANT' })))
  const family = {
    relationship: ['PARENT', 'OTHER'],
    type: ['PARENT_GUARDIAN', 'OTHER'],
    privileges: ['PICK_UP'],
  }

  it.each<[string | undefined, string | undefined, string | undefined]>([
    ['Parent', 'Parent/Guardian', 'RELATIONSHIP'],
    ['Other', 'Other', 'RELATIONSHIP'],
    ['Mother', 'Parent/Guardian', 'INFERRED_RELATIONSHIP'],
    ['Parent', 'Guardian', 'INFERRED_RELATIONSHIP'],
    ['Guardian', 'Mother', 'INFERRED_RELATIONSHIP'],
    ['Other', 'Guardian', 'INFERRED_RELATIONSHIP'],
    ['Aunt', 'Guardian', undefined],
    ['Mother', 'Family', undefined],
    // A word that is only inferred to be OTHER, or is OTHER because it is unknown.
    ['Stepmother', 'Parent/Guardian', undefined],
    ['other', 'Guardian', undefined],
    ['Mother', 'OTHER', undefined],
    ['Vormund', 'Guardian', undefined],
    ['Mother', 'Vormund', undefined],
    ['Guardian', undefined, undefined],
    [undefined, 'Mother', undefined],
    [undefined, undefined, undefined],
  ])('takes %s and %s as %s', (relationship, type, ground) => {
    const expected = ground === undefined ? [] : [['PICK_UP', ground]]
    expect(grounds(inferring(family), relationship, type)).toEqual(expected)
  })

  it.each<[string, object, string | undefined, string | undefined]>([
    ['a text', { relationshipText: ['Parent'] }, 'Mother', 'Guardian'],
    [
      'a text and a documented type',
      { relationshipText: ['Mother'], type: ['PARENT_GUARDIAN'] },
      'Mother',
      'Guardian',
    ],
    ['a type by text', { typeText: ['Guardian'], relationship: ['PARENT'] }, 'Mother', 'Guardian'],
  ])('matches only what is written with %s', (_what, row, relationship, type) => {
    expect(grounds(inferring({ ...row, privileges: ['PICK_UP'] }), relationship, type)).toEqual([])
  })

  it('says of each privilege whether a row gives it as written', () => {
    const rows = [
      { relationshipText: ['Mother'], privileges: ['PICK_UP'] },
      { ...family, privileges: ['PICK_UP', 'VIEW_STUDENT'] },
    ]
    const expected = { PICK_UP: 'RELATIONSHIP', VIEW_STUDENT: 'INFERRED_RELATIONSHIP' }
    expect(Object.fromEntries(grounds(inferring(...rows), 'Mother', 'Guardian'))).toEqual(expected)
    expect(Object.fromEntries(grounds(inferring(...rows.toReversed()), 'Mother', 'Guardian'))).toEqual(
      expected,
    )
  })
})

describe('a policy', () => {
  it('that says nothing of inferred words and of collisions says what the one that ships does', () => {
    const { inferredWords, collisions, ...without } = defaultPolicy
    expect([inferredWords, collisions]).toEqual(['GRANT_NOTHING', 'GRANT'])
    expect(policyFile.parse(without)).toEqual(policyFile.parse(defaultPolicy))
  })

  it('names its privileges in the order of the file, and gives roles what is theirs', () => {
    const roles = { ...ROLES_OF_NOBODY, TEACHER: ['VIEW_STUDENT'] }
    const policy = createPolicy(policyFile.parse(file({ roles })))
    expect([...policy.privileges]).toEqual(Object.entries(PRIVILEGES))
    expect(ROLES.map((role) => [role, [...policy.grantedTo(role)]])).toEqual([
      ['TEACHER', ['VIEW_STUDENT']],
      ['SCHOOL_STAFF', []],
      ['DISTRICT_ADMIN', []],
      ['STUDENT', []],
    ])
  })

  it('that ships lets staff see students and contacts, and a student in person only herself', () => {
    const seen = ROLES.map((role) => [...SHIPPED_POLICY.grantedTo(role)])
    const both = ['VIEW_STUDENT', 'VIEW_CONTACTS']
    expect(seen).toEqual([both, both, both, ['VIEW_STUDENT']])
  })

  it.each<[string, object, string]>([
    ['lacks VIEW_STUDENT', { privileges: { VIEW_CONTACTS: 'b' } }, 'the privileges lack VIEW_STUDENT'],
    ['lacks VIEW_CONTACTS', { privileges: { VIEW_STUDENT: 'b' } }, 'the privileges lack VIEW_CONTACTS'],
    [
      'gives a row what it does not name',
      { relationships: [{ ...parent, privileges: ['FLY'] }] },
      'FLY is granted',
    ],
    [
      'gives a role what it does not name',
      { roles: { ...ROLES_OF_NOBODY, STUDENT: ['FLY'] } },
      'FLY is granted',
    ],
    [
      'has a row of a relationship alone',
      { relationships: [{ relationship: ['PARENT'], privileges: [] }] },
      'a row names',
    ],
    ['has a row of a type alone', { relationships: [{ type: ['FAMILY'], privileges: [] }] }, 'a row names'],
    ['has a row of nothing', { relationships: [{ privileges: ['PICK_UP'] }] }, 'a row names'],
    ['has a row of no words', { relationships: [{ ...parent, type: [] }] }, ''],
    ['has a row of an empty text', { relationships: [{ typeText: [' '], privileges: [] }] }, ''],
    ['has a row of no texts', { relationships: [{ typeText: [], privileges: [] }] }, ''],
    ['has a row of UNSPECIFIED', { relationships: [{ ...parent, type: ['UNSPECIFIED'] }] }, ''],
    ['has a row of a word as Clever writes it', { relationships: [{ ...parent, type: ['Family'] }] }, ''],
    ['has a row with a field nobody knows', { relationships: [{ ...parent, unless: 'x' }] }, ''],
    ['names a privilege ALL', { privileges: { ...PRIVILEGES, ALL: 'x' } }, 'no privilege can be named ALL'],
    ['has a privilege in small letters', { privileges: { ...PRIVILEGES, fly: 'x' } }, ''],
    ['has a privilege that is no name of an enum', { privileges: { ...PRIVILEGES, '1_FLY': 'x' } }, ''],
    ['has a privilege with a space', { privileges: { ...PRIVILEGES, 'FLY ': 'x' } }, ''],
    ['has a privilege without description', { privileges: { ...PRIVILEGES, FLY: '' } }, ''],
    ['grants by inference in some other way', { inferredWords: true }, ''],
    ['grants collisions in some other way', { collisions: 'DENY' }, ''],
    ['lacks a role', { roles: { TEACHER: [] } }, ''],
    ['has a role nobody knows', { roles: { ...ROLES_OF_NOBODY, JANITOR: [] } }, ''],
  ])('is refused that %s', (_what, more, problem) => {
    const parsed = policyFile.safeParse(file(more))
    expect(parsed.success).toBe(false)
    expect(parsed.error?.issues.map(({ message }) => message).join()).toContain(problem)
  })
})
