import { distance } from 'fastest-levenshtein'
import type { Clues } from './clues.ts'
import { isEmptyName, mayBeSameAtAddress, mayBeSameName } from './loose-names.ts'
import { sharePhone } from './loose-values.ts'
import { hasSameWords, inAnyOrder, isDistinctive, type NameClues } from './names.ts'
import { misspelling } from './spelling.ts'

/**
 * The one comparison of persons, with two thresholds. SAME: certain enough for what cannot be undone, such as an id
 * change or a duplicate. MAYBE: it may be the same person, which is enough for a denial to hold. What is SAME is never
 * less than MAYBE.
 */
export type Evidence = 'SIS_ID' | 'NAME' | 'EMAIL' | 'PHONE'

type Comparison = 'EQUAL' | 'DIFFERENT' | 'UNSAID'

interface Rest {
  readonly sisIds: Comparison
  readonly emails: Comparison
  readonly phones: Comparison
  /** Addresses that both have, and that a household does not share by its name. */
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
 * The evidence that two people are one; undefined if they are not, or if it is unclear. A guess, and so careful: people
 * of one household share students, surname, e-mail and phone. They do not share the given name, and a district does not
 * say which word that is. `isOther`: whether their relationships make them two people; asked last.
 */
export function samePerson(one: Clues, other: Clues, isOther: () => boolean): Evidence[] | undefined {
  const sisIds = compare(setOf(one.sisId), setOf(other.sisId))
  const names = compareNames(one.name, other.name)
  // Nearly all pairs: nothing that takes longer to compare could make them one.
  if (sisIds !== 'EQUAL' && names === 'DIFFERENT') return undefined
  const rest: Rest = {
    sisIds,
    emails: compare(one.emails, other.emails),
    phones: compare(one.phones, other.phones),
    personal: [...one.emails].filter((email) => other.emails.has(email) && !isHouseholds(email)),
  }
  // A district may give the id of a family to father and mother.
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
 * The SIS calls them two, and all else does not outweigh it as when a SIS changes its ids; or they have neither e-mail
 * nor phone in common, though both have both.
 */
function isContradicted({ sisIds, emails, phones }: Rest): boolean {
  const isRenumbered = emails === 'EQUAL' && phones === 'EQUAL'
  return (sisIds === 'DIFFERENT' && !isRenumbered) || (emails === 'DIFFERENT' && phones === 'DIFFERENT')
}

/** By how alike the names are: what else it takes. A phone is a household's, and confirms little. */
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
  // The word that they share is the given name where an address of theirs has it.
  MISTYPED: ({ personal }, { words }) => personal.some((email) => localPart(email).includes(words[0] ?? '@')),
  // A second name came or went. With another phone it is a son with the e-mail of the family.
  PARTLY: ({ personal, phones }) => personal.length > 0 && phones !== 'DIFFERENT',
  // Also after a wedding: a grandmother may have the same given name, e-mail and phone.
  DIFFERENT: () => false,
}

/** Nothing equals nothing. */
function compare(one: ReadonlySet<string>, other: ReadonlySet<string>): Comparison {
  if (one.size === 0 || other.size === 0) return 'UNSAID'
  return one.isDisjointFrom(other) ? 'DIFFERENT' : 'EQUAL'
}

function setOf(value: string | undefined): ReadonlySet<string> {
  return new Set(value === undefined ? [] : [value])
}

const localPart = (email: string) => email.split('@')[0] ?? ''

/** The address of a family or a couple, by its name. */
function isHouseholds(email: string): boolean {
  return /famil|household|parents|padres|thes?\W|(?<![a-z])(?:and|fam|y)(?![a-z])|&/u.test(localPart(email))
}

/** What children and schools call people, who are one person to a student. */
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
  // Also Jon and John: Maria and Mario are as alike.
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
 * Whether the given name is surely among the words that two names share: it is known, or what differs is inside, and then
 * it is the first word or the last.
 */
function isGivenShared({ words, given }: NameClues, differing: readonly string[]): boolean {
  if (given !== undefined) return words.slice(0, given).every((word) => !differing.includes(word))
  return ![words[0], words.at(-1)].some((word) => differing.includes(word ?? ''))
}

export type PersonMatch = 'SAME' | 'UNCERTAIN' | 'DIFFERENT'

/**
 * Whether an order means this person, who is listed for the same student. Clever derives an id from name and e-mail or
 * phone where there is no sisId, so that any of the three may have been corrected, and the id with it. UNCERTAIN is all
 * that may be the same person, and denies as well.
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
  // A couple may share one address or one number; a person who has both may be the same under another name.
  if (hasEmail && hasPhone) return 'UNCERTAIN'
  const isAlikeName = isNamed || isAlike(order.name, person.name)
  if ((hasEmail || hasPhone) && (isAlikeName || mayBeSameAtAddress(ordered.name, written.name)))
    return 'UNCERTAIN'
  return samePerson(order, person, () => false) ? 'UNCERTAIN' : 'DIFFERENT'
}

const isEqual = (one: string | undefined, other: string | undefined) => one !== undefined && one === other

/** A number loses its zeros in a spreadsheet, and gets decimals. */
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

/** With its nicknames or without, with ü or with ue. */
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
  // Also a name that is gone: it may have been this one.
  if (onlyInA.length === 0 || onlyInB.length === 0) return true
  // Two letters: a typing error, corrected, in the whole or in what the two do not share.
  return [
    [a.join(''), b.join('')],
    [inAnyOrder(a), inAnyOrder(b)],
    [onlyInA.join(''), onlyInB.join('')],
  ].some(([x = '', y = '']) => distance(x, y) <= 2)
}
