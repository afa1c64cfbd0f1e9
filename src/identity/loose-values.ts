import { parseDigits } from 'libphonenumber-js/min'
import { foldForSearch } from '../quality/names.ts'
import { parseNumber } from '../quality/phone-number.ts'
import { looseText } from './loose-text.ts'
import { isPlaceholderEmail, isPlaceholderId, isPlaceholderPhone } from './placeholders.ts'

/** Values in the spellings of people and spreadsheets, to decide whether a denial may mean a person. */

const ADDRESS = /[\p{L}\p{N}][\p{L}\p{M}\p{N}._+'’-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu

/**
 * Addresses without tags, and without accents and punctuation before the @. Also reads addresses in which a
 * space, a comma or a word replaces a character.
 */
export function looseEmails(email: string | undefined): ReadonlySet<string> {
  const text = looseText(email)
    .toLowerCase()
    .replaceAll('。', '.')
    .replace(/\s*(?:\(at\)|\[at\]|\sat\s|@+)\s*/g, '@')
    .replace(/\s*(?:\(dot\)|\[dot\]|\sdot\s)\s*/g, '.')
    .replace(/\.{2,}/g, '.')
    .replace(/,(?=(?:com|org|net|edu|gov|us|mx)\b)/g, '.')
  const found = (text.match(ADDRESS) ?? []).map((address) => address.replace(/\+[^@]*@/, '@'))
  return new Set(found.filter((address) => !isPlaceholderEmail(address)).map(withPlainLocalPart))
}

/** Gmail ignores dots, and people add or leave out dots and accents. */
function withPlainLocalPart(address: string): string {
  const [local = '', domain = ''] = address.split('@')
  return `${foldForSearch(local).replaceAll(' ', '')}@${domain.replace(/^googlemail\./, 'gmail.')}`
}

const NORTH_AMERICAN =
  /(?<!\d)(?:\+?1[\s().-]*)?\(?(\d{3})[\s()./:,;|\\_*–—-]*(\d{3})[\s./:,;|\\_*–—-]*(\d{4})(?!\d)/g
const WITHOUT_AREA = /(?<!\d[\s()./:\\_*–—-]?)(\d{3})[\s.–—-]?(\d{4})(?!\d)/g

/** With a country code, and without the + before it. */
const ABROAD = /(?<![\d+])(?!1\d{10}$)\d(?:[\s().-]{0,2}\d){10,12}(?!\d)/g

/** Numbers of ten digits, or of seven where the area code is left out. */
export function loosePhones(phone: string | undefined): ReadonlySet<string> {
  const text = looseText(phone)
    .replace(/\p{Nd}/gu, (digit) => parseDigits(digit) || digit)
    .replace(/(?<=\d[ .-]?)[oO](?=[ .-]?\d)/g, '0')
    .replace(/(?<=\d[ .-]?)[lI](?=[ .-]?\d)/g, '1')
    .replace(/^\D?(\d{1,3}(?:,\d{3})+)(?:\.0+)?$/, (_text, digits: string) => digits.replaceAll(',', ''))
    .replace(/(?<!\d)(\d{10})(?=(?:\d{10})+(?!\d))/g, '$1 ')
  const whole = [...text.matchAll(NORTH_AMERICAN)].map((match) => match.slice(1).join(''))
  const local = [...text.replace(NORTH_AMERICAN, ' ').matchAll(WITHOUT_AREA)].map((match) =>
    match.slice(1).join(''),
  )
  const abroad = [...text.matchAll(ABROAD)].flatMap(([digits]) => {
    const read = parseNumber(`+${digits}`, 'US')
    return read?.isValid ? [read.number.nationalNumber] : []
  })
  const mexican = [...text.matchAll(/(?<!\d)04[45](\d{10})(?!\d)/g)].map(([, digits]) => digits ?? '')
  return new Set([...whole, ...local, ...abroad, ...mexican].filter((digits) => !isPlaceholderPhone(digits)))
}

/** Whether two sets have a number in common, with its area code or without. */
export function sharePhone(one: readonly string[], other: readonly string[]): boolean {
  return one.some((a) => other.some((b) => a === b || isLocalOf(a, b) || isLocalOf(b, a)))
}

function isLocalOf(local: string, whole: string): boolean {
  return local.length === 7 && whole.length === 10 && whole.endsWith(local)
}

/**
 * A district's id without the characters that spreadsheets and people add: quotes, `="…"`, `#`, separators
 * between letters and digits, zeros before a number, and decimals. Undefined for a placeholder.
 */
export function looseId(id: string | undefined): string | undefined {
  const text = looseText(id)
    .toLowerCase()
    .replace(/\p{Nd}/gu, (digit) => parseDigits(digit) || digit)
    .replace(/^\d\.\d{3,14}e\+?\d{1,2}$/, (number) => String(Math.round(Number(number))))
    .replace(/^\d{1,3}(?:,\d{3})+$/, (number) => number.replaceAll(',', ''))
    .replace(/(?<=\d)\.0+$/, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$|(?<!\d)-|-(?!\d)/g, '')
    .replace(/(?<!\d)0+(?=\d)/g, '')
  return text === '' || isPlaceholderId(text) ? undefined : text
}
