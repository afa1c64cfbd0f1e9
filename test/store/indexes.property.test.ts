import { array, assert as check, constantFrom, integer, property, tuple, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SharedField } from '../../src/model/shared-keys.ts'
import { sharedKeysOf } from '../../src/model/shared-keys.ts'
import { createContactsByStudent } from '../../src/store/contacts-by-student.ts'
import { createSharedValues, SHARED_BY } from '../../src/store/shared-values.ts'
import { mixBits, SlotTable } from '../../src/store/slot-table.ts'
import { contact } from '../access/people.ts'

const id = (n: number) => n.toString(16).padStart(24, '0')
const ids = (numbers: readonly number[]) => new Set(numbers.map(id))

describe('the index of contacts by student', () => {
  it('lists the contacts of each student in ascending order, whatever changes', () => {
    // Few students with many contacts, so that some have more than the table keeps.
    const change = tuple(integer({ min: 0, max: 60 }), uniqueArray(integer({ min: 0, max: 4 })))
    check(
      property(array(change, { maxLength: 150 }), (changes) => {
        const index = createContactsByStudent()
        const model = new Map<string, ReadonlySet<string>>()
        const goTo = (contactId: string, students: ReadonlySet<string>) => {
          index.change(contactId, [...(model.get(contactId) ?? [])], [...students])
          model.set(contactId, students)
        }
        for (const [n, students] of changes) {
          goTo(id(n), ids(students))
          for (const student of ids([0, 1, 2, 3, 4, 5])) {
            const expected = [...model].filter(([, named]) => named.has(student)).map(([each]) => each)
            expect(index.contactsOf(student)).toEqual(expected.sort())
          }
        }
        for (const contactId of model.keys()) goTo(contactId, new Set())
        expect(index.bytes).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('lists thousands of contacts of one student, beside the one contact of another', () => {
    const index = createContactsByStudent()
    const [crowded, quiet] = [id(1), id(2)]
    const all = Array.from({ length: 3_000 }, (_, n) => id(n + 10))
    index.change(id(5), [], [quiet])
    for (const each of all.toReversed()) index.change(each, [], [crowded])
    expect(index.contactsOf(crowded)).toEqual(all)
    expect(index.contactsOf(quiet)).toEqual([id(5)])
    const kept = all.filter((_, n) => n % 100 === 0)
    for (const each of all) if (!kept.includes(each)) index.change(each, [crowded], [])
    expect(index.contactsOf(crowded)).toEqual(kept)
  })

  it('keeps ids apart that differ in any digit, and the first and the last id', () => {
    const all = Array.from({ length: 24 }, (_, place) =>
      Array.from('123456789abcdef', (digit) => `${'0'.repeat(place)}${digit}`.padEnd(24, '0')),
    ).flat()
    const students = [...all, '0'.repeat(24), 'f'.repeat(24)]
    const index = createContactsByStudent()
    for (const student of students) index.change(student, [], [student])
    for (const student of students) expect(index.contactsOf(student)).toEqual([student])
  })
})

describe('the counts of shared values', () => {
  const fields: readonly SharedField[] = ['sisId', 'email', 'phone']
  const withValues = (values: readonly number[]) =>
    contact({
      id: id(1),
      entries: [],
      ...Object.fromEntries(fields.map((field, place) => [field, `55501${values[place]}`])),
    })
  const keysOf = (values: readonly number[]) => sharedKeysOf(withValues(values))

  it('marks the values of ten contacts or more, and says whenever this changes, up to any count', () => {
    const value = integer({ min: 0, max: 2 })
    // Many contacts at once, so that counts go beyond a byte and back.
    const step = tuple(tuple(value, value, value), constantFrom(1, 9, 10, 254, 255, 600), constantFrom(-1, 1))
    check(
      property(array(step, { maxLength: 30 }), (steps) => {
        const shared = createSharedValues()
        const model = new Map<string, number>()
        const present = new Map<string, number>()
        for (const [values, times, by] of steps) {
          const name = values.join()
          const changes = by > 0 ? times : Math.min(times, present.get(name) ?? 0)
          for (let n = 0; n < changes; n += 1) {
            const before = sharedOf(model)
            const { generation } = shared
            shared.change(by < 0 ? keysOf(values) : [], by < 0 ? [] : keysOf(values))
            for (const [place, field] of fields.entries()) {
              const key = `${field}:${values[place]}`
              model.set(key, (model.get(key) ?? 0) + by)
            }
            expect(shared.generation !== generation).toBe(sharedOf(model) !== before)
          }
          present.set(name, (present.get(name) ?? 0) + by * changes)
          for (const each of [0, 1, 2]) {
            const marked = shared.mark(withValues([each, each, each])).shared ?? new Set()
            const expected = fields.filter((field) => (model.get(`${field}:${each}`) ?? 0) >= SHARED_BY)
            expect([...marked]).toEqual(expected)
          }
        }
        for (const [name, times] of present)
          for (let n = 0; n < times; n += 1) shared.change(keysOf(name.split(',').map(Number)), [])
        expect(shared.bytes).toBe(0)
      }),
      { numRuns: 100 },
    )
  })

  function sharedOf(model: ReadonlyMap<string, number>): string {
    return [...model]
      .filter(([, count]) => count >= SHARED_BY)
      .map(([key]) => key)
      .sort()
      .join()
  }
})

describe('a hash table in typed arrays', () => {
  it('holds what a map holds, also if keys have the same hash', () => {
    const step = tuple(integer({ min: 0, max: 40 }), integer({ min: 0, max: 255 }))
    check(
      property(array(step, { maxLength: 200 }), constantFrom(1, 3, 0x1_0000_0000), (steps, hashes) => {
        const hashOf = (words: Uint32Array, at: number) =>
          (((words[at] ?? 0) % hashes) * 0x9e3779b1) % 0x1_0000_0000
        const table = new SlotTable(2, hashOf, 0.75)
        const keyed = (n: number, tail: number) => {
          const key = Uint32Array.of(n, tail)
          return [key, hashOf(key, 0)] as const
        }
        const model = new Map<number, number>()
        for (const [n, mark] of steps) {
          table.set(...keyed(n, 7), mark)
          model.set(n, mark)
          for (const [each, expected] of model) expect(table.get(...keyed(each, 7))).toBe(expected)
        }
        expect(table.get(...keyed(steps[0]?.[0] ?? 0, 8))).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    ['keys in order', (n: number) => n],
    ['keys that grow by a large step', (n: number) => Math.imul(n, 65_536) >>> 0],
  ])('moves and compares each key a few times, for %s', (_, keyOf) => {
    let hashed = 0
    const hashOf = (words: Uint32Array, at: number) => {
      hashed += 1
      return mixBits(words[at] ?? 0)
    }
    const table = new SlotTable(1, hashOf, 0.75)
    const mark = (n: number, value: number) => {
      const key = Uint32Array.of(keyOf(n))
      table.set(key, hashOf(key, 0), value)
    }
    const KEYS = 50_000
    for (let n = 0; n < KEYS; n += 1) mark(n, 1)
    expect(hashed / KEYS).toBeLessThan(8)
    for (let n = 0; n < KEYS; n += 1) mark(n, 0)
    expect(hashed / KEYS).toBeLessThan(24)
    expect(table.bytes).toBe(0)
  })
})
