// The small metadata: as strict about North American numbers as the full set, at half the size. What it lacks is which
// numbers are mobile, and Clever has a field of its own for that.
import {
  type CountryCode,
  type PhoneNumber,
  parseDigits,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min'
import { normaliseText } from './names.ts'

/** ISO 3166-1 alpha-2, in upper case. */
export type Country = CountryCode

export interface ReadPhone {
  readonly raw: string | undefined
  /** For a number of the right length, also one that nobody can have: see isValid. */
  readonly e164: string | undefined
  /** As dialled within the country of the number; without extension. */
  readonly national: string | undefined
  readonly extension: string | undefined
  /** In a numbering plan, with an area code that is in use. Not that anybody answers. */
  readonly isValid: boolean
}

/** Characters. Longer than any number with its extension and label; what is longer is a note. */
const LONGEST = 100

/**
 * What may stand beside a number without a meaning that a machine would lose. Any other word makes it a note, such as
 * "do not call", that somebody has to read.
 */
const LABELS: ReadonlySet<string> = new Set([
  ...['phone', 'telephone', 'tel', 'cell', 'cellular', 'mobile', 'home', 'house', 'work', 'office'],
  ...['c', 'h', 'w', 'm', 'p', 'x', 'ext', 'extn', 'extension', 'or', 'and'],
  ...['teléfono', 'celular', 'casa', 'trabajo', 'o', 'y'],
])
const SEVERAL = /[;,/|&]|(?<!\p{L})(?:or|and|o|y)(?!\p{L})/iu

/** Of several numbers the first valid one; the others stay in `raw`. Letters for digits are not read. Never throws. */
export function readPhone(raw: string | undefined, defaultCountry: Country): ReadPhone {
  const text = normaliseText(raw)
  const found = text === undefined || !isReadable(text) ? undefined : findNumber(text, defaultCountry)
  return {
    raw,
    e164: found?.number.number,
    national: found?.number.formatNational(),
    extension: found?.extension,
    isValid: found?.number.isValid() ?? false,
  }
}

/**
 * The digits as they are written, without an extension: the country code is there or not. Empty for none; of several
 * numbers all, in a row, so that a search by the beginning finds the first.
 */
export function digitsOf(raw: string | undefined): string {
  return parseDigits((normaliseText(raw) ?? '').replace(/(?:x|ext\.?|extension|#|;ext=)\s*\p{Nd}+$/iu, ''))
}

/** No number that reaches anybody: too few digits, or one digit repeated, which forms are filled with. */
export function isFiller(phone: string | undefined): boolean {
  const digits = digitsOf(phone)
  return digits.length < 7 || /^(\d)\1*$/.test(digits)
}

function isReadable(text: string): boolean {
  if (text.length > LONGEST) return false
  return (text.match(/\p{L}+/gu) ?? []).every((word) => LABELS.has(word.toLowerCase()))
}

interface Found {
  readonly number: PhoneNumber
  readonly extension: string | undefined
}

function findNumber(text: string, defaultCountry: Country): Found | undefined {
  let found: Found | undefined
  for (const part of new Set([text, ...text.split(SEVERAL)])) {
    const read = readNumber(part, defaultCountry)
    if (read?.number.isValid()) return read
    found ??= read
  }
  return found
}

function readNumber(text: string, defaultCountry: Country): Found | undefined {
  const written = parsePhoneNumberFromString(text, defaultCountry)
  if (written === undefined || !isWhole(written)) return undefined
  // Read again, so that nothing depends on how it was written: zeros too many are taken away one by one.
  const number = parsePhoneNumberFromString(written.number)
  return number?.number === written.number ? { number, extension: written.ext } : undefined
}

/** In North America ten digits, neither area nor exchange beginning with 0 or 1: numbering plan, nanpa.com. */
const NORTH_AMERICAN = /^[2-9]\d{2}[2-9]\d{6}$/

/** The library takes 310-1234 for one of Canada's seven-digit numbers; here it is a number without its area code. */
function isWhole(number: PhoneNumber): boolean {
  return (
    number.isPossible() && (number.countryCallingCode !== '1' || NORTH_AMERICAN.test(number.nationalNumber))
  )
}
