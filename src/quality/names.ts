import type { ContactRecord } from '../clever/records.ts'

/**
 * What is seen of a text: composed (Unicode NFC), with one space wherever there is white space or a control character,
 * and without characters that show nothing (zero-width, bidirectional and variation marks). Half of a surrogate pair
 * becomes U+FFFD, as JSON allows it and UTF-8 does not. Undefined when nothing is left. Never throws.
 */
export function normaliseText(text: string | undefined): string | undefined {
  const seen = text
    ?.toWellFormed()
    .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .normalize('NFC')
  return seen === '' ? undefined : seen
}

/** The parts that there are, as one would say them. Clever puts the whole name of a contact into `last` (§2.2). */
export function displayName({ first, middle, last }: ContactRecord['name']): string | undefined {
  return normaliseText([first, middle, last].filter((part) => part !== undefined).join(' '))
}

/** Letters that Unicode does not decompose, in the spelling of those who have no such key; and the two small sigmas. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ł: 'l',
  þ: 'th',
  ς: 'σ',
}

/**
 * Words to search by: no case, no accents, one space for anything that is neither letter nor digit. Marks that make
 * another letter rather than an accent, as the vowels of Devanagari do, stay. Empty for nothing. Never throws.
 */
export function foldForSearch(text: string | undefined): string {
  return (
    (normaliseText(text) ?? '')
      .normalize('NFKD')
      // Lower, upper, lower: ẞ has to become ss as ß does.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(/(?=\p{Script=Inherited})\p{M}/gu, '')
      .replace(/[æœøđðħłþς]/g, (letter) => PLAIN_LETTERS[letter] ?? letter)
      // U+02B0 to U+02FF: apostrophes that Unicode counts as letters, as in Kealiʻi.
      .replace(/[^\p{L}\p{M}\p{N}]+|[\u02b0-\u02ff]+/gu, ' ')
      .replace(/ +/g, ' ')
      .trim()
  )
}
