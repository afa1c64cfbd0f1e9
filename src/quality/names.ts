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
 * A text to show: as `normalizeText`, with HTML entities decoded once, and with the joiners that the letters beside them
 * need. Undefined when nothing is left. Never throws.
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

/** The parts that there are, as one would say them. Clever puts the whole name of a contact into `last` (§2.2). */
export function displayName({ first, middle, last }: ContactRecord['name']): string | undefined {
  return displayText([first, middle, last].filter((part) => part !== undefined).join(' '))
}

/** Letters that Unicode does not decompose, in the spelling of those who have no such key; and the two small sigmas. */
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
 * Words to search by: no case, no accents, one space for anything that is neither letter nor digit. Marks that make
 * another letter rather than an accent, as the vowels of Devanagari do, stay. Empty for nothing. Never throws.
 */
export function foldForSearch(text: string | undefined): string {
  return (
    (normalizeText(text) ?? '')
      .normalize('NFKD')
      // Lower, upper, lower: ẞ has to become ss as ß does.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKD')
      .replace(/(?=\p{Script=Inherited})\p{M}/gu, '')
      // A script that needs joiners shows the same word without them.
      .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
      .replace(/[æœøđðħłþςəɓɗɛıƙŋɔŧ]/g, (letter) => PLAIN_LETTERS[letter] ?? letter)
      // U+02B0 to U+02FF: apostrophes that Unicode counts as letters, as in Kealiʻi.
      .replace(/[^\p{L}\p{M}\p{N}]+|[\u02b0-\u02ff]+/gu, ' ')
      .replace(/ +/g, ' ')
      .trim()
  )
}
