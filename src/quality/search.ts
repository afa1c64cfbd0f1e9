import { getCountryCallingCode } from 'libphonenumber-js/min'
import type { ContactRecord, StudentRecord } from '../clever/records.ts'
import { readEmail } from './emails.ts'
import { displayName, foldForSearch } from './names.ts'
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
  const typed = foldForSearch(text)
  if (typed === '') return undefined
  const words = typed.split(' ')
  // Up to each word, those before it as well: what is typed as several may be written as one.
  const endings = words.map((_word, i) =>
    words.slice(0, i + 1).map((_first, j) => words.slice(j, i + 1).join('')),
  )
  const digits = digitsTyped(text, defaultCountry)
  return {
    hasName(name) {
      const beginnings = beginningsIn(foldForSearch(displayName(name)).split(' '))
      return endings.every((joined) =>
        joined.some((word) => beginnings.some((each) => each.startsWith(word))),
      )
    },
    hasEmail(email) {
      const written = foldForSearch(email)
      if (written.startsWith(typed)) return true
      // In "Ann <a@b.org>" the address comes later.
      return written.includes(typed) && foldForSearch(readEmail(email).normalised).startsWith(typed)
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

/** From each word on all in one, as others write it: obrien is O'Brien. */
function beginningsIn(words: readonly string[]): readonly string[] {
  return words.map((_word, i) => words.slice(i).join(''))
}

/** Beside letters only where the whole is a number, such as one with "cell": 330th is none. */
function digitsTyped(text: string, defaultCountry: Country): string {
  const isBare = !/\p{L}/u.test(text)
  return digitsOf(isBare ? text : readPhone(text, defaultCountry).e164)
}

function isDialled(digits: string, phone: string, defaultCountry: Country): boolean {
  const written = digitsOf(phone)
  if (written.startsWith(digits)) return true
  // To read a number takes long, and only ever adds or takes away a country code or a zero.
  const code = getCountryCallingCode(defaultCountry)
  const isThere = [digits, without(code, digits), without('0', digits)].some((part) =>
    written.includes(part.slice(-4)),
  )
  if (!isThere) return false
  const { e164, national } = readPhone(phone, defaultCountry)
  return digitsOf(e164).startsWith(digits) || digitsOf(national).startsWith(digits)
}

function without(beginning: string, digits: string): string {
  return digits.startsWith(beginning) ? digits.slice(beginning.length) : digits
}
