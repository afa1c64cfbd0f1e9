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

/** `leastRecentFirst`: every store, the one that was asked longest ago first. It is called only to evict. */
export function createMemoryLimit(
  maxBytes: number,
  stores: () => readonly DistrictStore[],
  leastRecentFirst = stores,
): MemoryLimit {
  const bytes = () => stores().reduce((sum, store) => sum + store.bytes, 0)
  return {
    enforce(growing) {
      if (bytes() <= maxBytes) return
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
