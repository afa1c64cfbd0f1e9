import { getCountryCallingCode } from 'libphonenumber-js/min'
import type { ContactRecord, StudentRecord } from '../model/records.ts'
import { addressesIn } from './emails.ts'
import { displayName, foldForSearch } from './names.ts'
import { type Country, digitsOf, numbersIn, phoneParts, readPhone } from './phones.ts'

/** The text of a search for a person. */
export interface Search {
  hasName(name: ContactRecord['name']): boolean
  hasEmail(email: string | undefined): boolean
  hasPhone(phone: string | undefined): boolean
}

/** The minimum number of digits. Fewer digits occur in too many numbers. */
const MIN_PHONE_DIGITS = 3

/**
 * Matches the beginnings of the words of a name, in any order, the beginning of any e-mail in the field, or
 * the beginning of any phone number in the field, with or without its country code. Case, accents and
 * punctuation do not matter. Undefined for a text with nothing to search for. Never throws.
 */
export function readSearch(text: string, defaultCountry: Country): Search | undefined {
  const typed = foldForSearch(text)
  if (typed === '') return undefined
  const words = typed.split(' ')
  const typedLetters = letters(text)
  // For each word, also joins it with the words before it, because the name may be written as one word.
  const endings = words.map((_word, i) =>
    words.slice(0, i + 1).map((_first, j) => words.slice(j, i + 1).join('')),
  )
  const digits = digitsTyped(text, defaultCountry)
  return {
    hasName(name) {
      const beginnings = beginningsIn(displayName(name) ?? '')
      return endings.every((joined) =>
        joined.some((word) => beginnings.some((each) => each.startsWith(word))),
      )
    },
    hasEmail(email) {
      const written = letters(email)
      if (written.startsWith(typedLetters)) return true
      // The address is not always at the beginning, as in "Ann <a@b.org>" or in a list of two.
      return (
        written.includes(typedLetters) &&
        [...addressesIn(email)].some((address) => letters(address).startsWith(typedLetters))
      )
    },
    hasPhone: (phone) =>
      digits.length >= MIN_PHONE_DIGITS && phone !== undefined && isDialled(digits, phone, defaultCountry),
  }
}

export function findsContact(search: Search, { name, email, phone }: ContactRecord): boolean {
  return search.hasName(name) || search.hasEmail(email) || search.hasPhone(phone)
}

export function findsStudent(search: Search, { name, email }: StudentRecord): boolean {
  return search.hasName(name) || search.hasEmail(email)
}

/** Without case, accents, punctuation and spaces. */
function letters(text: string | undefined): string {
  return foldForSearch(text).replaceAll(' ', '')
}

/** Words that belong to the word after them, as in De La Cruz. */
const PARTICLES: ReadonlySet<string> = new Set([
  ...[
    'de',
    'del',
    'della',
    'des',
    'di',
    'da',
    'do',
    'dos',
    'du',
    'la',
    'las',
    'le',
    'los',
    'lo',
    'van',
    'von',
    'vander',
  ],
  ...[
    'den',
    'der',
    'ter',
    'ten',
    'mac',
    'mc',
    'o',
    'd',
    'l',
    'al',
    'el',
    'ibn',
    'bin',
    'st',
    'san',
    'santa',
    'saint',
  ],
])

/**
 * Joins words that may also be written as one: obrien is O'Brien, and delacruz is De La Cruz. Other words are
 * not joined: roberts is not Robert S.
 */
function beginningsIn(name: string): readonly string[] {
  const words = name
    .split(' ')
    .flatMap((token) =>
      foldForSearch(token)
        .split(' ')
        .map((word, i, all) => ({ word, isLast: i === all.length - 1 })),
    )
    .filter(({ word }) => word !== '')
  const beginnings: string[] = []
  let following = ''
  let next: string | undefined
  for (const { word, isLast } of words.toReversed()) {
    const isInitial = word.length === 1 && next?.length === 1
    following = word + (!isLast || PARTICLES.has(word) || isInitial ? following : '')
    beginnings.push(following)
    next = word
  }
  return beginnings
}

/**
 * Digits beside letters count only if the whole text is a phone number, such as one with "cell". 330th is not
 * one.
 */
function digitsTyped(text: string, defaultCountry: Country): string {
  const isBare = !/\p{L}/u.test(text)
  return digitsOf(isBare ? text : readPhone(text, defaultCountry).e164)
}

/** Any number of the field. */
function isDialled(digits: string, phone: string, defaultCountry: Country): boolean {
  const written = [digitsOf(phone), ...phoneParts(phone).map(digitsOf)]
  if (written.some((each) => each.startsWith(digits))) return true
  // Parsing is slow, and only adds or removes a country code or a zero.
  const code = getCountryCallingCode(defaultCountry)
  const typed = [digits, without(code, digits), without('0', digits)]
  if (!typed.some((part) => written[0]?.includes(part.slice(-4)))) return false
  const { e164, national } = readPhone(phone, defaultCountry)
  const numbers = [...numbersIn(phone, defaultCountry)]
  return [digitsOf(e164), digitsOf(national), ...numbers, ...numbers.map((each) => code + each)].some(
    (number) => number.startsWith(digits),
  )
}

function without(beginning: string, digits: string): string {
  return digits.startsWith(beginning) ? digits.slice(beginning.length) : digits
}
