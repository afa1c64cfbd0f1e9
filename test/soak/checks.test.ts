import { describe, expect, it } from 'vitest'
import { checkAnswer } from './check-answer.ts'
import { missedEvents } from './heard.ts'
import { findProblems } from './logs.ts'
import { floorOf, slopePerMinute } from './slope.ts'
import { Truth } from './truth.ts'
import { busiestMinute } from './window.ts'

const AGES = { decision: 15_000, display: 60_000 }
const PARENT = { relationship: 'Parent', type: 'Parent/Guardian' }
const UNCLE = { relationship: 'Aunt/Uncle', type: 'Family' }
const GUARDIAN = { kind: 'guardian', contactIds: ['mother'] } as const

function family(): Truth {
  const truth = new Truth()
  truth.begin('mother', 'child', PARENT, Number.NEGATIVE_INFINITY)
  truth.begin('mother', 'niece', UNCLE, Number.NEGATIVE_INFINITY)
  truth.begin('uncle', 'child', UNCLE, Number.NEGATIVE_INFINITY)
  truth.begin('uncle', 'niece', PARENT, Number.NEGATIVE_INFINITY)
  for (const id of ['mother', 'uncle', 'child', 'niece']) truth.setDistrict(id, 'here')
  return truth
}

function entry(contactId: string, studentId: string, words: { relationship: string; type: string }) {
  return { contactId, studentId, relationshipRaw: words.relationship, typeRaw: words.type }
}

const wrongAt = (at: number, truth: Truth, data: unknown) =>
  checkAnswer(data, GUARDIAN, truth, { from: at, until: at + 10 }, AGES).wrong

describe('the check of an answer to a guardian', () => {
  it('accepts the students, contacts and relationships that the roster gives the guardian', () => {
    const data = {
      student: {
        __typename: 'Student',
        id: 'child',
        relationships: [entry('mother', 'child', PARENT), entry('uncle', 'child', UNCLE)],
      },
      contact: { __typename: 'Contact', id: 'uncle' },
    }
    expect(checkAnswer(data, GUARDIAN, family(), { from: 0, until: 10 }, AGES)).toEqual({
      wrong: [],
      entries: 2,
    })
  })

  it.each([
    ['a student who is not the guardian’s', { __typename: 'Student', id: 'niece' }],
    ['a contact of another family', { __typename: 'Contact', id: 'stranger' }],
    ['the words of one child at another', entry('uncle', 'child', PARENT)],
    ['a relationship to a student who is hidden', entry('uncle', 'niece', PARENT)],
    ['another student in the node', { ...entry('uncle', 'child', UNCLE), student: { id: 'niece' } }],
  ])('finds %s', (_what, data) => {
    expect(wrongAt(0, family(), [data])).not.toEqual([])
  })

  it('gives a decision its maximum age, and what is shown its own', () => {
    const truth = family()
    truth.end('mother', 'child', 100_000)
    truth.end('uncle', 'child', 50_000)
    const [child, uncle] = [{ __typename: 'Student', id: 'child' }, entry('uncle', 'child', UNCLE)]
    expect([wrongAt(115_000, truth, child), wrongAt(110_000, truth, uncle)]).toEqual([[], []])
    expect(wrongAt(115_001, truth, child)).toEqual(['student child'])
    expect(wrongAt(110_001, truth, uncle)).toHaveLength(1)
  })

  it('follows a contact to its new id', () => {
    const truth = family()
    truth.move('uncle', 'uncle-2', { from: 1_000, until: 1_100 })
    expect(wrongAt(2_000, truth, entry('uncle-2', 'child', UNCLE))).toEqual([])
    expect(wrongAt(70_000, truth, entry('uncle', 'child', UNCLE))).toHaveLength(1)
  })
})

describe('the check of an answer to a service', () => {
  it('accepts a district until its withdrawal can be known, and after its return', () => {
    const truth = family()
    const service = { kind: 'district', districtIds: ['here'] } as const
    const isRight = (at: number) =>
      checkAnswer({ __typename: 'Student', id: 'child' }, service, truth, { from: at, until: at }, AGES).wrong
        .length === 0
    truth.withdraw('here', 100_000)
    expect([isRight(115_000), isRight(115_001)]).toEqual([true, false])
    truth.giveBack('here', 200_000)
    expect([isRight(199_999), isRight(200_000)]).toEqual([false, true])
  })
})

describe('the count of calls', () => {
  it('is that of the busiest 60 s of one token, wherever they begin', () => {
    const at = (seconds: number, districtId = 'a') => ({ districtId, status: 200, at: seconds * 1_000 })
    const calls = [at(0), at(59), at(60), at(61), at(118.9), at(200), at(60, 'b')]
    expect(busiestMinute(calls)).toBe(4)
    expect(busiestMinute([])).toBe(0)
  })
})

describe('the growth of memory', () => {
  it('is that of the least values, which garbage does not hide', () => {
    const points = Array.from({ length: 40 }, (_, index) => ({
      at: index * 15_000,
      value: 50 + index * 0.25 + (index % 2) * 30,
    }))
    expect(slopePerMinute(floorOf(points))).toBeCloseTo(1)
    expect(slopePerMinute([])).toBe(0)
  })
})

describe('what a subscriber missed', () => {
  const event = (id: string, type = 'users.updated') => ({
    id,
    type,
    data: { object: { roles: { contact: { student_relationships: [] } } } as never },
  })
  const events = ['1', '2', '3', '4', '5', '6'].map((id) => event(id))

  it('is each change after the first that it heard, except for a gap that it was told of', () => {
    expect(missedEvents([['1', '3', '4', '5', '6']], events)).toEqual(['2'])
    expect(
      missedEvents(
        [
          ['1', '2'],
          ['5', '6'],
        ],
        events,
      ),
    ).toEqual([])
    expect(missedEvents([['1', '2'], ['4']], events)).toEqual(['5', '6'])
  })
})

describe('the check of a log', () => {
  it('finds errors, lines that are not whole, and what names a person', () => {
    const secrets = new Set(['Ruth Whitfield', 'ruth@example.org'])
    const found = (log: string) => findProblems({ log, stderr: '' }, secrets).map(({ promise }) => promise)
    expect(found('{"level":"info","msg":"request"}\n{"level":"warn"}\n')).toEqual([])
    expect(found('{"level":"error"}\n{"level":')).toEqual(['the log has an error', 'the log has an error'])
    expect(found('{"level":"info","to":"ruth@example.org"}')).toEqual(['the log has personal data'])
    expect(found('{"level":"info","id":"ruth@example.organization"}')).toEqual([])
  })
})
