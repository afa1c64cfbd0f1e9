import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { VisibleContact } from '../../src/access/changed-fields.ts'
import type { Detail } from '../../src/access/viewer.ts'
import { visibleChange } from '../../src/access/visible-change.ts'
import type { Change } from '../../src/model/change.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { contact, DISTRICT_ID, NOW, user } from './people.ts'

const ID = '1'.repeat(24)
const STUDENTS = ['a', 'b', 'c'].map((letter) => letter.repeat(24))

interface Viewer {
  readonly students: readonly string[]
  readonly detail: Detail
  readonly isWhole: boolean
}

/** Whoever sees some students, and through them their contacts. */
function hears(change: Change, { students, detail, isWhole }: Viewer) {
  return visibleChange(change, {
    mayReach: true,
    seesWholeDistrict: isWhole,
    visibleContact(record): VisibleContact | undefined {
      const entries = record.relationships.filter(({ studentId }) => students.includes(studentId))
      return isWhole || entries.length > 0 ? { record, entries, detail } : undefined
    },
  })
}

const word = fc.constantFrom(undefined, 'one', 'two')
const entry = fc.record({ student: fc.constantFrom(...STUDENTS), relationship: word, type: word })
const person = fc.record({
  first: word,
  last: word,
  email: word,
  phone: word,
  sisId: word,
  entries: fc.array(entry, { maxLength: 4 }),
})
const record = person.map((of) => contact({ id: ID, ...of }))
const viewer: fc.Arbitrary<Viewer> = fc.record({
  students: fc.subarray(STUDENTS),
  detail: fc.constantFrom<Detail>('FULL', 'NAME'),
  isWhole: fc.constant(false),
})

function updated(before: ContactRecord | undefined, after: ContactRecord): Change {
  return {
    id: 'e'.repeat(24),
    kind: 'UPDATED',
    districtId: DISTRICT_ID,
    contactId: after.id,
    previousId: undefined,
    before,
    after,
    occurredAt: NOW,
  }
}

/** The same to this viewer: all else is another's. */
function hiddenlyChanged(
  of: ContactRecord,
  other: ContactRecord,
  { students, detail }: Viewer,
): ContactRecord {
  const isSeen = ({ studentId }: { studentId: string }) => students.includes(studentId)
  const entries = [
    ...other.relationships.filter((each) => !isSeen(each)),
    ...of.relationships.filter(isSeen).toReversed(),
  ]
  const open = detail === 'FULL' ? of : other
  return { ...open, name: of.name, lastModifiedAt: other.lastModifiedAt, relationships: entries }
}

describe('a viewer of a change', () => {
  it('hears nothing where only what is hidden from him has changed', () => {
    fc.assert(
      fc.property(record, record, viewer, (of, other, who) => {
        expect(hears(updated(of, hiddenlyChanged(of, other, who)), who)).toBeUndefined()
      }),
    )
  })

  it('hears the same whatever else has changed beside what he may see', () => {
    fc.assert(
      fc.property(record, record, record, viewer, (before, after, other, who) => {
        const told = (change: Change) => {
          const { kind, changedFields } =
            (hears(change, who) as { kind?: string; changedFields?: unknown }) ?? {}
          return { kind, changedFields }
        }
        const plain = told(updated(before, after))
        expect(told(updated(hiddenlyChanged(before, other, who), after))).toEqual(plain)
        expect(told(updated(before, hiddenlyChanged(after, other, who)))).toEqual(plain)
      }),
    )
  })

  it('hears nothing of whom he could see neither before nor after', () => {
    fc.assert(
      fc.property(record, record, viewer, (before, after, { detail }) => {
        const nobody = { students: [], detail, isWhole: false }
        for (const change of [
          updated(before, after),
          { ...updated(before, after), kind: 'CREATED' as const },
        ])
          expect(hears(change, nobody)).toBeUndefined()
      }),
    )
  })

  it('hears of a contact that leaves his sight that it is gone, and of one that enters it that it is new', () => {
    const [a = '', b = ''] = STUDENTS
    const mine = { students: [a], detail: 'FULL', isWhole: false } as const
    const [withA, withB] = [a, b].map((student) => contact({ id: ID, entries: [{ student }] }))
    if (withA === undefined || withB === undefined) expect.unreachable()
    expect(hears(updated(withA, withB), mine)).toMatchObject({ kind: 'DELETED', changedFields: undefined })
    expect(hears(updated(withB, withA), mine)).toMatchObject({ kind: 'CREATED', changedFields: undefined })
  })

  it('gets a change without the record before only if nothing is hidden', () => {
    const [a = '', b = ''] = STUDENTS
    const after = contact({ id: ID, entries: [{ student: a }, { student: b }] })
    const all = { students: [a, b], detail: 'FULL', isWhole: false } as const
    expect(hears(updated(undefined, after), all)).toMatchObject({ kind: 'UPDATED', changedFields: undefined })
    expect(hears(updated(undefined, after), { ...all, students: [a] })).toBeUndefined()
    expect(hears(updated(undefined, after), { ...all, detail: 'NAME' })).toBeUndefined()
  })

  it('hears who was whom only if he might have seen both', () => {
    const [a = '', b = ''] = STUDENTS
    const [old, now] = [a, b].map((student) => contact({ id: ID, entries: [{ student }] }))
    if (old === undefined || now === undefined) expect.unreachable()
    const succeeded = { ...updated(old, now), kind: 'SUCCEEDED' as const, previousId: user('2'.repeat(24)) }
    const both = { students: [a, b], detail: 'FULL', isWhole: false } as const
    expect(hears(succeeded, both)).toMatchObject({ kind: 'SUCCEEDED' })
    for (const students of [[a], [b]]) expect(hears(succeeded, { ...both, students })).toBeUndefined()
    const unknown = { ...succeeded, before: undefined }
    expect(hears(unknown, both)).toBeUndefined()
    expect(hears(unknown, { ...both, isWhole: true })).toMatchObject({ kind: 'SUCCEEDED' })
  })
})
