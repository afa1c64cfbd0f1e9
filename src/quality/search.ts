import type { ContactRecord, StudentRecord } from '../clever/records.ts'
import { readEmail } from './emails.ts'
import { displayName, foldForSearch, normaliseText } from './names.ts'
import { type Country, digitsOf, readPhone } from './phones.ts'

/** What somebody types to find a person. */
export interface Search {
  hasName(name: ContactRecord['name']): boolean
  hasEmail(email: string | undefined): boolean
  hasPhone(phone: string | undefined): boolean
}

/** Digits. Fewer are in every number. */
const SHORTEST_PHONE = 3

/**
 * Finds by the beginnings of the words of a name, in any order; by the beginning of an e-mail; by the beginning of a
 * phone number, with or without its country code. Case, accents and punctuation do not count. Undefined for a text in
 * which there is nothing to find by. Never throws.
 */
export function readSearch(text: string, defaultCountry: Country): Search | undefined {
  const typed = normaliseText(text)?.toLowerCase()
  if (typed === undefined) return undefined
  const words = wordsIn(typed)
  const digits = /^[\d\s()+./-]+$/.test(typed) ? digitsOf(typed) : ''
  if (words.length === 0 && !/[@._]/.test(typed)) return undefined
  return {
    hasName: (name) => words.length > 0 && isBegun(words, wordsIn(displayName(name))),
    hasEmail(email) {
      const address = readEmail(email).normalised ?? normaliseText(email)?.toLowerCase()
      return address?.startsWith(typed) ?? false
    },
    hasPhone: (phone) =>
      digits.length >= SHORTEST_PHONE && phone !== undefined && isDialled(digits, phone, defaultCountry),
  }
}

export function findsContact(search: Search, { name, email, phone }: ContactRecord): boolean {
  return search.hasName(name) || search.hasEmail(email) || search.hasPhone(phone)
}

export function findsStudent(search: Search, { name, email }: StudentRecord): boolean {
  return search.hasName(name) || search.hasEmail(email)
}

function wordsIn(text: string | undefined): readonly string[] {
  return foldForSearch(text)
    .split(' ')
    .filter((word) => word !== '')
}

/** Each word begins one of the name, or several that others write as one: obrien is O'Brien. */
function isBegun(words: readonly string[], name: readonly string[]): boolean {
  return words.every((word) => name.some((_word, i) => name.slice(i).join('').startsWith(word)))
}

function isDialled(digits: string, phone: string, defaultCountry: Country): boolean {
  if (digitsOf(phone).startsWith(digits)) return true
  const { e164 = '', national } = readPhone(phone, defaultCountry)
  return e164.slice(1).startsWith(digits) || digitsOf(national).startsWith(digits)
}
