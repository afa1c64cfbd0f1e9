import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideForContacts, privilegesOf } from '../../src/access/decide.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import {
  allowed,
  decisions,
  fileOf,
  knownRow,
  overrides,
  PRIVILEGES,
  people,
  rulesWith,
  STUDENTS,
} from './anybody.ts'
import { contact, type Person, privilege, user } from './people.ts'

const PARENT = { relationship: 'Parent', type: 'Parent/Guardian' }

/** Most of them people of whom there is nothing but a name, and parents of some. */
const nameless = fc
  .tuple(people, fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.subarray(STUDENTS))
  .map(([all, areBare, students]) =>
    all.map(
      (person, index): Person => ({
        ...person,
        ...(areBare[index] && { email: undefined, phone: undefined, sisId: undefined }),
        entries: [...(person.entries ?? []), ...students.map((student) => ({ student, ...PARENT }))],
      }),
    ),
  )

const isAtRisk = ({ email, phone, sisId, entries = [] }: Person) =>
  email === undefined &&
  phone === undefined &&
  sisId === undefined &&
  new Set(entries.map(({ student }) => student)).size > 1

/** Related to the same students, by words that no row of these policies matches. */
const wordless = (person: Person): Person => ({
  ...person,
  entries: (person.entries ?? []).map(({ student }) => ({ student })),
})

const file = fc
  .tuple(fileOf(knownRow), fc.constantFrom('GRANT', 'GRANT_NOTHING'))
  .map(([file, inferredWords]) => ({ ...file, inferredWords }))
const policyWith = (file: object, collisions?: string) =>
  createPolicy(policyFile.parse({ ...file, collisions }))

describe('where collisions grant nothing', () => {
  it('a contact that may be two people has what overrides grant, and every other contact what it had', () => {
    fc.assert(
      fc.property(nameless, file, overrides, (all, file, overrides) => {
        const anyhow = decisions(all, rulesWith(policyWith(file, 'GRANT'), overrides))
        const withoutRisk = decisions(
          all.map((person) => (isAtRisk(person) ? wordless(person) : person)),
          rulesWith(policyWith(file, 'GRANT'), overrides),
        )
        const expected = [...anyhow].map(([what, decision]) => [
          what,
          decision.allowed && !withoutRisk.get(what)?.allowed
            ? { allowed: false, reason: 'COLLISION_RISK' }
            : withoutRisk.get(what),
        ])
        expect([...decisions(all, rulesWith(policyWith(file, 'GRANT_NOTHING'), overrides))]).toEqual(expected)
      }),
    )
  })

  it('no contact at risk has anything without an override', () => {
    fc.assert(
      fc.property(nameless, file, (all, file) => {
        const atRisk = all.filter(isAtRisk)
        expect(allowed(decisions(atRisk, rulesWith(policyWith(file, 'GRANT_NOTHING'))))).toEqual([])
      }),
    )
  })
})

describe('whatever a policy says of collisions', () => {
  it('the entries of a pair give together what is decided for the pair', () => {
    const collisions = fc.constantFrom('GRANT', 'GRANT_NOTHING')
    fc.assert(
      fc.property(nameless, file, collisions, overrides, (all, file, collisions, overrides) => {
        const rules = rulesWith(policyWith(file, collisions), overrides)
        for (const record of all.map(contact)) {
          for (const student of STUDENTS.map(user)) {
            const entries = record.relationships.filter(({ studentId }) => studentId === student)
            const byEntry = new Set<string>(entries.flatMap((entry) => privilegesOf(record, entry, rules)))
            const byPair = PRIVILEGES.filter(
              (name) => decideForContacts([record], student, privilege(name), rules).allowed,
            )
            expect(PRIVILEGES.filter((name) => byEntry.has(name))).toEqual(byPair)
          }
        }
      }),
    )
  })

  it('they grant, unless it says something else', () => {
    fc.assert(
      fc.property(nameless, file, overrides, (all, file, overrides) => {
        expect(decisions(all, rulesWith(policyWith(file), overrides))).toEqual(
          decisions(all, rulesWith(policyWith(file, 'GRANT'), overrides)),
        )
      }),
    )
  })
})
