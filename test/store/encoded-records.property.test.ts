import {
  array,
  assert as check,
  constantFrom,
  integer,
  nat,
  oneof,
  property,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { EncodedRecords } from '../../src/store/encoded-records.ts'
import { userId } from '../sync/world.ts'

/** Texts of all sizes: empty, beyond ASCII, and larger than a chunk. */
const texts = oneof(
  { weight: 6, arbitrary: integer({ min: 0, max: 3_000 }).map((length) => 'a'.repeat(length)) },
  { weight: 3, arbitrary: string({ unit: 'grapheme', maxLength: 200 }) },
  { weight: 1, arbitrary: constantFrom('é'.repeat(300_000), '"'.repeat(40_000)) },
)
/** Few ids are replaced often. */
const ids = oneof(nat({ max: 5 }), nat({ max: 60 }))
const deleted = constantFrom(undefined)
const changes = array(tuple(ids, oneof({ weight: 2, arbitrary: texts }, deleted)), {
  maxLength: 200,
  size: 'max',
})
/** When the third chunk begins, a part of the second one is moved into it, and the last text needs a fourth. */
const MOVED_FIRST: [number, string | undefined][] = [
  [9, 'a'.repeat(30_000)],
  [1, 'b'.repeat(1_600)],
  [2, 'c'.repeat(13_000)],
  [2, undefined],
  [3, 'd'.repeat(21_584)],
]
/** Besides the texts: of each record, and of the chunk that is being filled. */
const MAX_RECORD_BYTES = 100
const MAX_CHUNK_BYTES = 300_000

type Model = ReadonlyMap<string, string>

function applied(steps: readonly (readonly [number, string | undefined])[]) {
  const [records, model] = [new EncodedRecords(), new Map<string, string>()]
  for (const [n, text] of steps) {
    const id = userId(n)
    if (text === undefined) records.delete(id)
    else records.set(id, text)
    if (text === undefined) model.delete(id)
    else model.set(id, text)
  }
  return { records, model }
}

const ascending = (model: Model) => [...model].sort(([a], [b]) => (a < b ? -1 : 1))

describe('encoded records', () => {
  it('are what was set last, in the order of their ids, whatever was set and deleted before', () => {
    check(
      property(changes, nat({ max: 61 }), nat({ max: 61 }), (steps, from, to) => {
        const { records, model } = applied(steps)
        const all = ascending(model)
        const [after, upTo] = [userId(from), userId(to)]
        for (let n = 0; n <= 61; n += 1) expect(records.get(userId(n))).toBe(model.get(userId(n)))
        expect([records.size, records.lastId]).toEqual([all.length, all.at(-1)?.[0]])
        expect([...records.ascendingAfter(after)]).toEqual(all.filter(([id]) => id > after))
        expect([...records.descendingBefore(after)]).toEqual(all.filter(([id]) => id < after).reverse())
        const following = all.map(([id]) => id).filter((id) => id > after)
        expect([...records.idsAfter(after)]).toEqual(following)
        expect(records.idsIn({ after, upTo })).toEqual(following.filter((id) => id <= upTo))
      }),
      { numRuns: 300, examples: [[MOVED_FIRST, 0, 61]] },
    )
  })

  it('forget a record for which memory was refused', () => {
    const records = new EncodedRecords()
    const set = (from: number, count: number, text: string) => {
      for (let n = from; n < from + count; n += 1) records.set(userId(n), text)
    }
    // The first eight places fill their memory.
    set(0, 8, 'a'.repeat(6_000))
    const transfer = vi.spyOn(ArrayBuffer.prototype, 'transfer').mockImplementationOnce(() => {
      throw new RangeError('Array buffer allocation failed')
    })
    expect(() => records.set(userId(50), 'old')).toThrow(RangeError)
    transfer.mockRestore()
    expect(records.get(userId(50))).toBeUndefined()
    set(60, 30, 'b'.repeat(6_000))
    set(50, 1, 'new')
    // All chunks are emptied that are older than the new text.
    for (let n = 0; n < 90; n += 1) if (n !== 50) records.delete(userId(n))
    set(60, 30, 'c'.repeat(6_000))
    expect(records.get(userId(50))).toBe('new')
    expect(records.size).toBe(31)
  })

  it('take at most twice the bytes of their texts, and none once all are deleted', () => {
    check(
      property(changes, (steps) => {
        const { records, model } = applied(steps)
        const held = [...model.values()].reduce(
          (sum, text) => sum + Buffer.byteLength(text) + MAX_RECORD_BYTES,
          0,
        )
        expect(records.bytes).toBeGreaterThanOrEqual(held - model.size * MAX_RECORD_BYTES)
        expect(records.bytes).toBeLessThanOrEqual(2 * held + MAX_CHUNK_BYTES)
        for (const id of model.keys()) records.delete(id)
        expect([records.size, records.bytes]).toEqual([0, 0])
      }),
      { numRuns: 300, examples: [[MOVED_FIRST]] },
    )
  })
})
