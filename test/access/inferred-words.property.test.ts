import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideForContacts, privilegesOf } from '../../src/access/decide.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'
import { fileOf, KNOWN_RELATIONSHIPS, KNOWN_TYPES, knownRow, PRIVILEGES, rulesWith } from './anybody.ts'
import { contact, type Entry, privilege, user } from './people.ts'

const STUDENT = '1'.repeat(24)

type Said = Omit<Entry, 'student'>

/**
 * Words that districts write, and the same as Clever would have them. A word that allows no inference is left as it is.
 */
const WRITTEN: readonly (readonly [Said, Said])[] = [
  [
    { relationship: 'Mom', type: 'Guardian' },
    { relationship: 'Parent', type: 'Parent/Guardian' },
  ],
  [
    { relationship: 'Guardian', type: 'Mother' },
    { relationship: 'Parent', type: 'Parent/Guardian' },
  ],
  [
    { relationship: 'Emergency', type: 'Parent' },
    { relationship: 'Parent', type: 'Emergency' },
  ],
  [
    { relationship: 'PARENT', type: 'Primary' },
    { relationship: 'Parent', type: 'Primary' },
  ],
  [
    { relationship: 'Sibling', type: 'relative' },
    { relationship: 'Sibling', type: 'Family' },
  ],
  [
    { relationship: 'Other', type: 'Emergency Contact' },
    { relationship: 'Other', type: 'Emergency' },
  ],
  // The next two are inferred to be OTHER, and the third is OTHER for want of anything better: no word of Clever's.
  [
    { relationship: 'Stepmother', type: 'Guardian' },
    { relationship: 'Stepmother', type: 'Parent/Guardian' },
  ],
  [
    { relationship: 'Tia', type: 'OTHER' },
    { relationship: 'Aunt/Uncle', type: 'OTHER' },
  ],
  [
    { relationship: 'Vormund', type: 'guardian' },
    { relationship: 'Vormund', type: 'Parent/Guardian' },
  ],
  // One word does not bear witness twice.
  [{ relationship: 'Guardian' }, { type: 'Parent/Guardian' }],
  [{ type: 'Mother' }, { relationship: 'Parent' }],
  [{}, {}],
]
const documented = fc
  .record({
    relationship: fc.constantFrom(...KNOWN_RELATIONSHIPS),
    type: fc.constantFrom(...KNOWN_TYPES),
  })
  .map((said): readonly [Said, Said] => [said, said])
const said = fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...WRITTEN) }, documented)

interface Row {
  readonly relationship?: readonly string[]
  readonly type?: readonly string[]
  readonly relationshipText?: readonly string[]
  readonly privileges: readonly string[]
}
/** Also such as name a text and a documented type: they match what is written, in both fields. */
const textRow = fc.record(
  {
    relationshipText: fc.subarray(['vormund', 'mom', 'Stepmother', 'sibling'], { minLength: 1 }),
    type: fc.subarray(['PARENT_GUARDIAN', 'FAMILY'], { minLength: 1 }),
    privileges: fc.subarray([...PRIVILEGES]),
  },
  { requiredKeys: ['relationshipText', 'privileges'] },
)
const file = fileOf(fc.oneof(knownRow, textRow))

/** By the rows alone, and by the very words: what a policy granted before anything could be inferred. */
function givenAsWritten(rows: readonly Row[], { relationship = '', type = '' }: Said): readonly string[] {
  const isWord = (words: Readonly<Record<string, string>>, values: readonly string[], raw: string) =>
    values.some((value) => Object.hasOwn(words, raw) && words[raw] === value)
  return rows
    .filter(
      (row) =>
        (row.relationship === undefined || isWord(RELATIONSHIPS, row.relationship, relationship)) &&
        (row.type === undefined || isWord(RELATIONSHIP_TYPES, row.type, type)) &&
        (row.relationshipText?.some((text) => text.toLowerCase() === relationship.toLowerCase()) ?? true),
    )
    .flatMap(({ privileges }) => privileges)
}

/** Each privilege with the reason; those that are not given are left out. */
function given(file: object, settings: object, entry: Said) {
  const rules = rulesWith(createPolicy(policyFile.parse({ ...file, ...settings })))
  const record = contact({ id: 'a'.repeat(24), entries: [{ student: STUDENT, ...entry }] })
  const decisions = PRIVILEGES.map(
    (name) => [name, decideForContacts([record], user(STUDENT), privilege(name), rules)] as const,
  )
  const yes = decisions.filter(([, { allowed }]) => allowed).map(([name, { reason }]) => [name, reason])
  const [inRecord] = record.relationships
  expect(inRecord && privilegesOf(record, inRecord, rules)).toEqual(yes.map(([name]) => name))
  return yes
}

describe('under any policy', () => {
  it.each([{}, { inferredWords: 'GRANT_NOTHING' }])(
    'with %j only what is written grants anything',
    (settings) => {
      fc.assert(
        fc.property(file, said, (file, [written]) => {
          const expected = givenAsWritten(rowsOf(file), written)
          expect(given(file, settings, written)).toEqual(
            PRIVILEGES.filter((name) => expected.includes(name)).map((name) => [name, 'RELATIONSHIP']),
          )
        }),
      )
    },
  )

  it('that grants by inference, words grant what they would if they were written as Clever documents, and say so', () => {
    fc.assert(
      fc.property(file, said, (file, [written, meant]) => {
        const asWritten = givenAsWritten(rowsOf(file), written)
        const withoutTexts = rowsOf(file).filter(({ relationshipText }) => relationshipText === undefined)
        const asMeant = givenAsWritten(withoutTexts, meant)
        expect(given(file, { inferredWords: 'GRANT' }, written)).toEqual(
          PRIVILEGES.filter((name) => asWritten.includes(name) || asMeant.includes(name)).map((name) => [
            name,
            asWritten.includes(name) ? 'RELATIONSHIP' : 'INFERRED_RELATIONSHIP',
          ]),
        )
      }),
    )
  })
})

const rowsOf = (file: object) => ('relationships' in file ? (file.relationships as readonly Row[]) : [])
