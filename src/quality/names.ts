import type { ContactRecord } from '../model/records.ts'
import { decodeHtml } from './html-entities.ts'
import { dropUselessJoiners } from './joiners.ts'

/**
 * The visible part of a text: composed (Unicode NFC), with one space for each run of white space and control
 * characters, and without characters that show nothing (zero-width, bidirectional and variation marks). A lone surrogate
 * becomes U+FFFD. Undefined when nothing is left. Never throws.
 */
export function normalizeText(text: string | undefined): string | undefined {
  return visible(text, (all) => all.replace(/\p{Default_Ignorable_Code_Point}+/gu, ''))
}

/**
 * A text for display: like `normalizeText`, but with HTML entities decoded once, and with the joiners that
 * neighboring letters need. Undefined when nothing is left. Never throws.
 */
export function displayText(text: string | undefined): string | undefined {
  return visible(text, (all) =>
    dropUselessJoiners(decodeHtml(all).replace(/(?![\u200c\u200d])\p{Default_Ignorable_Code_Point}/gu, '')),
  )
}

/** No text needs more marks on one letter, and sorting them takes quadratic time (Stream-Safe Text, UAX #15 §13). */
const LONG_RUN = /(\p{M}{30})\p{M}+/gu

function visible(text: string | undefined, dropInvisible: (text: string) => string): string | undefined {
  if (text === undefined) return undefined
  const seen = dropInvisible(text.toWellFormed())
    .replace(LONG_RUN, '$1')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .normalize('NFC')
  return seen === '' ? undefined : seen
}

/**
 * The existing parts of a name in spoken order. Clever puts the whole name of a contact into `last` (§2.2).
 */
export function displayName({ first, middle, last }: ContactRecord['name']): string | undefined {
  return displayText([first, middle, last].filter((part) => part !== undefined).join(' '))
}

/**
 * Letters that Unicode does not decompose, in the spelling that people use without such a key. Also the two
 * small sigmas.
 */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  æ: 'ae',
  ə: 'a',
  ɓ: 'b',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ɗ: 'd',
  ɛ: 'e',
  ħ: 'h',
  ı: 'i',
  ƙ: 'k',
  ł: 'l',
  ŋ: 'n',
  ɔ: 'o',
  ŧ: 't',
  þ: 'th',
  ς: 'σ',
}

/**
 * A text as search words: without case and accents, and with one space for each run of other characters than
 * letters and digits. Marks that are not accents stay, such as the vowels of Devanagari. Empty if nothing is
 * left. Never throws.
 */
export function foldForSearch(text: string | undefined): string {
  return (
    (normalizeText(text) ?? '')
      .normalize('NFKD')
      // Lower, upper, then lower case, so that ẞ becomes ss, as ß does.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(/(?=\p{Script=Inherited})\p{M}/gu, '')
      // For search, a word with joiners equals the word without them.
      .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
      .replace(/[æœøđðħłþςəɓɗɛıƙŋɔŧ]/g, (letter) => PLAIN_LETTERS[letter] ?? letter)
      // U+02B0 to U+02FF: apostrophes that Unicode counts as letters, as in Kealiʻi.
      .replace(/[^\p{L}\p{M}\p{N}]+|[\u02b0-\u02ff]+/gu, ' ')
      .replace(/ +/g, ' ')
      .trim()
  )
}
