import type { UserId } from '../model/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../model/records.ts'
import { decodeHtml } from './html-entities.ts'
import { displayName, foldForSearch } from './names.ts'
import {
  ACTIONS,
  ACTIONS_IN_ENTRIES,
  ACTIONS_NOT_IN_ADDRESSES,
  ANSWERED,
  ANSWERS,
  FILLERS,
  GLUED,
  NEGATIONS,
  NO_NOTES,
  NO_ORDER,
  OCCASIONS,
  ORDERS,
  PHRASES,
  PHRASES_IN_ENTRIES,
  PHRASES_NOT_IN_NAMES,
} from './restriction-words.ts'

/**
 * The field of a text. Some words are names in one field, and some are about how to reach a person in
 * another.
 */
type Place = 'ENTRY' | 'NAME' | 'ADDRESS'

const anyOf = (words: readonly string[]) => `(?:${words.join('|')})`

const PATTERNS: Readonly<Record<Place, RegExp>> = {
  ENTRY: pattern(
    [...PHRASES, ...PHRASES_NOT_IN_NAMES, ...PHRASES_IN_ENTRIES],
    [...ACTIONS, ...ACTIONS_NOT_IN_ADDRESSES, ...ACTIONS_IN_ENTRIES],
  ),
  NAME: pattern(PHRASES, [...ACTIONS, ...ACTIONS_NOT_IN_ADDRESSES]),
  ADDRESS: pattern([...PHRASES, ...PHRASES_NOT_IN_NAMES], ACTIONS, OCCASIONS),
}

function pattern(
  phrases: readonly string[],
  actions: readonly string[],
  occasions: readonly string[] = [],
): RegExp {
  const unless = occasions.length > 0 ? `(?! ${anyOf(occasions)})` : ''
  const action = `${anyOf(NEGATIONS)}(?: ${anyOf(FILLERS)}){0,4} ${anyOf(actions)}${unless}`
  const answer = `${anyOf(ANSWERED)} ${anyOf(ANSWERS)}`
  return new RegExp(`(?:^| )(?:${anyOf(phrases)}|${action}|${answer})(?: |$)|${anyOf(GLUED)}`)
}

/**
 * Whether a text has a note such as "NO CONTACT", according to the table of words. Spacing, punctuation,
 * accents and zeros for the letter O do not count. Never throws; the cost is linear.
 */
export function isRestrictionNote(text: string | undefined, place: Place): boolean {
  const decoded = decodeHtml(text ?? '')
  // Most phones and all e-mails of one address return here.
  if (!/\p{L}/u.test(decoded)) return false
  const folded = foldNote(decoded)
  return PATTERNS[place].test(folded) && !NO_NOTES.has(folded) && !saysNoOrder(decoded, folded)
}

/**
 * Punctuation is ignored, although "NO: court order" is an answer and a note, and "No custody; court order"
 * is two notes.
 */
const NEGATED =
  /^\P{L}*(?:no|not|without|sin|ninguna?)(?:\s+\p{L}+)+\P{L}*$|^\P{L}*\p{L}+(?:\s+\p{L}+)*\P{L}+(?:no|none|n|ninguna?)\P{L}*$/iu
const OF_NO_ORDER = new RegExp(`^(?:(?:${[...NO_ORDER, ...ORDERS].join('|')})(?: |$))+$`)
const OF_ORDER = new RegExp(`(?:^| )${anyOf(ORDERS)}(?: |$)`)

function saysNoOrder(written: string, folded: string): boolean {
  return NEGATED.test(written) && OF_ORDER.test(folded) && OF_NO_ORDER.test(folded)
}

function foldNote(text: string): string {
  const words = foldForSearch(text.replace(/['’‘ʼ`´]/g, ''))
  return (
    words
      // Single letters in a row are one word, such as N O C O N T A C T. "A 1" are two words.
      .replace(/(?<=(?:^| )[a-z]) (?=[a-z](?: |$))/g, '')
      .replace(/(?<=[a-z])0|0(?=[a-z])/g, 'o')
  )
}

/** The students that a contact's restriction notes are about. */
export type RestrictedStudents = 'EVERY_STUDENT' | ReadonlySet<UserId>

const NO_STUDENTS: ReadonlySet<UserId> = new Set()
const known = new WeakMap<ContactRecord, RestrictedStudents>()

/**
 * The students of a contact's restricted pairs. A note in the name, the phone or the e-mail is about every student, and
 * one in an entry about that student. Remembered for each record. Linear in its size. Never throws.
 */
export function restrictedStudents(contact: ContactRecord): RestrictedStudents {
  const restricted = known.get(contact)
  if (restricted !== undefined) return restricted
  const found = findRestricted(contact)
  known.set(contact, found)
  return found
}

export function isRestricted(contact: ContactRecord, studentId: UserId): boolean {
  const restricted = restrictedStudents(contact)
  return restricted === 'EVERY_STUDENT' || restricted.has(studentId)
}

function findRestricted(contact: ContactRecord): RestrictedStudents {
  // The part that was truncated may have a note.
  if (contact.isTruncated || hasOwnNote(contact)) return 'EVERY_STUDENT'
  const noted = contact.relationships.filter(hasNoteInEntry)
  return noted.length === 0 ? NO_STUDENTS : new Set(noted.map(({ studentId }) => studentId))
}

/** Whether a note stands in the name, the phone or the e-mail. */
export function hasOwnNote({ name, email, phone, phoneType }: ContactRecord): boolean {
  return (
    isRestrictionNote(displayName(name), 'NAME') ||
    isRestrictionNote(phone, 'ADDRESS') ||
    (!phoneType.isKnown && isRestrictionNote(phoneType.raw, 'ADDRESS')) ||
    isRestrictionNote(withoutAddresses(email), 'ADDRESS')
  )
}

/** A documented word is not a note. */
export function hasNoteInEntry({ relationship, type }: RelationshipEntry): boolean {
  return [relationship, type].some((word) => !word.isKnown && isRestrictionNote(word.raw, 'ENTRY'))
}

/** no.contact@example.org is an address and not a note. */
function withoutAddresses(email: string | undefined): string | undefined {
  return email
    ?.split(/[\s<>,;()]+/)
    .filter((part) => !part.includes('@'))
    .join(' ')
}
