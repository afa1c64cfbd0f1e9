import { expect, it, vi } from 'vitest'
import { EncodedRecords } from '../../src/store/encoded-records.ts'
import { SlotTable } from '../../src/store/slot-table.ts'
import { userId } from '../sync/world.ts'

/** Bytes of the ArrayBuffers that are allocated, garbage included. */
const allocated = () => process.memoryUsage().arrayBuffers

const COUNT = 20_000
const numbers = Array.from({ length: COUNT }, (_, n) => n)

it('records leave no memory to the garbage collector, whatever was replaced and deleted', () => {
  const before = allocated()
  const records = new EncodedRecords()
  for (const n of numbers) records.set(userId((n * 7_919) % COUNT), 'a'.repeat(200))
  expect(allocated() - before).toBeLessThanOrEqual(records.bytes)
  for (const n of numbers) records.set(userId(n), 'b'.repeat(300))
  expect(allocated() - before).toBeLessThanOrEqual(records.bytes)
  for (const n of numbers) if (n % 10 > 0) records.delete(userId(n))
  expect(allocated() - before).toBeLessThanOrEqual(records.bytes)
  for (const n of numbers) records.delete(userId(n))
  expect(records.bytes).toBeLessThan(10_000)
  expect(allocated() - before).toBeLessThan(10_000)
})

it('a table frees its old slots when it grows, shrinks and becomes empty', () => {
  const key = new Uint32Array(1)
  const table = new SlotTable(1, (words, at) => words[at] ?? 0, 0.7)
  const set = (n: number, number: number) => {
    key[0] = n
    table.set(key, n, number)
  }
  const seen = new Set<Uint32Array>()
  const look = () => {
    for (const n of [0, 1]) table.visit(n, (words) => seen.add(words))
  }
  for (let n = 0; n < 1_000; n += 1) {
    set(n, 1)
    look()
  }
  for (let n = 999; n >= 0; n -= 1) {
    look()
    set(n, 0)
  }
  expect(seen.size).toBeGreaterThan(10)
  expect([...seen].filter(({ byteLength }) => byteLength > 0)).toEqual([])
})

it('a table keeps its keys when memory is refused', () => {
  const key = new Uint32Array(1)
  const table = new SlotTable(1, (words, at) => words[at] ?? 0, 0.7)
  const set = (n: number) => {
    key[0] = n
    table.set(key, n, n + 1)
  }
  const fill = () => {
    for (let n = 0; n < 100; n += 1) set(n)
  }
  set(0)
  const refused = vi.spyOn(globalThis, 'Uint32Array').mockImplementationOnce(
    class {
      constructor() {
        throw new RangeError('Array buffer allocation failed')
      }
    } as unknown as () => Uint32Array<ArrayBuffer>,
  )
  expect(fill).toThrow(RangeError)
  refused.mockRestore()
  fill()
  for (let n = 0; n < 100; n += 1) {
    key[0] = n
    expect(table.get(key, n)).toBe(n + 1)
  }
})
