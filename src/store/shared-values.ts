import type { ContactRecord } from '../model/records.ts'

type Field = 'sisId' | 'email' | 'phone'
const FIELDS: readonly Field[] = ['sisId', 'email', 'phone']

/**
 * The number of contacts from which on a shared value identifies no person: it is the switchboard of a
 * school, or its noreply address. A household stays far below it, even if it is listed once for each child.
 */
export const SHARED_BY = 10
/** The bytes of one entry in a map of small numbers, including unused space. */
const COUNT_BYTES = 48

/**
 * Counts how many stored contacts of a district have each value. It is a lower bound if not all contacts are
 * stored.
 */
export interface SharedValues {
  change(before: ContactRecord | undefined, after: ContactRecord | undefined): void
  /** The record with the fields whose value many contacts have; the same record where there is none. */
  mark(record: ContactRecord): ContactRecord
  /**
   * A number that changes whenever a value becomes shared or stops being shared. Then records must be marked
   * again.
   */
  readonly generation: number
  readonly bytes: number
}

/** Counts by a hash of each value. Two values with one hash are counted as one, which is rare and makes no difference. */
export function createSharedValues(): SharedValues {
  const counts = new Map<number, number>()
  let generation = 0

  function add(record: ContactRecord | undefined, by: number) {
    if (record === undefined) return
    for (const field of FIELDS) {
      const key = keyOf(field, record[field])
      if (key === undefined) continue
      const count = (counts.get(key) ?? 0) + by
      if (count === (by > 0 ? SHARED_BY : SHARED_BY - 1)) generation += 1
      if (count > 0) counts.set(key, count)
      else counts.delete(key)
    }
  }

  function isShared(record: ContactRecord, field: Field): boolean {
    const key = keyOf(field, record[field])
    return key !== undefined && (counts.get(key) ?? 0) >= SHARED_BY
  }

  return {
    change(before, after) {
      add(before, -1)
      add(after, 1)
    },
    mark(record) {
      const fields = FIELDS.filter((field) => isShared(record, field))
      return fields.length === 0 ? record : { ...record, shared: new Set(fields) }
    },
    get generation() {
      return generation
    },
    get bytes() {
      return counts.size * COUNT_BYTES
    },
  }
}

/** The value without characters that people write in different ways. */
function keyOf(field: Field, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const text = field === 'phone' ? firstNumber(value) : value.trim().toLowerCase()
  return text === '' ? undefined : hash(`${field}:${text}`)
}

/** Digits of the first number, without the country code of North America. Not parsed: that would take too long. */
function firstNumber(phone: string): string {
  return phone
    .slice(0, 60)
    .replace(/\D/g, '')
    .replace(/^1(?=\d{10})/, '')
    .slice(0, 10)
}

/** FNV-1a over UTF-16 units, in 30 bits: a small number of the engine. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return (value >>> 2) & 0x3fffffff
}
