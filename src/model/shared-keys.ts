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

/** Units. Texts that are equal up to here count as one. */
const MAX_UNITS = 1_000
const units = new Uint16Array(MAX_UNITS)

/** Undefined for a value that is absent or has nothing to compare. */
export function sharedKeyOf(field: SharedField, value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const text = value.trim().toLowerCase().slice(0, MAX_UNITS)
  for (let i = 0; i < text.length; i += 1) units[i] = text.charCodeAt(i)
  return sharedKeyIn(field, units, 0, text.length)
}

type Units = Uint8Array | Uint16Array
const SPACE = 0x20

/** The same for a text in an array: bytes of ASCII, or UTF-16 in lower case without white space around it. */
export function sharedKeyIn(field: SharedField, text: Units, start: number, end: number): number | undefined {
  let [first, last] = [start, end]
  while (first < last && text[first] === SPACE) first += 1
  while (first < last && text[last - 1] === SPACE) last -= 1
  if (field === 'phone') return keyOfNumber(text, first, last)
  return first === last ? undefined : keyOf(field, text, first, last)
}

const ZERO = 0x30
const ONE = 0x31
/** Units. The first number of a phone is among them. */
const MAX_PHONE = 60
/** Without the country code of North America, which is 1. */
const NATIONAL_DIGITS = 10
const digits = new Uint8Array(NATIONAL_DIGITS + 1)

/** The key of the digits of the first number, without the country code. To parse the number would take too long. */
function keyOfNumber(text: Units, start: number, end: number): number | undefined {
  let count = 0
  for (let at = start; at < Math.min(end, start + MAX_PHONE) && count < digits.length; at += 1) {
    const unit = text[at] ?? 0
    if (unit >= ZERO && unit <= ZERO + 9) digits[count++] = unit
  }
  const from = count > NATIONAL_DIGITS && digits[0] === ONE ? 1 : 0
  const to = Math.min(count, from + NATIONAL_DIGITS)
  return from === to ? undefined : keyOf('phone', digits, from, to)
}

const UPPER_A = 0x41
const UPPER_Z = 0x5a
const TO_LOWER = 0x20
const FNV_PRIME = 0x01000193
const FNV_BASIS = 0x811c9dc5
/** So that equal values of two fields have two keys. */
const FIRST: Readonly<Record<SharedField, number>> = { sisId: 1, email: 2, phone: 3 }

/** FNV-1a, in 30 bits: a small number of the engine. */
function keyOf(field: SharedField, text: Units, start: number, end: number): number {
  let hash = Math.imul(FNV_BASIS ^ FIRST[field], FNV_PRIME)
  for (let at = start; at < end; at += 1) {
    const unit = text[at] ?? 0
    const isUpper = unit >= UPPER_A && unit <= UPPER_Z
    hash = Math.imul(hash ^ (isUpper ? unit + TO_LOWER : unit), FNV_PRIME)
  }
  return (hash >>> 2) & 0x3fffffff
}
