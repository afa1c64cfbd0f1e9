/** The maximum number of characters of a word in the inference table. */
const MAX_LENGTH = 60

/**
 * Letters, with a hyphen, a slash, an apostrophe, a period or spaces between them, and one ordinal of at most two digits
 * at the end. Any other character (a question mark, a dagger, a comma, a date, a mark through the letters) is a remark.
 */
const WORD = /^(\p{L}+(?:[\s\-\u2010\u2011/'\u2019.]+\p{L}+)*)(?:[\s-]*[1-9]\d?)?\.?$/u

/** The Spanish accents, which are ignored. A letter with another mark is a different letter. */
const PLAIN: Readonly<Record<string, string>> = { á: 'a', é: 'e', í: 'i', ó: 'o', ú: 'u', ü: 'u', ñ: 'n' }

/**
 * The key of a word that may be inferred from: Step-Mother, "step mother" and Stepmother have one key, and so
 * have Guardian 1 and Guardian 2. Undefined for a text with anything else beside the word.
 */
export function wordKey(raw: string): string | undefined {
  const text = raw.trim()
  if (text.length > MAX_LENGTH) return undefined
  const letters = WORD.exec(text.normalize('NFC'))?.[1]
  return letters
    ?.toLowerCase()
    .replace(/\P{L}+/gu, '')
    .replace(/[áéíóúüñ]/g, (letter) => PLAIN[letter] ?? letter)
}
