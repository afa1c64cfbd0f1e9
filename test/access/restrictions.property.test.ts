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

const NOTES = ['NO CONTACT', 'Restricted - do not release', 'court order', 'orden de alejamiento']

/** People of whom some have a note in the name, or in an entry for one of the students. */
const noted = fc
  .tuple(
    people,
    fc.array(fc.constantFrom('NONE', 'NAME', ...STUDENTS), { minLength: 3, maxLength: 3 }),
    fc.constantFrom(...NOTES),
  )
  .map(([all, places, note]) =>
    all.map((person, index): Person => {
      const place = places[index] ?? 'NONE'
      if (place === 'NONE') return person
      if (place === 'NAME') return { ...person, last: `${person.last ?? ''} ${note}` }
      return { ...person, entries: [...(person.entries ?? []), { student: place, type: note }] }
    }),
  )

const isNoted = (text: string | undefined) => text !== undefined && NOTES.some((note) => text.endsWith(note))

/** Whether a note is on the pair of any of them with the student. */
function isRestricted(all: readonly Person[], student: string): boolean {
  return all.some(({ last, entries = [] }) => {
    const pair = entries.filter((entry) => entry.student === student)
    return pair.length > 0 && (isNoted(last) || pair.some(({ type }) => isNoted(type)))
  })
}

const file = fc
  .tuple(
    fileOf(knownRow),
    fc.constantFrom('GRANT', 'GRANT_NOTHING'),
    fc.constantFrom('GRANT', 'GRANT_NOTHING'),
  )
  .map(([file, inferredWords, collisions]) => ({ ...file, inferredWords, collisions }))
const policyWith = (file: object, restrictions?: string) =>
  createPolicy(policyFile.parse({ ...file, restrictions }))

describe('where restrictions grant nothing', () => {
  it('a restricted pair has what overrides grant, with that reason, and every other pair what it had', () => {
    fc.assert(
      fc.property(noted, file, overrides, (all, file, overrides) => {
        const anyhow = decisions(all, rulesWith(policyWith(file, 'IGNORE'), overrides))
        const byOverrides = decisions(
          all,
          rulesWith(policyWith({ ...file, relationships: [] }, 'IGNORE'), overrides),
        )
        const expected = [...anyhow].map(([what, decision]) => {
          if (!isRestricted(all, what.slice(0, 24)) || decision.reason === 'OVERRIDE_DENIES')
            return [what, decision]
          const granted = byOverrides.get(what)
          return [what, granted?.allowed ? granted : { allowed: false, reason: 'RESTRICTION_NOTE' }]
        })
        expect([...decisions(all, rulesWith(policyWith(file, 'GRANT_NOTHING'), overrides))]).toEqual(expected)
      }),
    )
  })

  it('a restricted pair has nothing without an override', () => {
    fc.assert(
      fc.property(noted, file, (all, file) => {
        for (const what of allowed(decisions(all, rulesWith(policyWith(file, 'GRANT_NOTHING')))))
          expect(isRestricted(all, what.slice(0, 24))).toBe(false)
      }),
    )
  })
})

describe('whatever a policy says of restrictions', () => {
  it('the entries of a pair give together what is decided for the pair', () => {
    const restrictions = fc.constantFrom('GRANT_NOTHING', 'IGNORE')
    fc.assert(
      fc.property(noted, file, restrictions, overrides, (all, file, restrictions, overrides) => {
        const rules = rulesWith(policyWith(file, restrictions), overrides)
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

  it('they grant nothing, unless it says something else', () => {
    fc.assert(
      fc.property(noted, file, overrides, (all, file, overrides) => {
        expect(decisions(all, rulesWith(policyWith(file), overrides))).toEqual(
          decisions(all, rulesWith(policyWith(file, 'GRANT_NOTHING'), overrides)),
        )
      }),
    )
  })
})
