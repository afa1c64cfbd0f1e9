import type { ContactRecord } from '../model/records.ts'
import { SHARED_FIELDS, type SharedField, type SharedKeys, sharedKeyOf } from '../model/shared-keys.ts'
import { ShardedTable } from './sharded-table.ts'
import { mixBits } from './slot-table.ts'

/**
 * The number of contacts from which on a shared value identifies no person: it is the switchboard of a
 * school, or its noreply address. A household stays far below it, even if it is listed once for each child.
 */
export const SHARED_BY = 10
/**
 * Counts how many stored contacts of a district have each value. It is a lower bound if not all contacts are
 * stored.
 */
export interface SharedValues {
  /** The keys of one contact before, exactly as they were counted, and after. */
  change(before: SharedKeys, after: SharedKeys): void
  /** The record with the fields whose value many contacts have; the same record where there is none. */
  mark(record: ContactRecord): ContactRecord
  /**
   * A number that changes whenever a value becomes shared or stops being shared. Then records must be marked
   * again.
   */
  readonly generation: number
  readonly bytes: number
}

export function createSharedValues(): SharedValues {
  const counts = new ShardedTable(1, hashOfKey)
  const word = new Uint32Array(1)
  let generation = 0

  function countOf(key: number): number {
    word[0] = key
    return counts.get(word, mixBits(key))
  }

  function add(keys: SharedKeys, by: number) {
    for (const key of keys) {
      const count = countOf(key) + by
      if (count === (by > 0 ? SHARED_BY : SHARED_BY - 1)) generation += 1
      counts.set(word, mixBits(key), count)
    }
  }

  function isShared(record: ContactRecord, field: SharedField): boolean {
    const key = sharedKeyOf(field, record[field])
    return key !== undefined && countOf(key) >= SHARED_BY
  }

  return {
    change(before, after) {
      add(before, -1)
      add(after, 1)
    },
    mark(record) {
      const fields = SHARED_FIELDS.filter((field) => isShared(record, field))
      return fields.length === 0 ? record : { ...record, shared: new Set(fields) }
    },
    get generation() {
      return generation
    },
    get bytes() {
      return counts.bytes
    },
  }
}

function hashOfKey(words: Uint32Array, at: number): number {
  return mixBits(words[at] ?? 0)
}
