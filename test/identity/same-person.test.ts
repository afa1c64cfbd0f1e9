import { describe, expect, it } from 'vitest'
import { isSamePerson } from '../../src/identity/same-contact.ts'
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
