import { array, assert as check, constantFrom, integer, nat, oneof, property, tuple } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SortedPlaces } from '../../src/store/sorted-places.ts'

const MAX_ID = 4_000
/** Ids that differ in their first, middle or last digits. */
const idOf = (n: number) => {
  const digits = n.toString(16).padStart(4, '0')
  return `${digits.slice(0, 2)}fffffe8000000${digits.slice(2, 3)}0000000${digits.slice(3)}`
}

/** Many ids in ascending, descending or mixed order are set or deleted at once, so that leaves are cut and joined. */
const runs = array(
  tuple(
    constantFrom('set', 'delete'),
    nat({ max: MAX_ID }),
    oneof({ weight: 1, arbitrary: nat({ max: 3 }) }, { weight: 2, arbitrary: nat({ max: 2_000 }) }),
    oneof(constantFrom(1, -1), integer({ min: -700, max: 700 })),
  ),
  { maxLength: 14, size: 'max' },
)

function applied(steps: readonly (readonly [string, number, number, number])[]) {
  const [places, model] = [new SortedPlaces(), new Map<string, number>()]
  let place = 0
  for (const [kind, from, count, by] of steps) {
    for (let n = 0; n < count; n += 1) {
      const id = idOf((((from + n * by) % MAX_ID) + MAX_ID) % MAX_ID)
      place = (place + 4_000_037) % 2 ** 32
      const before = model.get(id)
      expect(kind === 'set' ? places.set(id, place) : places.delete(id)).toBe(before)
      if (kind === 'set') model.set(id, place)
      else model.delete(id)
    }
  }
  return { places, model }
}

const ascending = (model: ReadonlyMap<string, number>) => [...model].sort(([a], [b]) => (a < b ? -1 : 1))

describe('sorted places', () => {
  it('are those that were set last, in the order of their ids, whatever was set and deleted before', () => {
    check(
      property(runs, nat({ max: MAX_ID }), nat({ max: MAX_ID }), (steps, from, to) => {
        const { places, model } = applied(steps)
        const all = ascending(model)
        const [after, upTo] = [idOf(from), idOf(to)]
        expect([places.size, places.lastId]).toEqual([all.length, all.at(-1)?.[0]])
        expect([...places.above('')]).toEqual(all)
        expect([...places.above(after)]).toEqual(all.filter(([id]) => id > after))
        expect([...places.below(after)]).toEqual(all.filter(([id]) => id < after).reverse())
        const between = all.filter(([id]) => id > after && id <= upTo)
        expect(places.countIn({ after, upTo })).toBe(between.length)
        expect(places.countIn({ after: '', upTo })).toBe(all.filter(([id]) => id <= upTo).length)
        for (const id of new Set([after, upTo])) {
          expect(places.get(id)).toBe(model.get(id))
          places.change(id, 7)
          expect(places.get(id)).toBe(model.has(id) ? 7 : undefined)
        }
        expect(places.size).toBe(all.length)
      }),
      { numRuns: 60 },
    )
  })

  it('take at most 64 bytes each once there are many, and nothing once all are deleted', () => {
    check(
      property(runs, (steps) => {
        const { places, model } = applied(steps)
        expect(places.bytes).toBeGreaterThanOrEqual(16 * model.size)
        expect(places.bytes).toBeLessThanOrEqual(64 * model.size + 20_000)
        for (const id of model.keys()) places.delete(id)
        expect([places.size, places.bytes, places.lastId]).toEqual([0, 0, undefined])
      }),
      { numRuns: 60 },
    )
  })

  it('fill their memory if their ids come in ascending order', () => {
    const places = new SortedPlaces()
    for (let n = 0; n < MAX_ID; n += 1) places.set(idOf(n), n)
    expect(places.bytes / MAX_ID).toBeLessThan(20)
  })
})
