import type { ContactRecord } from './records.ts'

/** The fields whose value may be that of a school or an office and not of a person. */
export type SharedField = 'sisId' | 'email' | 'phone'
export const SHARED_FIELDS: readonly SharedField[] = ['sisId', 'email', 'phone']

/**
 * A hash of 30 bits for each of these values that a contact has. Two values with one hash count as one, which is rare and
 * makes no difference.
 */
export type SharedKeys = readonly number[]

export function sharedKeysOf(record: Pick<ContactRecord, SharedField>): SharedKeys {
  return SHARED_FIELDS.map((field) => sharedKeyOf(field, record[field])).filter((key) => key !== undefined)
}

/** Undefined for a value that is absent or has nothing to compare. */
export function sharedKeyOf(field: SharedField, value: string | undefined): number | undefined {
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
