import { parseDigits } from 'libphonenumber-js/min'
import { normalizeText } from './names.ts'
import { type Country, type ParsedNumber, parseNumber } from './phone-number.ts'

export type { Country } from './phone-number.ts'

export interface ReadPhone {
  readonly raw: string | undefined
  /** Set for every number of the right length, even if it cannot exist: see isValid. */
  readonly e164: string | undefined
  /** The number as dialed within its country, without extension. */
  readonly national: string | undefined
  readonly extension: string | undefined
  /**
   * Whether the number is in a numbering plan, with an area code that is in use. It does not say that the phone is
   * answered.
   */
  readonly isValid: boolean
}

/** Characters. A longer text is a note, and not a number with its extension and label. */
const MAX_LENGTH = 100
/** The number of characters that are searched for numbers. */
const MAX_LIST_LENGTH = 500
/** The maximum number of parts, separated by spaces, that one number has. */
const MAX_TOKENS = 8
/**
 * The maximum number of digits, with country code and extension. Longer numbers are not parsed, to save time.
 */
const DIGITS_OF_ONE = { least: 7, max: 22 }
/**
 * The maximum number of parts that do not begin a number. After this many, the search stops, because each
 * takes some 0.3 ms.
 */
const MAX_REST = 40

/**
 * Text that may stand beside a number without a meaning that a machine would lose. Any other word makes it a note, such
 * as "do not call", that a person has to read.
 */
const LABELS: ReadonlySet<string> = new Set([
  ...['phone', 'telephone', 'tel', 'cell', 'cel', 'cellular', 'mobile', 'mob', 'home', 'house', 'work'],
  ...['office', 'c', 'h', 'w', 'm', 'p', 'ph', 'hm', 'wk', 'x', 'ext', 'extn', 'extension', 'or', 'and'],
  ...['teléfono', 'telefono', 'celular', 'móvil', 'movil', 'casa', 'trabajo', 'o', 'y'],
])
/** A separator between two numbers. Before normalization, a line break is one too. */
const SEVERAL = /[;,/|&:]|(?<!\p{L})(?:or|and|o|y)(?!\p{L})/iu
/** Any word, except one that begins an extension of the number before it. */
const WORD = /(?<!\p{L})(?!(?:x|extn?|extension)(?!\p{L}))\p{L}+(?!\p{L})\.?/giu
const EXTENSION = /^(?:x|extn?\.?|extension|#)?\.?\d{1,7}$/i

/** Reads the first valid number of several; the others stay in `raw`. Letters for digits are not read. Never throws. */
export function readPhone(raw: string | undefined, defaultCountry: Country): ReadPhone {
  const text = asText(raw)
  const found = text === undefined || !isReadable(text) ? undefined : findNumber(text, defaultCountry)
  return {
    raw,
    e164: found?.number.number,
    national: found?.number.formatNational(),
    extension: found?.extension,
    isValid: found?.isValid ?? false,
  }
}

/**
 * Every number in a field, as its digits without country code and extension, even beside words. An incomplete
 * number counts by its digits if it has seven or more. A number that a spreadsheet wrote ("3302801898.0",
 * "3.302801898E9") counts as the original number. For comparing, not for dialing. Never throws. Cost: some 10
 * µs for one number.
 */
export function numbersIn(raw: string | undefined, defaultCountry: Country): ReadonlySet<string> {
  const text = asText(raw?.slice(0, MAX_LIST_LENGTH))
  if (text === undefined) return new Set()
  const digits = parseDigitsIn(text)
  const whole = isReadable(digits) ? parseNumber(digits, defaultCountry) : undefined
  if (whole?.isValid) return new Set([whole.number.nationalNumber])
  const numbers = partsOf(fromSpreadsheet(digits)).flatMap((part) => nationalNumbers(part, defaultCountry))
  return new Set(numbers)
}

/**
 * The digits as written, with or without a country code, and without an extension. Empty if there are none.
 * Several numbers are joined, so that a search by the beginning finds the first.
 */
export function digitsOf(raw: string | undefined): string {
  return parseDigits((normalizeText(raw) ?? '').replace(/(?:x|ext\.?|extension|#|;ext=)\s*\p{Nd}+$/iu, ''))
}

/** The parts of a field that may each be a number, as written. */
export function phoneParts(raw: string | undefined): readonly string[] {
  const text = asText(raw?.slice(0, MAX_LIST_LENGTH))
  return text === undefined ? [] : partsOf(text)
}

function asText(raw: string | undefined): string | undefined {
  return normalizeText(raw?.replace(/[\r\n\u2028\u2029]+/g, ' ; '))
}

function isReadable(text: string): boolean {
  if (text.length > MAX_LENGTH) return false
  return (text.match(/\p{L}+/gu) ?? []).every((word) => LABELS.has(word.toLowerCase()))
}

function findNumber(text: string, defaultCountry: Country): ParsedNumber | undefined {
  let found: ParsedNumber | undefined
  for (const part of new Set([text, ...text.split(SEVERAL), ...partsOf(text)])) {
    const read = parseNumber(part, defaultCountry) ?? firstOfRow(part, defaultCountry)
    if (read?.isValid) return read
    found ??= read
  }
  return found
}

/** The first of several numbers with only spaces between them, if all of them are complete numbers. */
function firstOfRow(text: string, defaultCountry: Country): ParsedNumber | undefined {
  const { numbers, rest } = readRow(text, defaultCountry)
  return rest.length === 0 && numbers.length > 1 ? numbers[0] : undefined
}

function partsOf(text: string): readonly string[] {
  return text
    .split(SEVERAL)
    .flatMap((part) => part.split(WORD))
    .map((part) => part.trim())
    .filter((part) => /\p{Nd}/u.test(part))
}

function readRow(text: string, defaultCountry: Country) {
  const tokens = text.split(/\s+|(?<=\d)(?=[(+])/).filter((token) => /\d/.test(token))
  const numbers: ParsedNumber[] = []
  const rest: string[] = []
  for (let i = 0; i < tokens.length && rest.length < MAX_REST; ) {
    const ends = tokens.slice(i, i + MAX_TOKENS).keys()
    const read = ends
      .map((n) => ({ n, text: tokens.slice(i, i + n + 1).join(' ') }))
      .filter(({ text }) => mayBeOne(text))
      .map(({ n, text }) => ({ n, number: parseNumber(text, defaultCountry) }))
      .find(({ number }) => number?.isValid)
    if (read?.number !== undefined) numbers.push(read.number)
    else rest.push(tokens[i] ?? '')
    i += (read?.n ?? 0) + 1
    if (read !== undefined && /^(?:x|ext|#)/i.test(tokens[i] ?? '') && EXTENSION.test(tokens[i] ?? '')) i += 1
  }
  return { numbers, rest }
}

function mayBeOne(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  return digits >= DIGITS_OF_ONE.least && digits <= DIGITS_OF_ONE.max
}

function nationalNumbers(part: string, defaultCountry: Country): readonly string[] {
  const whole = parseNumber(part, defaultCountry)
  if (whole !== undefined) return [whole.number.nationalNumber]
  const { numbers } = readRow(part, defaultCountry)
  if (numbers.length > 0) return numbers.map(({ number }) => number.nationalNumber)
  // 00 and 011 are dialled before a country code.
  const abroad = parseNumber(part.replace(/^\s*\(?(?:00|011)\)?(?=\D*[1-9])/, '+'), defaultCountry)
  if (abroad?.isValid) return [abroad.number.nationalNumber]
  const digits = digitsOf(part)
    .replace(/^0+(?=[1-9])/, '')
    .replace(/^1(?=\d{10}$)/, '')
  return digits.length < 7 ? [] : [digits]
}

function parseDigitsIn(text: string): string {
  return text.replace(/\p{Nd}/gu, (digit) => parseDigits(digit) || digit).normalize('NFKC')
}

function fromSpreadsheet(text: string): string {
  return text
    .replace(/(\d{7,})\.0+(?!\d)/g, '$1')
    .replace(/(?<![\d.])\d\.\d{3,14}E\+?\d{1,2}(?!\d)/gi, (number) => String(Math.round(Number(number))))
}
