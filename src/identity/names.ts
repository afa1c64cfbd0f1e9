import { displayName, foldForSearch } from '../quality/names.ts'

/** Characters of a name that are compared. A longer text is not a name, and must not take longer. */
const MAX_NAME_LENGTH = 300

/** Words that distinguish people with the same name, or make a name that of two people. */
const TELLING: ReadonlySet<string> = new Set([
  ...['jr', 'sr', 'junior', 'senior', 'jnr', 'snr', 'ii', 'iii', 'iv', 'v', '2nd', '3rd'],
  ...['and', 'or', 'y', 'und', 'et'],
])
const TITLES: ReadonlySet<string> = new Set([
  ...['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'rev', 'sr', 'sra', 'srta', 'mister'],
])

/** The words of a name, without case, accents, apostrophes and invisible characters. */
export interface NameClues {
  readonly titles: string
  /** Without titles and nicknames. The given name comes first if a comma or capitals show it. */
  readonly words: readonly string[]
  /** With nicknames. */
  readonly allWords: readonly string[]
  /** A key of the words in any order. It is equal for names that differ only in case, accents and order. */
  readonly written: string
  /** How many of the words are the given name; undefined if only their order shows it. */
  readonly given: number | undefined
}

export function readName(name: Parameters<typeof displayName>[0]): NameClues {
  const [first, last] = [name.first, name.last].map((part) => withoutApostrophes(textOf({ first: part })))
  const isInFields = first !== '' && last !== '' && !last?.includes(',')
  const asWritten = textOf(name)
  const text = withoutApostrophes(asWritten)
  const written = inAnyOrder(withoutTitles(wordsOf(asWritten)))
  const allWords = withoutTitles(wordsOf(text.replace(/[()"“”[\]]/g, ' ')))
  const titles = inAnyOrder(titlesIn(wordsOf(text)))
  if (isInFields) {
    const words = withoutTitles(wordsOf(withoutNicknames(text)))
    return {
      titles,
      words,
      allWords,
      written,
      given: withoutTitles(wordsOf(withoutNicknames(first ?? ''))).length,
    }
  }
  const [given, family] = partsOf(withoutNicknames(text))
  return {
    titles,
    words: [...given, ...family],
    allWords,
    written,
    given: family.length > 0 ? given.length : undefined,
  }
}

function textOf(name: Partial<Parameters<typeof displayName>[0]>): string {
  const { first, middle, last } = name
  const [one, two, three] = [first, middle, last].map((part) => part?.slice(0, MAX_NAME_LENGTH))
  return (displayName({ first: one, middle: two, last: three }) ?? '')
    .slice(0, MAX_NAME_LENGTH)
    .replace(/[&+/;]/g, ' and ')
}

/** O'Brien is one word, and so is OBrien. */
function withoutApostrophes(text: string): string {
  return text.replace(/(?<=\p{L})['’‘ʻʼ`´](?=\p{L})/gu, '')
}

/** "Robert (Bob) Smith" is Robert Smith; "Robert Smith (Jr)" is not. */
function withoutNicknames(text: string): string {
  return text.replace(/\([^()]*\)|"[^"]*"|“[^“”]*”/g, (nickname) => {
    const telling = wordsOf(nickname).filter((word) => TELLING.has(word))
    return ` ${telling.join(' ')} `
  })
}

/**
 * The given name and the family name, if a comma ("Collins, Aaron") or capitals ("COLLINS Aaron") show them.
 * Otherwise all words count as given names.
 */
function partsOf(text: string): readonly [given: readonly string[], family: readonly string[]] {
  const [before, after, ...more] = text.split(',').map((part) => withoutTitles(wordsOf(part)))
  const isTurned =
    before !== undefined && before.length > 0 && after !== undefined && after.length > 0 && more.length === 0
  if (isTurned && !TELLING.has(after[0] ?? '')) return [after, before]
  const tokens = text.split(/[\s,]+/).filter((token) => /\p{L}/u.test(token))
  const [capitals, others] = [tokens.filter(isInCapitals), tokens.filter((token) => !isInCapitals(token))]
  const words = withoutTitles(wordsOf(text))
  const family = wordsOf(capitals.join(' '))
  const isTold = family.length > 0 && others.some((token) => token.length > 2 && /\p{Ll}/u.test(token))
  return isTold && !family.some((word) => TELLING.has(word) || TITLES.has(word))
    ? [words.filter((word) => !family.includes(word)), family]
    : [words, []]
}

function isInCapitals(token: string): boolean {
  return token.length > 2 && /\p{Lu}/u.test(token) && !/\p{Ll}/u.test(token) && !token.includes('.')
}

function wordsOf(text: string): readonly string[] {
  return foldForSearch(text)
    .split(' ')
    .filter((word) => word !== '')
}

/** "Sr." stands for señor at the beginning, and for senior elsewhere. */
function isTitle(word: string, index: number): boolean {
  return TITLES.has(word) && (word !== 'sr' || index === 0)
}

const titlesIn = (words: readonly string[]) => words.filter(isTitle)
const withoutTitles = (words: readonly string[]) => words.filter((word, i) => !isTitle(word, i))

export function isDistinctive(word: string): boolean {
  return TELLING.has(word)
}

export function inAnyOrder(words: readonly string[]): string {
  return [...words].sort().join(' ')
}

/**
 * Whether two names have the same letters, regardless of spaces and the order of words. False if both are
 * empty.
 */
export function hasSameWords(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = [one.join(''), other.join('')]
  if (a.length !== b.length || a === '') return false
  return a === b || inAnyOrder(one) === inAnyOrder(other) || isTurned(one, b) || isTurned(other, a)
}

function isTurned(words: readonly string[], joined: string): boolean {
  return words.some((_word, i) => [...words.slice(i), ...words.slice(0, i)].join('') === joined)
}
