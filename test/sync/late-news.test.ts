import { describe, expect, it } from 'vitest'
import type { UserEvent } from '../../src/model/events.ts'
import { DistrictStore } from '../../src/store/district-store.ts'
import { createMemoryLimit } from '../../src/store/memory-limit.ts'
import { DISTRICT, rowOf, userId, userOf } from './world.ts'

const STUDENT = 1
const CONTACT = 2
const student = userId(STUDENT)
const contact = userId(CONTACT)
const ANY_AGE = Number.NEGATIVE_INFINITY
const SECOND = 1_000

const contactOf = (students: readonly number[], modifiedAt: number) =>
  userOf(CONTACT, { isStudent: false, contactOf: students }, modifiedAt)

function event(kind: UserEvent['kind'], user: UserEvent['user'], occurredAt: number): UserEvent {
  return { id: '0'.repeat(24), kind, userId: contact, user, occurredAt }
}

/** A store at 105 s past the beginning of time. */
const clock = {
  now: () => 105 * SECOND,
  elapsed: () => 105 * SECOND,
  sleep: () => expect.unreachable(),
  timeout: () => expect.unreachable(),
}
const begin = () => new DistrictStore(DISTRICT, clock)

describe('an event that was reported long before Clever was asked', () => {
  const late = 40 * SECOND
  const asked = 100 * SECOND

  it('brings no record back that was not there when it was asked', () => {
    const store = begin()
    store.putUser(contact, undefined, asked)
    store.applyEvent(event('updated', contactOf([STUDENT], late), late))
    expect(store.find('contact', contact, asked)?.value).toBeUndefined()
  })

  it('gives a student no contact who was none when it was asked', () => {
    const store = begin()
    store.putContactsOf(student, [], asked)
    store.applyEvent(event('created', contactOf([STUDENT], late), late))
    expect(store.contactsOf(student, asked)?.value).toEqual([])
    expect(store.find('contact', contact, asked)).toBeUndefined()
  })

  it('removes no record that was there when it was asked', () => {
    const store = begin()
    store.putUser(contact, contactOf([STUDENT], late), asked)
    store.applyEvent(event('deleted', contactOf([STUDENT], late), late))
    expect(store.find('contact', contact, asked)?.value).toMatchObject({ id: contact })
  })

  it('does not outlive the answer that was under way when it was heard', () => {
    const store = begin()
    store.putUser(contact, contactOf([STUDENT], late), late)
    store.applyEvent(event('updated', contactOf([STUDENT], late), late))
    store.putUser(contact, contactOf([], 90 * SECOND), asked)
    expect(store.find('contact', contact, asked)?.value).toMatchObject({ relationships: [] })
  })
})

describe('an event that becomes visible after a later one of the same contact', () => {
  it.each<[UserEvent['kind'], UserEvent['kind'], boolean]>([
    ['updated', 'deleted', false],
    ['created', 'deleted', false],
    ['deleted', 'created', true],
  ])('C3: %s before %s: the later one stays', (older, newer, isThere) => {
    const store = begin()
    store.putUser(contact, contactOf([STUDENT], 90 * SECOND), 91 * SECOND)
    const modified = newer === 'created' ? 103 : 102
    store.applyEvent(event(newer, contactOf([STUDENT], modified * SECOND), 103 * SECOND))
    store.applyEvent(event(older, contactOf([STUDENT], 102 * SECOND), 102 * SECOND))
    expect(store.find('contact', contact, ANY_AGE)?.value !== undefined).toBe(isThere)
  })
})

describe('a student who is not shared', () => {
  it('has no contacts, though contacts name the student, and all of them are known', () => {
    const store = begin()
    const all = { role: 'contact', direction: 'forwards', beyond: undefined, limit: 10 } as const
    const rows = [rowOf('contact', contactOf([STUDENT], 0))]
    store.putRange(all, { rows, isLast: true, isLinked: false, hasNameless: false, leftOut: 0 }, SECOND)
    expect(store.contactsOf(student, ANY_AGE)).toBeUndefined()
    store.putUser(student, undefined, SECOND)
    expect(store.contactsOf(student, ANY_AGE)?.value).toEqual([])
  })
})

describe('the memory of all districts', () => {
  it('is kept also where a district has nothing left but news', () => {
    const [idle, growing] = [begin(), begin()]
    idle.applyEvent(event('created', contactOf([STUDENT], 0), 104 * SECOND))
    expect(idle.bytes).toBeGreaterThan(0)
    const memory = createMemoryLimit(50_000, () => [idle, growing])
    for (let n = 1; n <= 1_000; n += 1) {
      growing.putUser(userId(n), userOf(n, { isStudent: true, contactOf: undefined }, 0), SECOND)
      memory.enforce(growing)
      expect(memory.bytes).toBeLessThanOrEqual(50_000)
    }
  })
})
