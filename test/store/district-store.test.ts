import { describe, expect, it } from 'vitest'
import type { UserEvent } from '../../src/model/events.ts'
import { DistrictStore } from '../../src/store/district-store.ts'
import { DISTRICT, rowOf, userId, userOf } from '../sync/world.ts'

const ANY_AGE = Number.NEGATIVE_INFINITY
const STUDENT = 1
const CONTACT = 2
const student = userId(STUDENT)
const contact = userId(CONTACT)

const contactOf = (students: readonly number[], modifiedAt: number) =>
  userOf(CONTACT, { isStudent: false, contactOf: students }, modifiedAt)

const event = (kind: UserEvent['kind'], user: UserEvent['user'], n = 1): UserEvent => ({
  id: n.toString().padStart(24, '0'),
  kind,
  userId: contact,
  occurredAt: 12_000,
  user,
})

/** A store at 12 s past the beginning of time, where only the calls and events of a test have happened. */
function begin() {
  let now = 12_000
  const store = new DistrictStore(DISTRICT, {
    now: () => now,
    elapsed: () => now,
    sleep: () => expect.unreachable(),
    timeout: () => expect.unreachable(),
  })
  return { store, setClock: (to: number) => (now = to) }
}

const all = { role: 'contact', direction: 'forwards', beyond: undefined, limit: 10_000 } as const

describe('an answer to a call that was sent after an event had come', () => {
  it('shows that a record is gone, though the event reported it a moment before', () => {
    const { store, setClock } = begin()
    store.applyEvent(event('updated', contactOf([STUDENT], 12_000)))
    setClock(12_500)
    store.putRange(all, { rows: [], isLast: true, isLinked: false, hasNameless: false, leftOut: 0 }, 12_500)
    expect(store.find('contact', contact, ANY_AGE)).toEqual({ value: undefined, asOf: 12_500 })
  })

  it('shows that a contact is none of a student, though the event named it a moment before', () => {
    const { store, setClock } = begin()
    store.applyEvent(event('updated', contactOf([STUDENT], 12_000)))
    setClock(12_500)
    store.putContactsOf(student, [], 12_500)
    expect(store.contactsListing(student, ANY_AGE)?.value).toEqual([])
  })
})

describe('an answer that was long on its way', () => {
  it('does not take back an event that came in the meantime', () => {
    const { store } = begin()
    store.applyEvent(event('deleted', contactOf([STUDENT], 9_000)))
    store.putUser(contact, contactOf([STUDENT], 9_000), 11_000)
    expect(store.find('contact', contact, ANY_AGE)).toEqual({ value: undefined, asOf: 11_000 })
  })

  it('does not hide a contact whom an event gave to the student in the meantime', () => {
    const { store } = begin()
    store.applyEvent(event('created', contactOf([STUDENT], 11_500)))
    store.putContactsOf(student, [], 11_000)
    expect(store.contactsOf(student, ANY_AGE)?.value.map(({ id }) => id)).toEqual([contact])
  })

  it('does not make a contact again of a user who, by an event in the meantime, is none any more', () => {
    const { store } = begin()
    store.applyEvent(event('updated', userOf(CONTACT, { isStudent: true, contactOf: undefined }, 11_500)))
    store.putUser(contact, contactOf([STUDENT], 9_000), 11_000)
    expect(store.find('contact', contact, ANY_AGE)?.value).toBeUndefined()
  })

  it('gives a student no contact who, as was asked later, is none of this student', () => {
    const { store } = begin()
    store.putContactsOf(student, [], 11_000)
    store.putUser(contact, contactOf([STUDENT], 9_000), 10_000)
    const known = store.contactsOf(student, 11_000)
    expect(known?.value ?? []).toEqual([])
  })
})

describe('events', () => {
  it('are not believed where what was read is newer', () => {
    const { store } = begin()
    store.putUser(contact, contactOf([], 11_500), 11_600)
    store.applyEvent(event('updated', contactOf([STUDENT], 11_000)))
    expect(store.find('contact', contact, ANY_AGE)?.value).toEqual(contactOf([], 11_500).contact)
  })

  it('may be applied twice', () => {
    const { store } = begin()
    store.putRange(all, { rows: [], isLast: true, isLinked: false, hasNameless: false, leftOut: 0 }, 11_000)
    const created = event('created', contactOf([STUDENT], 11_500))
    store.applyEvent(created)
    const once = store.list(all, ANY_AGE)
    store.applyEvent(created)
    expect(store.list(all, ANY_AGE)).toEqual(once)
    expect(store.count('contact', ANY_AGE)?.value).toBe(1)
  })

  it('of a record that cannot be read remove it from the store', () => {
    const { store } = begin()
    store.putUser(contact, contactOf([STUDENT], 11_000), 11_500)
    store.applyEvent(event('updated', undefined))
    expect(store.find('contact', contact, ANY_AGE)).toBeUndefined()
  })
})

describe('what cannot be so', () => {
  it('is forgotten: what was learned in the future, when the clock is set back', () => {
    const { store, setClock } = begin()
    store.putUser(contact, contactOf([STUDENT], 9_000), 12_000)
    setClock(2_000)
    expect(store.find('contact', contact, ANY_AGE)).toBeUndefined()
  })

  it('does not break what is known: an empty page that says there is more', () => {
    const { store } = begin()
    const upwards = { ...all, beyond: userId(3) }
    store.putRange(
      upwards,
      { rows: [], isLast: true, isLinked: false, hasNameless: false, leftOut: 0 },
      11_000,
    )
    const downwards = { ...all, direction: 'backwards', beyond: userId(5) } as const
    store.putRange(
      downwards,
      { rows: [], isLast: false, isLinked: false, hasNameless: false, leftOut: 0 },
      11_500,
    )
    const coverage = store.coverage('contact')
    coverage.slice(1).forEach(({ after }, i) => {
      expect((coverage[i]?.upTo ?? '') <= after).toBe(true)
    })
  })

  it('is nothing before the lowest id there can be', () => {
    const { store } = begin()
    const downwards = { ...all, direction: 'backwards', beyond: userId(0) } as const
    expect(store.list(downwards, ANY_AGE)?.value.records ?? []).toEqual([])
  })
})

describe('a page that was read for some ids', () => {
  it('answers for these alone, and only as far as it reaches', () => {
    const { store } = begin()
    const user = contactOf([STUDENT], 9_000)
    const [missing, notWanted, beyondPage] = [userId(1), userId(3), userId(9)]
    const rows = [rowOf('contact', user), { id: userId(4), encoded: null }]
    store.putRange(
      { ...all, limit: 2, wanted: new Set([contact, missing, beyondPage]) },
      { rows, isLast: false, isLinked: true, hasNameless: false, leftOut: 0 },
      11_000,
    )
    expect(store.find('contact', contact, ANY_AGE)).toEqual({ value: user.contact, asOf: 11_000 })
    expect(store.find('contact', missing, ANY_AGE)).toEqual({ value: undefined, asOf: 11_000 })
    for (const id of [notWanted, userId(4), beyondPage])
      expect(store.find('contact', id, ANY_AGE)).toBeUndefined()
  })
})

describe('a page without a readable id', () => {
  it('is no proof of missing records, and has those that exist', () => {
    const { store } = begin()
    const user = contactOf([STUDENT], 9_000)
    store.putRange(
      all,
      { rows: [rowOf('contact', user)], isLast: true, isLinked: false, hasNameless: true, leftOut: 0 },
      11_000,
    )
    expect(store.find('contact', contact, ANY_AGE)?.value).toEqual(user.contact)
    expect(store.find('contact', userId(3), ANY_AGE)).toBeUndefined()
  })
})
