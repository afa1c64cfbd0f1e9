import fc from 'fast-check'
import { type Decision, decide, type Rules } from '../../src/access/decide.ts'
import { createOverrides } from '../../src/access/overrides.ts'
import { createPolicy, type Policy, policyFile } from '../../src/access/policy.ts'
import type { Principal } from '../../src/access/principal.ts'
import { isPlaceholderEmail, isPlaceholderPhone } from '../../src/identity/placeholders.ts'
import { contact, type Entry, NOW, overridesOf, type Person, privilege, user } from './people.ts'

export const STUDENTS = ['1', '2', '3', '4'].map((digit) => digit.repeat(24))
export const CONTACTS = ['a', 'b', 'c'].map((digit) => digit.repeat(24))
export const PRIVILEGES = ['VIEW_STUDENT', 'VIEW_CONTACTS', 'PICK_UP', 'GIVE_CONSENT'] as const

export const KNOWN_RELATIONSHIPS = ['Parent', 'Grandparent', 'Self', 'Aunt/Uncle', 'Sibling', 'Other']
export const KNOWN_TYPES = ['Parent/Guardian', 'Emergency', 'Primary', 'Secondary', 'Family', 'Other']
/** As districts write them. None is a word of the policies' text rows below. */
export const UNKNOWN_WORDS = [
  '',
  ' ',
  'parent',
  'PARENT',
  'Mom',
  'OTHER',
  'toString',
  '__proto__',
  'UNSPECIFIED',
]
export const TEXTS = ['Foster', 'Step parent', 'Vormund']

const given = fc.subarray([...PRIVILEGES])
const word = (known: readonly string[]) =>
  fc.option(fc.constantFrom(...known, ...UNKNOWN_WORDS, ...TEXTS), { nil: undefined })
export const entry: fc.Arbitrary<Entry> = fc.record({
  student: fc.constantFrom(...STUDENTS),
  relationship: word([...KNOWN_RELATIONSHIPS, ...KNOWN_TYPES]),
  type: word([...KNOWN_TYPES, ...KNOWN_RELATIONSHIPS]),
})

export const part = fc.stringMatching(/^[A-Z][a-z]{3,9}$/)
/** Values that identify a person: placeholders do not, and a denial cannot hold by them. */
export const email = fc
  .stringMatching(/^[a-z]{4,10}@[a-z]{4,8}\.org$/)
  .filter((address) => !isPlaceholderEmail(address))
export const phone = fc
  .stringMatching(/^\([2-9][0-9]{2}\) 555-[0-9]{4}$/)
  .filter((number) => !isPlaceholderPhone(number.replace(/\D/g, '')))

export const people: fc.Arbitrary<Person[]> = fc
  .array(
    fc.record({
      first: fc.option(part, { nil: undefined }),
      last: fc.option(part, { nil: undefined }),
      email: fc.option(email, { nil: undefined }),
      phone: fc.option(phone, { nil: undefined }),
      sisId: fc.option(fc.stringMatching(/^[0-9]{4,6}$/), { nil: undefined }),
      entries: fc.array(entry, { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((all) => all.map((person, index) => ({ ...person, id: CONTACTS[index] ?? '' })))

export const knownRow = fc.record({
  relationship: fc.subarray(['PARENT', 'GRANDPARENT', 'SELF', 'AUNT_UNCLE', 'SIBLING', 'OTHER'], {
    minLength: 1,
  }),
  type: fc.subarray(['PARENT_GUARDIAN', 'EMERGENCY', 'PRIMARY', 'SECONDARY', 'FAMILY', 'OTHER'], {
    minLength: 1,
  }),
  privileges: given,
})
const textRow = fc.record({ relationshipText: fc.subarray(TEXTS, { minLength: 1 }), privileges: given })

/** A policy with what it says of everything but rows left to the client. */
export function fileOf(rows: fc.Arbitrary<object>): fc.Arbitrary<object> {
  return fc
    .record({
      relationships: fc.array(rows, { maxLength: 5 }),
      roles: fc.record({ TEACHER: given, SCHOOL_STAFF: given, DISTRICT_ADMIN: given, STUDENT: given }),
    })
    .map((file) => ({ privileges: Object.fromEntries(PRIVILEGES.map((name) => [name, name])), ...file }))
}

export function policyOf(rows: fc.Arbitrary<object>): fc.Arbitrary<Policy> {
  return fileOf(rows).map((file) => createPolicy(policyFile.parse(file)))
}
export const policy = policyOf(fc.oneof(knownRow, textRow))
/** Gives everything to every known pair of words. */
export const GENEROUS = createPolicy(
  policyFile.parse({
    privileges: Object.fromEntries(PRIVILEGES.map((name) => [name, name])),
    relationships: [
      {
        relationship: ['PARENT', 'GRANDPARENT', 'SELF', 'AUNT_UNCLE', 'SIBLING', 'OTHER'],
        type: ['PARENT_GUARDIAN', 'EMERGENCY', 'PRIMARY', 'SECONDARY', 'FAMILY', 'OTHER'],
        privileges: PRIVILEGES,
      },
    ],
    roles: { TEACHER: PRIVILEGES, SCHOOL_STAFF: PRIVILEGES, DISTRICT_ADMIN: PRIVILEGES, STUDENT: PRIVILEGES },
  }),
)

export const which = {
  student: fc.constantFrom(...STUDENTS),
  privileges: fc.oneof(fc.constant('ALL'), fc.subarray([...PRIVILEGES], { minLength: 1 })),
  reason: fc.constant('a reason'),
}
const grant = fc.record({
  effect: fc.constant('GRANT'),
  ...which,
  contact: fc.oneof(
    fc.record({ id: fc.constantFrom(...CONTACTS) }),
    fc.record({ sisId: fc.stringMatching(/^[1-8][0-9]{3,5}$/) }),
  ),
})
export const denial = fc.record({
  effect: fc.constant('DENY'),
  ...which,
  contact: fc.record({ id: fc.constantFrom(...CONTACTS), name: fc.constant('Nobody Atall'), email }),
})
export const overrides = fc.array(fc.oneof(grant, denial), { maxLength: 5 })

export const MAX_AGE_MS = 60_000

export const rulesWith = (policy: Policy, all: readonly object[] = []): Rules => ({
  policy,
  overrides: createOverrides(overridesOf(...all)),
  now: NOW,
  maxAge: MAX_AGE_MS,
})

export const asGuardian = (all: readonly Person[]): Principal => ({
  kind: 'GUARDIAN',
  contactIds: all.map(({ id }) => user(id)),
  districtIds: 'ALL',
})

/** The guardian who is all these contacts, about each student and each privilege. */
export function decisions(all: readonly Person[], rules: Rules, students: readonly string[] = STUDENTS) {
  const facts = { readAt: NOW, contacts: all.map(contact), students: new Set<never>() }
  return new Map(
    students.flatMap((student) =>
      PRIVILEGES.map((name): [string, Decision] => [
        `${student} ${name}`,
        decide(asGuardian(all), privilege(name), user(student), facts, rules),
      ]),
    ),
  )
}

export const allowed = (all: ReadonlyMap<string, Decision>) =>
  [...all].filter(([, decision]) => decision.allowed).map(([what]) => what)
