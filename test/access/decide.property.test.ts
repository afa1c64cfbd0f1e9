import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Decision, decide, decideForContacts, privilegesOf } from '../../src/access/decide.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import type { Principal } from '../../src/access/principal.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { unicodeText } from '../support/unicode-text.ts'
import {
  allowed,
  asGuardian,
  CONTACTS,
  decisions,
  denial,
  email,
  entry,
  GENEROUS,
  KNOWN_RELATIONSHIPS,
  KNOWN_TYPES,
  knownRow,
  MAX_AGE_MS,
  overrides,
  PRIVILEGES,
  part,
  people,
  phone,
  policy,
  policyOf,
  rulesWith,
  STUDENTS,
  TEXTS,
  UNKNOWN_WORDS,
  which,
} from './anybody.ts'
import { contact, DISTRICT_ID, NOW, type Person, privilege, user } from './people.ts'

/** Nobody is related to her. */
const STRANGER = user('9'.repeat(24))
const NEW_ID = 'e'.repeat(24)

describe('in any school', () => {
  it('there is no privilege without an entry of that very pair', () => {
    fc.assert(
      fc.property(people, policy, overrides, (all, policy, overrides) => {
        const related = new Set(all.flatMap(({ entries = [] }) => entries.map(({ student }) => student)))
        const all_ = decisions(all, rulesWith(policy, overrides), [...STUDENTS, STRANGER])
        for (const what of allowed(all_)) expect(related).toContain(what.slice(0, 24))
      }),
    )
  })

  it('an entry for one student changes nothing for another', () => {
    fc.assert(
      fc.property(people, entry, fc.nat(), policy, overrides, (all, added, at, policy, overrides) => {
        const rules = rulesWith(policy, overrides)
        const more = all.map((person, index) =>
          index === at % all.length ? { ...person, entries: [...(person.entries ?? []), added] } : person,
        )
        const others = [...STUDENTS, STRANGER].filter((student) => student !== added.student)
        expect(decisions(more, rules, others)).toEqual(decisions(all, rules, others))
      }),
    )
  })

  it('a denial only removes, and only from its own student', () => {
    fc.assert(
      fc.property(people, policy, overrides, denial, (all, policy, overrides, added) => {
        const before = decisions(all, rulesWith(policy, overrides))
        const after = decisions(all, rulesWith(policy, [...overrides, added]))
        expect(allowed(before)).toEqual(expect.arrayContaining(allowed(after)))
        const ofOthers = (all: ReadonlyMap<string, Decision>) =>
          [...all].filter(([what]) => !what.startsWith(added.student))
        expect(ofOthers(after)).toEqual(ofOthers(before))
      }),
    )
  })

  it('a denied pair has nothing, whatever is granted', () => {
    fc.assert(
      fc.property(
        people,
        policy,
        overrides,
        fc.constantFrom(...STUDENTS),
        (all, policy, overrides, student) => {
          const [first] = all
          const sweeping = {
            effect: 'DENY',
            student,
            privileges: 'ALL',
            reason: 'x',
            contact: { id: first?.id, name: 'Nobody Atall', email: 'nobody@example.org' },
          }
          const after = decisions(all, rulesWith(policy, [...overrides, sweeping]))
          expect(allowed(after).filter((what) => what.startsWith(student))).toEqual([])
        },
      ),
    )
  })

  it('the privileges of an entry are among those of its contact concerning the student', () => {
    fc.assert(
      fc.property(people, policy, overrides, (all, policy, overrides) => {
        const rules = rulesWith(policy, overrides)
        for (const record of all.map(contact)) {
          for (const entry of record.relationships) {
            for (const each of privilegesOf(record, entry, rules))
              expect(decideForContacts([record], entry.studentId, each, rules).allowed).toBe(true)
          }
        }
      }),
    )
  })

  it('words that are unknown, empty or missing give nothing, unless a row names the text', () => {
    const unknown = fc.option(fc.constantFrom(...UNKNOWN_WORDS, ...TEXTS), { nil: undefined })
    const anyOf = (words: readonly string[]) => fc.oneof(unknown, fc.constantFrom(...words))
    const badlyWritten = fc.oneof(
      fc.record({ student: which.student, relationship: unknown, type: anyOf(KNOWN_TYPES) }),
      fc.record({ student: which.student, relationship: anyOf(KNOWN_RELATIONSHIPS), type: unknown }),
    )
    const nobody = fc
      .array(badlyWritten, { maxLength: 6 })
      .map((entries) => [{ id: CONTACTS[0] ?? '', entries }])
    fc.assert(
      fc.property(nobody, policyOf(knownRow), (all, policy) => {
        expect(allowed(decisions(all, rulesWith(policy)))).toEqual([])
        expect(allowed(decisions(all, rulesWith(GENEROUS)))).toEqual([])
      }),
    )
    const text = createPolicy(
      policyFile.parse({
        privileges: { VIEW_STUDENT: 'x', VIEW_CONTACTS: 'x' },
        relationships: [{ typeText: ['Vormund'], privileges: ['VIEW_STUDENT'] }],
        roles: { TEACHER: [], SCHOOL_STAFF: [], DISTRICT_ADMIN: [], STUDENT: [] },
      }),
    )
    const [student = ''] = STUDENTS
    const written = (type: string) =>
      allowed(decisions([{ id: CONTACTS[0] ?? '', entries: [{ student, type }] }], rulesWith(text)))
    expect(written(' VORMUND ')).toEqual([`${student} VIEW_STUDENT`])
    expect(written('Vormundin')).toEqual([])
  })

  it('old facts never say yes', () => {
    const someone = fc.constantFrom<Principal>(
      asGuardian([{ id: CONTACTS[0] ?? '' }]),
      ...(['TEACHER', 'SCHOOL_STAFF', 'DISTRICT_ADMIN'] as const).map(
        (role): Principal => ({
          kind: 'STAFF',
          role,
          userId: user(NEW_ID),
          districtIds: new Set([DISTRICT_ID]),
        }),
      ),
      { kind: 'STUDENT', userId: user(STUDENTS[0] ?? ''), districtIds: new Set([DISTRICT_ID]) },
    )
    const age = fc.oneof(fc.integer({ min: MAX_AGE_MS + 1, max: 1e12 }), fc.constant(Number.NaN))
    fc.assert(
      fc.property(people, someone, age, fc.boolean(), (all, principal, age, isEvery) => {
        const students = isEvery ? ('EVERY' as const) : new Set(STUDENTS.map(user))
        const facts = { readAt: NOW - age, contacts: all.map(contact), students }
        for (const student of STUDENTS.map(user)) {
          for (const name of PRIVILEGES) {
            const rules = rulesWith(GENEROUS)
            for (const known of [facts, undefined])
              expect(decide(principal, privilege(name), student, known, rules)).toEqual({
                allowed: false,
                reason: 'STALE_FACTS',
              })
          }
        }
      }),
    )
  })

  it('there is an answer to everything: nothing throws', () => {
    const text = fc.option(unicodeText({ maxLength: 20 }), { nil: undefined })
    const anybody: fc.Arbitrary<Person> = fc.record({
      id: fc.constantFrom(...CONTACTS),
      first: text,
      middle: text,
      last: text,
      email: text,
      phone: text,
      sisId: text,
      legacyId: text,
      entries: fc.array(
        fc.record({ student: fc.constantFrom(...STUDENTS), relationship: text, type: text }),
        { maxLength: 4 },
      ),
    })
    const written = unicodeText({ minLength: 1 }).filter((each) => each.trim() !== '')
    const denial = fc.record({
      effect: fc.constant('DENY'),
      ...which,
      // A name without a letter, or of "none", is refused with the file.
      contact: fc.record({ name: written.map((any) => `Aaron ${any}`), email: written, phone: written }),
    })
    const scopes = fc.array(fc.string()).map((all) => new Set(all))
    const principal: fc.Arbitrary<Principal> = fc.oneof(
      scopes.map((scopes): Principal => ({ kind: 'SERVICE', client: '', scopes, districtIds: 'ALL' })),
      fc.constant(asGuardian([])),
    )
    fc.assert(
      fc.property(
        fc.array(anybody, { maxLength: 3 }),
        fc.array(denial, { maxLength: 2 }),
        principal,
        fc.string(),
        fc.double(),
        (all, denials, principal, name, readAt) => {
          const rules = rulesWith(GENEROUS, denials)
          const facts = { readAt, contacts: all.map(contact), students: new Set<never>() }
          const decision = decide(principal, privilege(name), user(STUDENTS[0] ?? ''), facts, rules)
          expect(typeof decision.allowed).toBe('boolean')
          for (const record of facts.contacts)
            for (const entry of record.relationships) privilegesOf(record, entry, rules)
        },
      ),
    )
  })
})

/** Somebody who is the parent of the first student, and of whom Clever knows a name, an e-mail and a phone. */
const parent = fc.record({ first: part, last: part, email, phone }).map((known) => ({
  ...known,
  id: CONTACTS[0] ?? '',
  entries: [{ student: STUDENTS[0] ?? '', relationship: 'Parent', type: 'Parent/Guardian' }],
}))
type Parent = typeof parent extends fc.Arbitrary<infer Each> ? Each : never

const denying = ({ first, last, email, phone }: Parent, known: 'email' | 'phone' | 'both') => ({
  effect: 'DENY',
  student: STUDENTS[0],
  privileges: 'ALL',
  reason: 'x',
  contact: {
    id: CONTACTS[0],
    name: `${first} ${last}`,
    ...(known !== 'phone' && { email }),
    ...(known !== 'email' && { phone }),
  },
})

/** Whether the corrected person, under another Clever id, may still do anything. */
function mayAnything(corrected: Person, ...overrides: readonly object[]): boolean {
  return allowed(decisions([{ ...corrected, id: NEW_ID }], rulesWith(GENEROUS, overrides))).length > 0
}

const known = fc.constantFrom('email' as const, 'phone' as const, 'both' as const)

describe('when a correction has changed the Clever id of a denied contact', () => {
  it('the denial holds: the e-mail', () => {
    fc.assert(
      fc.property(parent, fc.option(email, { nil: undefined }), known, (denied, email, known) => {
        expect(mayAnything(denied)).toBe(true)
        expect(mayAnything({ ...denied, email }, denying(denied, known))).toBe(false)
      }),
    )
  })

  it('the denial holds: the phone', () => {
    fc.assert(
      fc.property(parent, fc.option(phone, { nil: undefined }), known, (denied, phone, known) => {
        expect(mayAnything({ ...denied, phone }, denying(denied, known))).toBe(false)
      }),
    )
  })

  it('the denial holds: e-mail and phone at once', () => {
    fc.assert(
      fc.property(parent, email, phone, known, (denied, email, phone, known) => {
        expect(mayAnything({ ...denied, email, phone }, denying(denied, known))).toBe(false)
      }),
    )
  })

  it('the denial holds: one or two letters of the name', () => {
    fc.assert(
      fc.property(
        parent,
        fc.constantFrom('first' as const, 'last' as const),
        fc.array(fc.tuple(fc.nat(), fc.stringMatching(/^[a-z]$/)), { minLength: 1, maxLength: 2 }),
        known,
        (denied, part, letters, known) => {
          const corrected = letters.reduce((name, [at, letter]) => {
            const place = at % name.length
            return name.slice(0, place) + letter + name.slice(place + 1)
          }, denied[part].toLowerCase())
          expect(mayAnything({ ...denied, [part]: corrected }, denying(denied, known))).toBe(false)
        },
      ),
    )
  })

  it('the denial holds: the name goes into another field, another order, or gets a middle name', () => {
    fc.assert(
      fc.property(parent, part, known, fc.nat(3), (denied, middle, known, how) => {
        const { first, last } = denied
        const written = [
          { first: undefined, last: `${last}, ${first}` },
          { first: last, last: first },
          { first: first.toUpperCase(), last: ` ${last} ` },
          { middle },
        ][how]
        expect(mayAnything({ ...denied, ...written }, denying(denied, known))).toBe(false)
      }),
    )
  })
})

describe('a grant', () => {
  const denied = createPolicy(
    policyFile.parse({
      privileges: Object.fromEntries(PRIVILEGES.map((name) => [name, name])),
      relationships: [],
      roles: { TEACHER: [], SCHOOL_STAFF: [], DISTRICT_ADMIN: [], STUDENT: [] },
    }),
  )
  const records = (all: readonly Person[]): readonly ContactRecord[] => all.map(contact)
  const given = (person: Person, grant: object) =>
    PRIVILEGES.filter(
      (name) =>
        decideForContacts(
          records([person]),
          user(STUDENTS[0] ?? ''),
          privilege(name),
          rulesWith(denied, [grant]),
        ).allowed,
    )

  it('by Clever id never follows a changed id, however alike the people are', () => {
    fc.assert(
      fc.property(parent, (person) => {
        const grant = {
          effect: 'GRANT',
          student: STUDENTS[0],
          privileges: 'ALL',
          reason: 'x',
          contact: { id: person.id },
        }
        expect(given(person, grant)).toEqual(PRIVILEGES)
        expect(given({ ...person, id: NEW_ID }, grant)).toEqual([])
      }),
    )
  })

  it('by sisId follows the sisId and nothing else', () => {
    fc.assert(
      fc.property(parent, fc.stringMatching(/^[1-8][0-9]{3,5}$/), (person, sisId) => {
        const grant = {
          effect: 'GRANT',
          student: STUDENTS[0],
          privileges: 'ALL',
          reason: 'x',
          contact: { sisId },
        }
        expect(given({ ...person, sisId, id: NEW_ID }, grant)).toEqual(PRIVILEGES)
        expect(given({ ...person, sisId: `${sisId}0` }, grant)).toEqual([])
        expect(given(person, grant)).toEqual([])
      }),
    )
  })
})
