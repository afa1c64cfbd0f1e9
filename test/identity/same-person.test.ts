import { describe, expect, it } from 'vitest'
import { IdHistory } from '../../src/identity/id-history.ts'
import { isSamePerson } from '../../src/identity/same-contact.ts'
import type { UserEvent } from '../../src/model/events.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { contact, STUDENT } from '../quality/people.ts'
import { MORE_PAIRS, PAIRS, type Written } from './same-person-rows.ts'

function record(id: string, { name, email, phone, sis_id, relationship, type }: Written) {
  const entries = [{ student: STUDENT, relationship, type }]
  return contact({ id: id.repeat(24), last: name, email, phone, sisId: sis_id, entries })
}

describe('two contacts of one student', () => {
  it.each([...PAIRS, ...MORE_PAIRS])('%s', (_why, gone, came, right) => {
    const [one, other] = [record('a', gone), record('b', came)]
    expect(isSamePerson(one, other) === undefined ? 'NOT SAME' : 'SAME').toBe(right)
    expect(isSamePerson(other, one)).toEqual(isSamePerson(one, other))
  })
})

describe('a contact that was deleted and one that was created in one sync', () => {
  it.each([...PAIRS, ...MORE_PAIRS])('%s', (_why, gone, came, right) => {
    const now = Date.parse('2026-11-22T12:00:00Z')
    const idHistory = new IdHistory(() => now, 0)
    const event = (id: string, kind: UserEvent['kind'], contact: ContactRecord): UserEvent => ({
      id: id.repeat(24),
      kind,
      userId: contact.id,
      occurredAt: now,
      user: {
        id: contact.id,
        student: undefined,
        contact,
        staff: undefined,
        name: { first: undefined, middle: undefined, last: undefined },
        isTeacher: false,
        isDistrictAdmin: false,
      },
    })
    const [one, other] = [record('a', gone), record('b', came)]
    idHistory.addEvent(event('1', 'deleted', one))
    idHistory.addEvent(event('2', 'created', other))
    idHistory.completeUntil(now)
    expect(idHistory.successorOf(one.id)).toBe(right === 'SAME' ? other.id : undefined)
  })
})
