import { decodeHtml } from '../quality/html-entities.ts'

/** The maximum number of characters. It is LIMITS.text of records, and enough for an override. */
const MAX_LENGTH = 1_000

const windows1252 = new TextDecoder('windows-1252')
const utf8 = new TextDecoder('utf-8', { fatal: true })
/** The byte that a character stands for where UTF-8 was read as Windows-1252. */
const BYTES: ReadonlyMap<string, number> = new Map(
  [...Array(256).keys()].map((byte) => [windows1252.decode(Uint8Array.of(byte)), byte]),
)
/** A first byte and the following bytes of UTF-8, as Windows-1252 shows them. */
const MISREAD = /[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0192\u02c6-\u02dc\u2013-\u203a\u20ac\u2122]+/g

/**
 * A text without the damage of exports: HTML entities (decoded twice), escapes of JSON and of URLs, and UTF-8
 * that was read as Windows-1252. For comparing, not for showing. Never throws.
 */
export function looseText(text: string | undefined): string {
  const written = text?.slice(0, MAX_LENGTH).toWellFormed() ?? ''
  return decodeHtml(decodeHtml(written))
    .replace(/\\u([\da-f]{4})/gi, (_escape, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/%40/g, '@')
    .replace(MISREAD, reread)
    .toWellFormed()
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}

function reread(misread: string): string {
  try {
    return utf8.decode(Uint8Array.from(misread, (character) => BYTES.get(character) ?? 0))
  } catch {
    return misread
  }
}
