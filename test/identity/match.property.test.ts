import { assert as check, constantFrom, option, property, record, subarray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOverrides, overridesFile } from '../../src/access/overrides.ts'
import type { Privilege } from '../../src/access/policy.ts'
import { isSamePerson } from '../../src/identity/same-contact.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { anyContact } from '../quality/anybody.ts'
import { contact, STUDENT, user } from '../quality/people.ts'
import { MORE_PAIRS, PAIRS, type Written } from './same-person-rows.ts'

const OTHER = user('b'.repeat(24))

/** An order as it is made from a record: the name in one field. */
function clues({ name, sisId, email, phone }: ContactRecord): Readonly<Record<string, string>> {
  const words = [name.first, name.middle, name.last].filter((part) => part !== undefined).join(' ')
  const all = { sisId, name: words, email, phone }
  return Object.fromEntries(
    Object.entries(all).filter((each): each is [string, string] => each[1] !== undefined),
  )
}

/** Undefined for an order that no file may have. */
function isDenied(order: object, person: ContactRecord): boolean | undefined {
  const denial = { effect: 'DENY', student: STUDENT, privileges: 'ALL', reason: 'order', contact: order }
  const { data } = overridesFile.safeParse({ overrides: [denial] })
  return data && createOverrides(data).denial(person, STUDENT, 'PICK_UP' as Privilege, 0) !== undefined
}

/** The record that would have had no more than the order says. */
function recordOf(order: Readonly<Record<string, string>>): ContactRecord {
  const { sisId, name, email, phone } = order
  return contact({ last: name, sisId, email, phone, entries: [{ student: STUDENT }] })
}

function written({ name, email, phone, sis_id }: Written): ContactRecord {
  return contact({ last: name, email, phone, sisId: sis_id })
}

const named = record({
  last: constantFrom(...[...PAIRS, ...MORE_PAIRS].flatMap(([, gone, came]) => [gone.name, came.name])),
  email: option(constantFrom('dad@example.org', 'none@none.com', 'Dad <DAD@example.org>', 'jr@example.org'), {
    nil: '',
  }),
  phone: option(constantFrom('330-280-1898', '1 330 280 1898 x5', '330-280-1777 / 330-280-1898'), {
    nil: '',
  }),
  sisId: option(constantFrom('1001', ' 1001', '2002', '0'), { nil: '' }),
}).map((person) => contact(person))

describe('records that the matcher calls the same person', () => {
  it.each([
    ['of any text', anyContact],
    ['of names as they are', named],
  ])('is denied by an order of any of the clues that make it so: %s', (_what, people) => {
    check(
      property(people, people, subarray(['sisId', 'name', 'email', 'phone']), (one, other, fields) => {
        const order = Object.fromEntries(
          Object.entries(clues(one)).filter(([field]) => fields.includes(field)),
        )
        const person = { ...other, id: OTHER }
        const isUncertain = isDenied(order, person)
        if (isUncertain === undefined || isSamePerson(recordOf(order), person) === undefined) return
        expect(isUncertain).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([...PAIRS, ...MORE_PAIRS])('%s', (_why, gone, came, right) => {
    const [one, other] = [written(gone), { ...written(came), id: OTHER }]
    if (right === 'SAME') expect(isDenied(clues(one), other)).toBe(true)
  })
})

describe('a name of 64,000 words', () => {
  it('costs no more than one of the longest that is compared', () => {
    const long = contact({ last: 'Ann '.repeat(64_000), phone: '330-280-1898' })
    const other = contact({
      id: 'b'.repeat(24),
      last: `Beth ${'Ann '.repeat(64_000)}`,
      phone: '330-280-1898',
    })
    const start = performance.now()
    for (let n = 0; n < 20; n += 1) isSamePerson({ ...long }, { ...other })
    expect(performance.now() - start).toBeLessThan(1_000)
  })
})
