import type { DistrictStore } from './district-store.ts'

/** The bytes that all stores together may take. */
export interface MemoryLimit {
  /**
   * Evicts data when the limit is reached: first from the store that was asked longest ago, and from the growing store
   * last.
   */
  enforce(growing: DistrictStore): void
  /** Whether this many records fit in memory. */
  fits(records: number): boolean
  /** How many records fit in memory altogether, and how many more without evicting any. */
  room(): { readonly records: number; readonly left: number }
  readonly bytes: number
}

/** The bytes of a record with its pairs, measured for invented districts of 1,000,000 records. */
const USUAL_BYTES = 400
/** Events and requests change stores in between, by far less than a page of records. */
const EXACT_EVERY = 64

/** `leastRecentFirst`: every store, the one that was asked longest ago first. It is called only to evict. */
export function createMemoryLimit(
  maxBytes: number,
  stores: () => readonly DistrictStore[],
  leastRecentFirst = stores,
): MemoryLimit {
  /** The bytes of each store that the estimate contains. */
  let counted = new Map<DistrictStore, number>()
  let estimate = 0
  let checks = 0

  function bytes(): number {
    counted = new Map(stores().map((store) => [store, store.bytes]))
    estimate = [...counted.values()].reduce((sum, each) => sum + each, 0)
    return estimate
  }

  /** Adds up all stores only now and then: with many districts, that would take longer than to store a record. */
  function isBelowLimit(growing: DistrictStore): boolean {
    checks += 1
    const size = growing.bytes
    estimate += size - (counted.get(growing) ?? 0)
    counted.set(growing, size)
    const isExactNow = estimate > maxBytes || checks % EXACT_EVERY === 0
    return (isExactNow ? bytes() : estimate) <= maxBytes
  }

  return {
    enforce(growing) {
      if (isBelowLimit(growing)) return
      const others = leastRecentFirst().filter((store) => store !== growing)
      for (const store of [...others, growing]) {
        while (bytes() > maxBytes) if (!store.evictSome()) break
      }
    },
    fits: (records) => records * USUAL_BYTES <= maxBytes,
    room: () => ({ records: maxBytes / USUAL_BYTES, left: Math.max(maxBytes - bytes(), 0) / USUAL_BYTES }),
    get bytes() {
      return bytes()
    },
  }
}
