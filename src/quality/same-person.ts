import type { UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import { readEmail } from './emails.ts'
import { inferEntry } from './inference.ts'
import { displayName, foldForSearch, normaliseText } from './names.ts'
import { digitsOf, isFiller, readPhone } from './phones.ts'

export type Evidence = 'SIS_ID' | 'NAME' | 'EMAIL' | 'PHONE'

/**
 * Whether two contacts are one person, by which evidence: Clever gives a new id when what it derived the old one from has
 * changed (dev.clever.com/docs/student-contacts), and districts list people twice. A guess, and so careful: two people of
 * one household share students, surname, e-mail and phone, and what follows from taking one for the other cannot be taken
 * back. What they do not share is the given name. Undefined when they are not, or nobody could say. Never throws.
 */
export function isSamePerson(one: ContactRecord, other: ContactRecord): Evidence[] | undefined {
  const [before, after] = [entriesByStudent(one), entriesByStudent(other)]
  const shared = [...before.keys()].filter((studentId) => after.has(studentId))
  if (one.id === other.id || shared.length === 0) return undefined

  const sisIds = compare(foldId(one.sisId), foldId(other.sisId))
  const names = compareNames(readName(one), readName(other))
  // Nearly all pairs: nothing that takes longer to compare could make them one.
  if (sisIds !== 'EQUAL' && names === 'DIFFERENT') return undefined
  const emails = compare(foldEmail(one.email), foldEmail(other.email))
  const phones = compare(foldPhone(one.phone), foldPhone(other.phone))
  const isOther = shared.some((studentId) => isOtherKin(before.get(studentId), after.get(studentId)))
  const isSame =
    sisIds === 'EQUAL' ||
    (!isOther && ENOUGH[names]({ sisIds, addresses: [emails, phones].filter((each) => each !== 'UNSAID') }))

  if (!isSame) return undefined
  const evidence: readonly [Evidence, boolean][] = [
    ['SIS_ID', sisIds === 'EQUAL'],
    ['NAME', ['SAME', 'BARE', 'MISSPELT'].includes(names)],
    ['EMAIL', emails === 'EQUAL'],
    ['PHONE', phones === 'EQUAL'],
  ]
  return evidence.filter(([, speaks]) => speaks).map(([name]) => name)
}

type Comparison = 'EQUAL' | 'DIFFERENT' | 'UNSAID'

interface Rest {
  readonly sisIds: Comparison
  /** E-mail and phone, where both contacts have one. */
  readonly addresses: readonly Comparison[]
}

type Likeness = 'SAME' | 'BARE' | 'MISSPELT' | 'PARTLY' | 'DIFFERENT'

const isConfirmed = ({ addresses }: Rest) => addresses.includes('EQUAL')
/** The SIS calls them two, and may still have corrected its id. */
const isDenied = ({ sisIds }: Rest) => sisIds === 'DIFFERENT'

/** By how alike the names are: what else it takes. */
const ENOUGH: Readonly<Record<Likeness, (rest: Rest) => boolean>> = {
  SAME: (rest) => isConfirmed(rest) || !isDenied(rest),
  // One word, such as Mom or Mrs. Smith, names nobody in particular.
  BARE: isConfirmed,
  MISSPELT: (rest) => isConfirmed(rest) || (rest.addresses.length === 0 && !isDenied(rest)),
  // A second name came or went.
  PARTLY: isConfirmed,
  // Also after a wedding: a grandmother may have the same given name, e-mail and phone.
  DIFFERENT: () => false,
}

/** Nothing equals nothing. */
function compare(one: string | undefined, other: string | undefined): Comparison {
  if (one === undefined || other === undefined) return 'UNSAID'
  return one === other ? 'EQUAL' : 'DIFFERENT'
}

/** Words that make another person, or two, of the same name. */
const TELLING: ReadonlySet<string> = new Set([
  ...['jr', 'sr', 'junior', 'senior', 'ii', 'iii', 'iv', 'v', '2nd', '3rd'],
  ...['and', 'or', 'y'],
])
const TITLES: ReadonlySet<string> = new Set([
  ...['mr', 'mrs', 'ms', 'miss', 'mx', 'dr', 'prof', 'rev', 'sra', 'srta'],
])

interface Name {
  readonly titles: string
  /** The given name first, as far as one can tell. */
  readonly words: readonly string[]
}

function compareNames(one: Name, other: Name): Likeness {
  // Mr. and Mrs. Smith.
  if (one.titles !== other.titles && one.titles !== '' && other.titles !== '') return 'DIFFERENT'
  const [a, b] = [one.words, other.words]
  if (Math.min(a.length, b.length) < 2)
    return a.length > 0 && a.join('') === b.join('') && one.titles === other.titles ? 'BARE' : 'DIFFERENT'
  if (inAnyOrder(a) === inAnyOrder(b) || a.join('') === b.join('')) return 'SAME'
  // Also Jon and John: Maria and Mario are as alike.
  return a[0] === b[0] ? compareRest(a, b) : 'DIFFERENT'
}

function compareRest(one: readonly string[], other: readonly string[]): Likeness {
  const [inOne, inOther] = [new Set(one), new Set(other)]
  const onlyInOne = one.filter((word) => !inOther.has(word))
  const onlyInOther = other.filter((word) => !inOne.has(word))
  if ([...onlyInOne, ...onlyInOther].some((word) => TELLING.has(word))) return 'DIFFERENT'
  if (onlyInOne.length === 0 || onlyInOther.length === 0) return 'PARTLY'
  const [a, b] = [onlyInOne.join(' '), onlyInOther.join(' ')]
  return isMisspelt(a, b) ? 'MISSPELT' : 'DIFFERENT'
}

/** Letters. Of two shorter words neither need be a mistake: Hill and Hall. */
const SHORTEST_MISSPELT = 5

/**
 * Two letters off, somewhere in the middle. The end tells Maria from Mario and Daniel from Daniela, who are as likely
 * where a district writes the surname first.
 */
function isMisspelt(one: string, other: string): boolean {
  return (
    Math.min(one.length, other.length) >= SHORTEST_MISSPELT &&
    one[0] === other[0] &&
    one.slice(-2) === other.slice(-2) &&
    isWithin(2, one, other)
  )
}

function readName({ name }: ContactRecord): Name {
  const words = nameWords(name)
  return {
    titles: inAnyOrder(words.filter((word) => TITLES.has(word))),
    words: words.filter((word) => !TITLES.has(word)),
  }
}

/** "Collins, Aaron" is turned, but not "Aaron Collins, Jr.". */
function nameWords(name: ContactRecord['name']): readonly string[] {
  const text = (displayName(name) ?? '').replace(/[&+/;]/g, ' and ')
  const parts = text.split(',')
  const [before, after] = parts.length === 2 ? parts.map(wordsOf) : []
  const isTurned = before !== undefined && after !== undefined && !TELLING.has(after[0] ?? '')
  return isTurned ? [...after, ...before] : wordsOf(text)
}

function wordsOf(text: string): readonly string[] {
  return foldForSearch(text)
    .split(' ')
    .filter((word) => word !== '')
}

function inAnyOrder(words: readonly string[]): string {
  return [...words].sort().join(' ')
}

/** Whether so many letters changed, added or left out make one of the other. In time linear to the length. */
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

function foldEmail(email: string | undefined): string | undefined {
  return readEmail(email).normalised ?? normaliseText(email)?.toLowerCase()
}

/**
 * Of several numbers the first. The last ten digits, as a country code may be there or not; that and the country are
 * those of Clever's districts, which are American.
 */
function foldPhone(phone: string | undefined): string | undefined {
  const digits = digitsOf(readPhone(phone, 'US').e164 ?? phone).slice(-10)
  return isFiller(digits) ? undefined : digits
}

function foldId(id: string | undefined): string | undefined {
  return normaliseText(id)?.toLowerCase()
}

type Entries = ReadonlyMap<UserId, ContactRecord['relationships']>

function entriesByStudent({ relationships }: ContactRecord): Entries {
  return Map.groupBy(relationships, ({ studentId }) => studentId)
}

/** A father and a grandfather may have one name, one phone and one grandson. */
function isOtherKin(
  before: ContactRecord['relationships'] = [],
  after: ContactRecord['relationships'] = [],
): boolean {
  const [was, is] = [kinIn(before), kinIn(after)]
  return was.size > 0 && is.size > 0 && was.isDisjointFrom(is)
}

function kinIn(entries: ContactRecord['relationships']): ReadonlySet<string> {
  const values = entries.map((entry) => inferEntry(entry).relationship.value)
  return new Set(values.filter((value) => value !== 'OTHER' && value !== 'UNSPECIFIED'))
}
