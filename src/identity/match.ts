import { distance } from 'fastest-levenshtein'
import type { Clues } from './clues.ts'
import { isEmptyName, mayBeSameAtAddress, mayBeSameName } from './loose-names.ts'
import { sharePhone } from './loose-values.ts'
import { hasSameWords, inAnyOrder, isDistinctive, type NameClues } from './names.ts'
import { misspelling } from './spelling.ts'

/**
 * The one comparison of persons, with two thresholds. SAME: certain enough for results that cannot be undone,
 * such as an id change or a duplicate. MAYBE: it may be the same person, which is enough for a denial. Every
 * SAME pair is also a MAYBE pair.
 */
export type Evidence = 'SIS_ID' | 'NAME' | 'EMAIL' | 'PHONE'

type Comparison = 'EQUAL' | 'DIFFERENT' | 'UNSAID'

interface Rest {
  readonly sisIds: Comparison
  readonly emails: Comparison
  readonly phones: Comparison
  /** The addresses that both have, except those that are named after a household. */
  readonly personal: readonly string[]
}

type Likeness =
  | 'SAME'
  | 'KIN'
  | 'NO_NAME'
  | 'BARE'
  | 'SLIP'
  | 'MISSPELLED'
  | 'MISTYPED'
  | 'PARTLY'
  | 'DIFFERENT'

/**
 * The evidence that two records are one person. Undefined if they are not, or if it is unclear. It is
 * careful, because people in one household share students, surname, e-mail and phone. They do not share the
 * given name, and a district does not say which word that is. `isOther`: whether their relationships make
 * them two people. It is called last.
 */
export function samePerson(one: Clues, other: Clues, isOther: () => boolean): Evidence[] | undefined {
  const sisIds = compare(setOf(one.sisId), setOf(other.sisId))
  const names = compareNames(one.name, other.name)
  // Most pairs end here: no slower comparison could make them one person.
  if (sisIds !== 'EQUAL' && names === 'DIFFERENT') return undefined
  const rest: Rest = {
    sisIds,
    emails: compare(one.emails, other.emails),
    phones: compare(one.phones, other.phones),
    personal: [...one.emails].filter((email) => other.emails.has(email) && !isHouseholds(email)),
  }
  // A district may give the same id to both parents.
  if (sisIds === 'EQUAL' && names === 'DIFFERENT' && isOther()) return undefined
  const isSame = sisIds === 'EQUAL' || (!isContradicted(rest) && ENOUGH[names](rest, one.name) && !isOther())
  if (!isSame) return undefined
  const evidence: readonly [Evidence, boolean][] = [
    ['SIS_ID', sisIds === 'EQUAL'],
    ['NAME', names !== 'PARTLY' && names !== 'NO_NAME' && names !== 'DIFFERENT'],
    ['EMAIL', rest.emails === 'EQUAL'],
    ['PHONE', rest.phones === 'EQUAL'],
  ]
  return evidence.filter(([, speaks]) => speaks).map(([name]) => name)
}

/**
 * The SIS has two ids, and the other evidence is too weak for a change of the SIS's ids. Or both have e-mail
 * and phone, and share neither.
 */
function isContradicted({ sisIds, emails, phones }: Rest): boolean {
  const isRenumbered = emails === 'EQUAL' && phones === 'EQUAL'
  return (sisIds === 'DIFFERENT' && !isRenumbered) || (emails === 'DIFFERENT' && phones === 'DIFFERENT')
}

/**
 * The further evidence that each similarity of names needs. A household shares a phone, so a phone proves
 * little.
 */
const ENOUGH: Readonly<Record<Likeness, (rest: Rest, name: NameClues) => boolean>> = {
  SAME: () => true,
  // Mom.
  KIN: ({ emails, phones }) => emails === 'EQUAL' || (phones === 'EQUAL' && emails !== 'DIFFERENT'),
  // Emergency Contact.
  NO_NAME: ({ personal, phones }) => personal.length > 0 && phones !== 'DIFFERENT',
  // A surname names a family.
  BARE: ({ personal, phones }) => personal.length > 0 && phones !== 'DIFFERENT',
  SLIP: ({ emails, phones }) => emails === 'EQUAL' || (emails === 'UNSAID' && phones !== 'DIFFERENT'),
  MISSPELLED: ({ personal }) => personal.length > 0,
  // The word that they share is the given name if one of their addresses contains it.
  MISTYPED: ({ personal }, { words }) => personal.some((email) => localPart(email).includes(words[0] ?? '@')),
  // A middle name was added or removed. With another phone it may be a son who uses the family's e-mail.
  PARTLY: ({ personal, phones }) => personal.length > 0 && phones !== 'DIFFERENT',
  // This holds after a wedding too, because a grandmother may have the same given name, e-mail and phone.
  DIFFERENT: () => false,
}

/** UNSAID if a set is empty. */
function compare(one: ReadonlySet<string>, other: ReadonlySet<string>): Comparison {
  if (one.size === 0 || other.size === 0) return 'UNSAID'
  return one.isDisjointFrom(other) ? 'DIFFERENT' : 'EQUAL'
}

function setOf(value: string | undefined): ReadonlySet<string> {
  return new Set(value === undefined ? [] : [value])
}

const localPart = (email: string) => email.split('@')[0] ?? ''

/** Whether the local part of an address names a family or a couple. */
function isHouseholds(email: string): boolean {
  return /famil|household|parents|padres|thes?\W|(?<![a-z])(?:and|fam|y)(?![a-z])|&/u.test(localPart(email))
}

/** Words for relatives, such as "Mom", which mean one person for a student. */
const KIN: ReadonlySet<string> = new Set([
  ...[
    'mom',
    'mum',
    'mommy',
    'mother',
    'mama',
    'dad',
    'daddy',
    'father',
    'papa',
    'grandma',
    'grandmother',
    'nana',
  ],
  ...[
    'grandpa',
    'grandfather',
    'abuela',
    'abuelo',
    'madre',
    'padre',
    'stepmom',
    'stepdad',
    'stepmother',
    'stepfather',
  ],
])

function compareNames(one: NameClues, other: NameClues): Likeness {
  // Mr. and Mrs. Smith.
  if (one.titles !== other.titles && one.titles !== '' && other.titles !== '') return 'DIFFERENT'
  const [a, b] = [one.words, other.words]
  if (!isFull(a) || !isFull(b)) {
    if (!hasSameWords(a, b) || one.titles !== other.titles) return isInitialled(a, b) ? 'PARTLY' : 'DIFFERENT'
    return a.every((word) => KIN.has(word)) ? 'KIN' : 'BARE'
  }
  if (hasSameWords(a, b)) {
    if (isEmptyName(a) && !a.every((word) => KIN.has(word))) return 'NO_NAME'
    return isOneTurned(one, other) ? 'DIFFERENT' : 'SAME'
  }
  // This also excludes Jon and John, because Maria and Mario are just as similar.
  return a[0] === b[0] ? compareRest(one, other) : 'DIFFERENT'
}

/** A given and a family name; scripts without spaces write both in one word. */
function isFull(words: readonly string[]): boolean {
  const long = words.filter((word) => word.length > 1)
  return (
    long.length > 1 ||
    long.some((word) => /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}]{2}/u.test(word))
  )
}

/** "Maria L" and "Maria Lopez". */
function isInitialled(one: readonly string[], other: readonly string[]): boolean {
  const [a, b] = one.length > 0 && one.at(-1)?.length === 1 ? [one, other] : [other, one]
  return a.length === 2 && b.length > 1 && a[0] === b[0] && (a[0]?.length ?? 0) > 1 && b.at(-1)?.[0] === a[1]
}

/** "Thomas, James" is not "Thomas James", when both say which name is which. */
function isOneTurned(one: NameClues, other: NameClues): boolean {
  if (one.given === undefined || other.given === undefined) return false
  const [a, b] = [one.words.slice(0, one.given), other.words.slice(0, other.given)]
  return new Set(a).isDisjointFrom(new Set(b)) && a.join('') !== b.join('')
}

function compareRest(one: NameClues, other: NameClues): Likeness {
  const [inOne, inOther] = [new Set(one.words), new Set(other.words)]
  const onlyInOne = one.words.filter((word) => !inOther.has(word))
  const onlyInOther = other.words.filter((word) => !inOne.has(word))
  if ([...onlyInOne, ...onlyInOther].some(isDistinctive)) return 'DIFFERENT'
  if (onlyInOne.length === 0 || onlyInOther.length === 0) return 'PARTLY'
  const how = misspelling(onlyInOne.join(' '), onlyInOther.join(' '))
  if (how === undefined || how === 'SLIP') return how ?? 'DIFFERENT'
  if (isGivenShared(one, onlyInOne) && isGivenShared(other, onlyInOther)) return 'MISSPELLED'
  return how === 'TYPO' ? 'MISTYPED' : 'DIFFERENT'
}

/**
 * Whether the words that two names share certainly include the given name: it is known, or the difference is
 * in the middle, so that the given name is the first or the last word.
 */
function isGivenShared({ words, given }: NameClues, differing: readonly string[]): boolean {
  if (given !== undefined) return words.slice(0, given).every((word) => !differing.includes(word))
  return ![words[0], words.at(-1)].some((word) => differing.includes(word ?? ''))
}

export type PersonMatch = 'SAME' | 'UNCERTAIN' | 'DIFFERENT'

/**
 * Whether an override means this person, who is listed for the same student. Without a sisId, Clever derives
 * the id from the name and the e-mail or phone. So each of the three may have been corrected, which changes
 * the id. UNCERTAIN is every other match that may be the same person. It also denies.
 */
export function matchesPerson(order: Clues, person: Clues): PersonMatch {
  if (isEqual(order.id, person.id) || isEqual(order.legacyId, person.legacyId)) return 'SAME'
  if (isEqual(order.sisId, person.sisId)) return 'SAME'
  const [ordered, written] = [order.loose, person.loose]
  if (isEqual(withoutZeros(order.sisId), withoutZeros(person.sisId))) return 'UNCERTAIN'
  if (isEqual(ordered.sisId, written.sisId)) return 'UNCERTAIN'
  if (order.name.allWords.length === 0) return 'DIFFERENT'

  const isNamed = isSameName(order.name, person.name)
  if (isNamed && haveSameTitles(order.name, person.name))
    return order.name.written === person.name.written && hasAddress(order, person) ? 'SAME' : 'UNCERTAIN'
  if (haveSameGender(order.name, person.name) && mayBeSameName(ordered.name, written.name)) return 'UNCERTAIN'
  const hasEmail = share(order.emails, person.emails) || share(ordered.emails, written.emails)
  const hasPhone = sharePhone([...order.phones, ...ordered.phones], [...person.phones, ...written.phones])
  // A couple may share an address or a number. A person who shares both may be the same person with another
  // name.
  if (hasEmail && hasPhone) return 'UNCERTAIN'
  const isAlikeName = isNamed || isAlike(order.name, person.name)
  if ((hasEmail || hasPhone) && (isAlikeName || mayBeSameAtAddress(ordered.name, written.name)))
    return 'UNCERTAIN'
  return samePerson(order, person, () => false) ? 'UNCERTAIN' : 'DIFFERENT'
}

const isEqual = (one: string | undefined, other: string | undefined) => one !== undefined && one === other

/** Spreadsheets drop the zeros before a number and add decimals. */
function withoutZeros(id: string | undefined): string | undefined {
  return id?.replace(/^0+(?=\d+(?:\.0+)?$)/, '').replace(/(?<=^\d+)\.0+$/, '')
}

function hasAddress(order: Clues, person: Clues): boolean {
  return share(order.emails, person.emails) || share(order.phones, person.phones)
}

function share(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size > 0 && !one.isDisjointFrom(other)
}

/** Mr. and Mrs. Smith are two; Ms. and Mrs. Smith may be one, and so may Mr. and Dr. Smith. */
function haveSameGender(one: NameClues, other: NameClues): boolean {
  const isContradicted = (a: NameClues, b: NameClues) =>
    MALE.test(a.titles) && !FEMALE.test(a.titles) && FEMALE.test(b.titles) && !MALE.test(b.titles)
  return !isContradicted(one, other) && !isContradicted(other, one)
}

const MALE = /\b(?:mr|sr|mister)\b/
const FEMALE = /\b(?:mrs|ms|miss|sra|srta)\b/

function haveSameTitles(one: NameClues, other: NameClues): boolean {
  return one.titles === other.titles || one.titles === '' || other.titles === ''
}

/** Compares the names with and without nicknames, and with ü as u and as ue. */
function isSameName(one: NameClues, other: NameClues): boolean {
  return [one.words, one.allWords].some((a) =>
    [other.words, other.allWords].some(
      (b) => hasSameWords(a, b) || hasSameWords(a.map(plainVowels), b.map(plainVowels)),
    ),
  )
}

/** Müller is Mueller to some, and Muller to others. */
function plainVowels(word: string): string {
  return word.replace(/([aou])e/g, (vowels) => vowels[0] ?? '')
}

function isAlike(one: NameClues, other: NameClues): boolean {
  const [a, b] = [one.allWords, other.allWords]
  const [onlyInA, onlyInB] = [a.filter((word) => !b.includes(word)), b.filter((word) => !a.includes(word))]
  // Also true for a missing name, which may have been this one.
  if (onlyInA.length === 0 || onlyInB.length === 0) return true
  // Two letters differ, in the whole names or in the words that they do not share: a corrected typing error.
  return [
    [a.join(''), b.join('')],
    [inAnyOrder(a), inAnyOrder(b)],
    [onlyInA.join(''), onlyInB.join('')],
  ].some(([x = '', y = '']) => distance(x, y) <= 2)
}
