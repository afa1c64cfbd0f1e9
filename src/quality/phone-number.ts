// The small metadata: as strict about North American numbers as the full set, at half the size. It does not
// know which numbers are mobile, but Clever has a field for that.
import { type CountryCode, type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/min'

/** ISO 3166-1 alpha-2, in upper case. */
export type Country = CountryCode

export interface ParsedNumber {
  readonly number: PhoneNumber
  readonly extension: string | undefined
  /** Whether the number is in a numbering plan, with an area code in service. */
  readonly isValid: boolean
}

/** North American numbers have ten digits; neither area code nor exchange begins with 0 or 1: numbering plan, nanpa.com. */
const NORTH_AMERICAN = /^[2-9]\d{2}[2-9]\d{6}$/

/**
 * Area codes in service that the metadata of libphonenumber-js 1.13 lacks. Sources: NANPA's planning letters (nanpa.com),
 * as listed with their dates at lincmad.com/areacode.html.
 */
const NEWER_AREA_CODES: ReadonlySet<string> = new Set([
  ...['436', '457', '471', '483', '621', '624', '679', '729', '837', '861'],
])

/** A spreadsheet cell with decimals. Its last zeros are not digits of a phone number. */
const SPREADSHEET_DECIMAL = /\d{5,}\.0+(?!\d)/

/** One number in a text; undefined where there is none, or several. Never throws. Cost: some 10 µs. */
export function parseNumber(text: string, defaultCountry: Country): ParsedNumber | undefined {
  if (SPREADSHEET_DECIMAL.test(text)) return undefined
  const written = parsePhoneNumberFromString(text, defaultCountry)
  const today = written && withoutMobilePrefix(written)
  if (written === undefined || today === undefined || !isWhole(today)) return undefined
  // Parses the normalized number again, so that its notation does not matter. Extra zeros are removed one at
  // a time.
  const number = parsePhoneNumberFromString(today.number)
  if (number?.number !== today.number) return undefined
  return { number, extension: written.ext, isValid: number.isValid() || isNewer(number) }
}

/**
 * Mexico dropped the 1 before mobile numbers and the prefixes 044 and 045 in August 2019 (IFT, new numbering plan); many
 * lists still have them.
 */
function withoutMobilePrefix(number: PhoneNumber): PhoneNumber | undefined {
  if (number.countryCallingCode !== '52') return number
  const [, rest] = /^(?:1|04[45])(\d{10})$/.exec(number.nationalNumber) ?? []
  return rest === undefined ? number : parsePhoneNumberFromString(`+52${rest}`)
}

/**
 * The library takes 310-1234 for one of Canada's seven-digit numbers. Here it counts as a number without its
 * area code.
 */
function isWhole(number: PhoneNumber): boolean {
  return (
    number.isPossible() && (number.countryCallingCode !== '1' || NORTH_AMERICAN.test(number.nationalNumber))
  )
}

function isNewer({ countryCallingCode, nationalNumber }: PhoneNumber): boolean {
  return countryCallingCode === '1' && NEWER_AREA_CODES.has(nationalNumber.slice(0, 3))
}
