/** The minimum number of letters. Two shorter words may both be right: Hill and Hall. */
const MIN_MISSPELLED_LENGTH = 5
/** Rows of an American keyboard. */
const ROWS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm']

/**
 * How a word may have become another one. SLIP: a letter is doubled, or two are exchanged, which does not
 * make another name.
 */
export type Misspelling = 'SLIP' | 'TYPO' | 'OTHER_LETTERS'

/**
 * Up to two letters differ, in the middle of the word. The end distinguishes Maria from Mario and Daniel from
 * Daniela, who are as likely if a district writes the surname first. Cost: linear in the length.
 */
export function misspelling(one: string, other: string): Misspelling | undefined {
  const mayBe =
    Math.min(one.length, other.length) >= MIN_MISSPELLED_LENGTH &&
    one[0] === other[0] &&
    one.slice(-2) === other.slice(-2) &&
    isWithin(2, one, other)
  if (!mayBe) return undefined
  if (singled(one) === singled(other) || isExchanged(one, other)) return 'SLIP'
  return isTypo(one, other) ? 'TYPO' : 'OTHER_LETTERS'
}

function singled(word: string): string {
  return word.replace(/(.)\1+/gu, '$1')
}

function isExchanged(one: string, other: string): boolean {
  const at = [...one].findIndex((letter, i) => letter !== other[i])
  const exchanged = one.slice(0, at) + (one[at + 1] ?? '') + (one[at] ?? '') + one.slice(at + 2)
  return exchanged === other
}

/** Each letter that differs is beside the right one on the keyboard. */
function isTypo(one: string, other: string): boolean {
  return one.length === other.length && [...one].every((letter, i) => isBeside(letter, other[i] ?? ''))
}

function isBeside(one: string, other: string): boolean {
  if (one === other) return true
  return ROWS.some((row) => row.includes(one) && Math.abs(row.indexOf(one) - row.indexOf(other)) === 1)
}

/** Whether this many changed, added or missing letters turn one word into the other. Linear in the length. */
function isWithin(edits: number, one: string, other: string): boolean {
  let start = 0
  while (start < one.length && one[start] === other[start]) start += 1
  const [a, b] = [one.slice(start), other.slice(start)]
  if (a === '' || b === '') return Math.max(a.length, b.length) <= edits
  if (edits === 0) return false
  return (
    isWithin(edits - 1, a.slice(1), b.slice(1)) ||
    isWithin(edits - 1, a.slice(1), b) ||
    isWithin(edits - 1, a, b.slice(1))
  )
}
