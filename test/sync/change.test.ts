import { describe, expect, it } from 'vitest'
import { parseEvent } from '../../src/clever/events.ts'
import { firstIdAt, timeOfEvent, type UserEvent } from '../../src/model/events.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { afterEvent, changeOf, eventOf, idChangesAsChanges } from '../../src/sync/change.ts'
import { contact, DISTRICT_ID, user } from '../access/people.ts'

const EVENT = 'e'.repeat(24)
const ID = user('1'.repeat(24))
const OTHER = user('2'.repeat(24))
const STUDENT = 'a'.repeat(24)
const EARLIER = '2026-11-22T11:00:00Z'
const LATER = '2026-11-22T12:00:00Z'

const person = (phone: string, lastModifiedAt?: string): ContactRecord => ({
  ...contact({ id: ID, phone, entries: [{ student: STUDENT }] }),
  lastModifiedAt,
})

function event(
  kind: UserEvent['kind'],
  told: ContactRecord | undefined,
  more: Partial<UserEvent> = {},
): UserEvent {
  const nobody = {
    id: ID,
    student: undefined,
    staff: undefined,
    name: { first: undefined, middle: undefined, last: undefined },
    isTeacher: false,
    isDistrictAdmin: false,
  }
  return { id: EVENT, kind, userId: ID, occurredAt: 0, user: { ...nobody, contact: told }, ...more }
}

function changes(what: UserEvent, held?: ContactRecord) {
  const change = changeOf(DISTRICT_ID, { event: what, position: what.id, heldRecord: held })
  return change === undefined ? [] : [change]
}

describe('an event of a contact', () => {
  it('has the record before, if the store had it', () => {
    const [before, after] = [person('1', EARLIER), person('2', LATER)]
    expect(changes(event('updated', after), before)).toMatchObject([{ kind: 'UPDATED', before, after }])
  })

  it('does not take for what was before what was read from Clever since', () => {
    const after = person('2', LATER)
    for (const held of [after, person('1'), undefined])
      expect(changes(event('updated', after), held)).toMatchObject([{ kind: 'UPDATED', before: undefined }])
  })

  it('has the record before as Clever reports it', () => {
    const object = {
      id: ID,
      name: { first: 'A', last: 'B' },
      roles: { contact: { phone: '2', student_relationships: [{ student: STUDENT, type: 'Family' }] } },
    }
    const previous_attributes = { name: { first: 'C' }, roles: { contact: { phone: '' } } }
    const json = { id: EVENT, type: 'users.updated', data: { object, previous_attributes } }
    const clocks = { note() {}, now: Date.now, toOurs: (time: number) => time }
    const told = parseEvent(json, DISTRICT_ID, clocks)
    if (typeof told === 'string') expect.unreachable()
    expect(changes(told)).toMatchObject([
      {
        kind: 'UPDATED',
        before: {
          name: { first: 'C', last: 'B' },
          phone: undefined,
          relationships: [{ studentId: STUDENT }],
        },
        after: { name: { first: 'A', last: 'B' }, phone: '2', relationships: [{ studentId: STUDENT }] },
      },
    ])
  })

  it('is a deletion if the user is no contact any more', () => {
    const before = person('1', EARLIER)
    const deleted = [{ kind: 'DELETED', before, after: undefined }]
    expect(changes(event('deleted', before))).toMatchObject(deleted)
    expect(changes(event('deleted', undefined), before)).toMatchObject(deleted)
    expect(changes(event('updated', undefined), before)).toMatchObject(deleted)
  })

  it('leaves open what has changed if the record cannot be read', () => {
    const held = person('1', EARLIER)
    const unreadable = event('updated', undefined, { user: undefined })
    expect(changes(unreadable, held)).toMatchObject([{ kind: 'UPDATED', before: undefined, after: held }])
    expect(changes(unreadable)).toEqual([])
  })

  it('is none if the user is not a contact', () => {
    for (const kind of ['created', 'updated', 'deleted'] as const)
      expect(changes(event(kind, undefined))).toEqual([])
  })

  it('of an id change comes after all events of the second in which it was settled', () => {
    const deleted = person('1')
    const created = { ...deleted, id: OTHER }
    const settledAt = timeOfEvent(EVENT)
    const succession = { previousId: ID, id: OTHER, deleted, created, settledAt }
    const settled = idChangesAsChanges(DISTRICT_ID, [succession, succession], () => undefined)
    expect(settled[0]).toMatchObject({
      kind: 'SUCCEEDED',
      contactId: OTHER,
      previousId: ID,
      before: deleted,
      after: created,
    })
    const ids = [EVENT, afterEvent(EVENT), ...settled.map(({ id }) => id), firstIdAt(settledAt + 1_000)]
    expect(ids).toEqual(ids.toSorted())
    for (const { id } of settled) expect(timeOfEvent(eventOf(id) ?? '')).toBe(settledAt)
  })
})
