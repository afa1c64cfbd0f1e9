import { isBlankValue } from '../model/blank-values.ts'
import type { ContactRecord } from '../model/records.ts'
import { foldForSearch } from '../quality/names.ts'
import { looseText } from './loose-text.ts'
import { isSameGiven } from './nicknames.ts'

/** The possible readings of a name, to decide whether a denial may mean a person. */
export interface LooseName {
  /** Each way to read the name: whole, without remarks, or a part. Without accents; no word twice. */
  readonly readings: readonly (readonly string[])[]
  /** Two people, or a person with a remark: "Aaron and Beth Collins". */
  readonly isJoint: boolean
  /** The first word that is not a title, if it is probably the given name. */
  readonly given: string | undefined
  readonly isLatin: boolean
}

/**
 * Titles, degrees, words for relatives and roles, and words for "no name". They are not part of the name if
 * it has other words.
 */
const NOISE: ReadonlySet<string> = new Set(
  [
    'mr mrs ms miss mx dr prof rev sr sra srta mister senor senora senorita sgt cpl pvt capt lt maj col gen',
    'cmdr lic md phd dds dvm jd edd dnp rn lpn esq cpa mba',
    'mom mum mommy mother mama dad daddy father papa parent parents padre madre guardian stepmom stepdad',
    'stepmother stepfather step foster birth bio biological legal grandma grandmother grandpa grandfather',
    'abuela abuelo aunt uncle sister brother husband wife spouse ex family familia household the of',
    'emergency contact primary secondary other deceased not no call release pickup',
    'unknown none null nmn nmi nfn student de del la las los y and or et und e',
  ].flatMap((words) => words.split(' ')),
)
/** The same, but only if two other words are left, because they are also given names. */
const NOISE_OR_NAME: ReadonlySet<string> = new Set(
  [
    'don dona sir madam mme fr hon ing pastor tutor nana tia tio do pe na n a test pick up',
    'aka nee born formerly fka alias vda viuda',
    'officer coach atty old new deleted inactive duplicate dup use zz zzz xx xxx cell home work see notes',
  ].flatMap((words) => words.split(' ')),
)
const SUFFIXES: Readonly<Record<string, string>> = {
  ...{ junior: 'jr', jnr: 'jr', senior: 'sr', snr: 'sr', '2nd': 'ii', '3rd': 'iii', '4th': 'iv' },
}
/** Words such as Junior, which distinguish people with the same name. */
const TELLING: ReadonlySet<string> = new Set(['jr', 'sr', 'ii', 'iii', 'iv'])

/** Letters of Cyrillic and Greek that look like Latin ones, for words that mix them. */
const LOOK_ALIKES: Readonly<Record<string, string>> = {
  ...{
    а: 'a',
    в: 'b',
    е: 'e',
    і: 'i',
    к: 'k',
    м: 'm',
    н: 'h',
    о: 'o',
    р: 'p',
    с: 'c',
    т: 't',
    у: 'y',
    х: 'x',
  },
  ...{
    ѕ: 's',
    ј: 'j',
    α: 'a',
    β: 'b',
    ε: 'e',
    ι: 'i',
    κ: 'k',
    ν: 'v',
    ο: 'o',
    ρ: 'p',
    τ: 't',
    υ: 'u',
    χ: 'x',
  },
}

/** A longer text is not a name, and must not take longer. */
const [MAX_LENGTH, MAX_WORDS, MAX_PIECES, MAX_LOST] = [300, 20, 6, 4]

/** Stands for a letter that a program could not write. No name contains it. */
const LOST = '\ua78f'
const JOINT = /\s(?:and|or|y|e|o|ó|und|et|with)\s|[&+/;|\\]/iu
/** A separator between a name and a remark. */
const REMARK =
  /\s[-–—]+\s|[|/\\;:*&+()[\]{}"“”]|\s['‘][^'‘’]*['’](?=\s)|\s(?:and|or|y|und|et|aka|a\.k\.a\.|alias)\s/iu

export function readLooseName(name: Partial<ContactRecord['name']> | undefined): LooseName {
  const parts = [name?.first, name?.middle, name?.last]
    .map((part) => looseText(part).slice(0, MAX_LENGTH))
    .filter((part) => part !== '')
  const said = parts.filter((part) => !isBlankValue(part))
  const text = said.join(' ')
  const quoted = text.replace(/(?<=\s)['‘][^'‘’]*['’](?=\s)|\([^()]*\)|"[^"]*"|“[^“”]*”/gu, ' ')
  const whole = [parts.join(' '), text, quoted, givenFirst(text)].map(wordsOf)
  const pieces = text
    .split(REMARK)
    .map(wordsOf)
    .filter((words) => withoutNoise(words).length > 1)
  const lists = [...whole, ...pieces.slice(0, MAX_PIECES)].flatMap((words) => [words, withoutNoise(words)])
  const readings = new Map(lists.map((words) => [words.join(' '), words]))
  const [before, after] = text.split(',')
  const isShouted = !/\p{Ll}/u.test(text) && said.length < 2 && after === undefined
  const [first] = withoutNoise(wordsOf(after?.trim() ? after : (before ?? '')))
  return {
    readings: [...readings.values()],
    isJoint: JOINT.test(text),
    given: isShouted || first === undefined || first.length < 2 ? undefined : first,
    isLatin: !/(?![\p{Script=Latin}\p{Script=Common}])\p{L}/u.test(text),
  }
}

/** "Garcia Lopez, Maria" in spoken order. */
function givenFirst(text: string): string {
  const [family, given, ...more] = text.split(',')
  return given === undefined || more.length > 0 ? text : `${given} ${family}`
}

function wordsOf(text: string): readonly string[] {
  const written = text
    .replace(/\S*@\S*/g, ' ')
    .replace(/(?<=\p{L})[?\ufffd¤]/gu, LOST)
    .replace(/(?<=\p{L})[01]+(?=\p{L})/gu, (digits) => digits.replaceAll('0', 'o').replaceAll('1', 'l'))
    .replace(/(?<=\p{L}{2})\d+(?![\p{L}\d])/gu, '')
    // Offices put "zz" or "x" before a name to sort an unused record last.
    .replace(
      /(?<!\p{L})(?:z{2,}|x{2,}|[zx](?=\p{Lu}\p{Ll}))_*(?=\p{L})/giu,
      (mark, at: number, all: string) => (isMark(mark, all.slice(at + mark.length)) ? ' ' : mark),
    )
    .replace(/(?<=\p{L})['’‘ʻʼ`´′ʹ]+(?=\p{L})/gu, '')
    .replace(/\b((?:\p{L}\.){2,})/gu, (initials) => initials.replaceAll('.', ''))
  const words = foldForSearch(written)
    .split(' ')
    .filter((word) => /\p{L}|^\d(?:nd|rd|th)$/u.test(word))
    .map(latin)
    .map((word) => SUFFIXES[word] ?? word)
  return [...new Set(words)].slice(0, MAX_WORDS)
}

/** A single letter is such a mark only before a capital: xAaron, but not Xavier. */
function isMark(mark: string, rest: string): boolean {
  return mark.length > 1 || (mark === mark.toLowerCase() && /^\p{Lu}\p{Ll}/u.test(rest))
}

function latin(word: string): string {
  if (!/[a-z]/.test(word)) return word
  return word.replace(/[\u0370-\u04ff]/g, (letter) => LOOK_ALIKES[letter] ?? letter)
}

/** "Sr." is señor at the beginning and senior elsewhere. */
function withoutNoise(words: readonly string[]): readonly string[] {
  const left = words.filter((word, i) => !NOISE.has(word) || (word === 'sr' && i > 0))
  const names = left.filter((word) => !NOISE_OR_NAME.has(word))
  return names.length > 1 ? names : left
}

/** Words in names that name no person: "Case Worker", "Not Available", "Guardian One". */
const OF_NOBODY: ReadonlySet<string> = new Set(
  'case worker social agency office name first last available applicable provided given one two three me'.split(
    ' ',
  ),
)

/** Whether all words are words for roles, for relatives or for "no name". */
export function isEmptyName(words: readonly string[]): boolean {
  return words.every((word) => NOISE.has(word) || NOISE_OR_NAME.has(word) || OF_NOBODY.has(word))
}

/** Whether two names may be those of one person, without regard to addresses. */
export function mayBeSameName(one: LooseName, other: LooseName): boolean {
  return some(one, other, (a, b) => {
    if (longOf(a).length < 2 || longOf(b).length < 2) return false
    const { onlyInA, onlyInB } = differenceOf(a, b)
    if ([...onlyInA, ...onlyInB].some((word) => TELLING.has(word))) return false
    if (onlyInA.length === 0 && onlyInB.length === 0) return true
    if (isBeginning(a, b) || isBeginning(b, a)) return true
    if (one.isJoint || other.isJoint)
      return (other.isJoint && onlyInA.length === 0) || (one.isJoint && onlyInB.length === 0)
    return onlyInB.length === 0 ? isMiddle(a, onlyInA) : onlyInA.length === 0 && isMiddle(b, onlyInB)
  })
}

/** The same for two people who share an address or a number, with a lower threshold. */
export function mayBeSameAtAddress(one: LooseName, other: LooseName): boolean {
  if (one.isLatin !== other.isLatin) return true
  if (one.given !== undefined && one.given === other.given) return true
  return some(one, other, (a, b) => {
    const { onlyInA, onlyInB } = differenceOf(a, b)
    return onlyInA.length === 0 || onlyInB.length === 0 || isInitialsOf(a, b) || isInitialsOf(b, a)
  })
}

/** "AJ Collins" and "Aaron James Collins". */
function isInitialsOf([initials = '', ...family]: readonly string[], words: readonly string[]): boolean {
  const given = words.slice(0, -family.length)
  return (
    given.length > 1 &&
    family.join(' ') === words.slice(-family.length).join(' ') &&
    initials === given.map((word) => word[0]).join('')
  )
}

function some(
  one: LooseName,
  other: LooseName,
  test: (a: readonly string[], b: readonly string[]) => boolean,
) {
  return one.readings.some((a) => other.readings.some((b) => test(a, b)))
}

const longOf = (words: readonly string[]) => words.filter((word) => word.length > 1)

/** A second surname, a remark or another person comes after a complete name. */
function isBeginning(beginning: readonly string[], words: readonly string[]): boolean {
  return beginning.every((word, i) => word === words[i])
}

/** A middle name was added or removed: "Aaron James Collins", "Aaron J. Collins". */
function isMiddle(words: readonly string[], differing: readonly string[]): boolean {
  if (differing.every((word) => word.length === 1)) return true
  return differing.length === 1 && ![words[0], words.at(-1)].includes(differing[0])
}

/** The words without a counterpart. An initial is the counterpart of a word that begins with it. */
function differenceOf(a: readonly string[], b: readonly string[]) {
  const left = [...b]
  const take = (isCounterpart: (word: string) => boolean) => {
    const at = left.findIndex(isCounterpart)
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  }
  const unequal = a.filter((word) => !take((each) => each === word))
  const unlike = unequal.filter((word) => !take((each) => isLike(word, each)))
  const onlyInA = unlike.filter((word) => !take((each) => isInitialOf(word, each) || isInitialOf(each, word)))
  return { onlyInA, onlyInB: left }
}

function isInitialOf(initial: string, word: string): boolean {
  return initial.length === 1 && word.startsWith(initial)
}

function isLike(one: string, other: string): boolean {
  if (one.includes(LOST) || other.includes(LOST)) return isWithLost(one, other) || isWithLost(other, one)
  return isSameGiven(one, other) || one.replace(/^mac/, 'mc') === other.replace(/^mac/, 'mc')
}

function isWithLost(lossy: string, word: string): boolean {
  if (lossy.split(LOST).length - 1 > MAX_LOST) return false
  return new RegExp(`^${lossy.replaceAll(LOST, '.{0,2}')}$`, 'u').test(word)
}
