import { parseDigits } from 'libphonenumber-js/min'
import { normalizeText } from './names.ts'
import { type Country, type ParsedNumber, parseNumber } from './phone-number.ts'

export type { Country } from './phone-number.ts'

export interface ReadPhone {
  readonly raw: string | undefined
  /** Set for a number of the right length, also for one that cannot exist: see isValid. */
  readonly e164: string | undefined
  /** As dialled within the country of the number; without extension. */
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
/** Characters that are looked through for numbers. */
const MAX_LIST_LENGTH = 500
/** Tokens between spaces that one number may have. */
const MAX_TOKENS = 8
/** Digits of a number in a row, with its country code and extension. Others are not worth the time to read them. */
const DIGITS_OF_ONE = { least: 7, max: 22 }
/** Tokens that begin no number. After so many there is none to be found, and each takes some 0.3 ms. */
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
/** Between two numbers. A line break is one, too, until a text is normalized. */
const SEVERAL = /[;,/|&:]|(?<!\p{L})(?:or|and|o|y)(?!\p{L})/iu
/** Any word but one that begins an extension, which belongs to the number before it. */
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
 * Every number of a field, as its digits without country code and extension, also where words stand beside it. What is
 * no whole number counts by its digits, when there are seven or more. A number that a spreadsheet wrote ("3302801898.0",
 * "3.302801898E9") counts as what it was. For comparing, not for dialling. Never throws. Cost: some 10 µs for one number.
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
 * The digits as they are written, without an extension: the country code is there or not. Empty for none; of several
 * numbers all, in a row, so that a search by the beginning finds the first.
 */
export function digitsOf(raw: string | undefined): string {
  return parseDigits((normalizeText(raw) ?? '').replace(/(?:x|ext\.?|extension|#|;ext=)\s*\p{Nd}+$/iu, ''))
}

/** The parts of a field that may be a number each, as they are written. */
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

/** Numbers with nothing but spaces between them: the first, where all that is there are whole numbers. */
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
