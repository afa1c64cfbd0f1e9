import type { UserId } from '../model/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../model/records.ts'
import { inferEntry } from '../quality/inference.ts'
import { wordKey } from '../quality/word-key.ts'
import { cluesOf } from './clues.ts'
import { type Evidence, samePerson } from './match.ts'

/**
 * The evidence that two contacts are one person: Clever gives a new id when the values behind the old one
 * change (dev.clever.com/docs/student-contacts), and districts list people twice. Undefined if they are not
 * one person, or if it is unclear. Never throws.
 */
export function isSamePerson(one: ContactRecord, other: ContactRecord): Evidence[] | undefined {
  if (one.id === other.id || !shareStudent(one, other)) return undefined
  return samePerson(cluesOf(one), cluesOf(other), () => isOtherKin(one, other))
}

function shareStudent(one: ContactRecord, other: ContactRecord): boolean {
  const students = new Set(one.relationships.map(({ studentId }) => studentId))
  return other.relationships.some(({ studentId }) => students.has(studentId))
}

type Entries = ContactRecord['relationships']

/** A father and a grandfather may share the name, the phone and the student. */
function isOtherKin(one: ContactRecord, other: ContactRecord): boolean {
  const [before, after] = [entriesByStudent(one), entriesByStudent(other)]
  return [...before].some(([studentId, entries]) => areOtherKin(entries, after.get(studentId) ?? []))
}

function entriesByStudent({ relationships }: ContactRecord): ReadonlyMap<UserId, Entries> {
  return Map.groupBy(relationships, ({ studentId }) => studentId)
}

function areOtherKin(before: Entries, after: Entries): boolean {
  const [was, is] = [kinIn(before), kinIn(after)]
  return was.length > 0 && is.length > 0 && was.every((one) => is.every((other) => isOther(one, other)))
}

interface Kin {
  readonly relationship: string
  readonly gender: 'F' | 'M' | undefined
}

/** A mother is neither a father nor a stepmother. A parent may be any of them. */
function isOther(one: Kin, other: Kin): boolean {
  const isOtherGender = one.gender !== undefined && other.gender !== undefined && one.gender !== other.gender
  return one.relationship !== other.relationship || isOtherGender
}

function kinIn(entries: Entries): readonly Kin[] {
  return entries.flatMap((entry) => kinOf(entry) ?? [])
}

function kinOf(entry: RelationshipEntry): Kin | undefined {
  const { value } = inferEntry(entry).relationship
  const words = [entry.relationship, entry.type].map(({ raw }) => wordKey(raw ?? '') ?? '')
  const isUnsaid = value === 'OTHER' || value === 'UNSPECIFIED'
  const distant = isUnsaid
    ? DISTANT.find(([, isDistant]) => words.some((word) => isDistant.test(word)))
    : undefined
  if (isUnsaid && distant === undefined) return undefined
  const [isFemale, isMale] = [FEMALE, MALE].map((gender) => words.some((word) => gender.test(word)))
  return {
    relationship: distant?.[0] ?? value,
    gender: isFemale === isMale ? undefined : isFemale ? 'F' : 'M',
  }
}

/** Words that are OTHER in the schema, and mean other people than the documented words do. */
const DISTANT: readonly (readonly [string, RegExp])[] = [
  ['STEP', /^(?:step|madrastra|padrastro)/],
  ['FOSTER', /^foster/],
  ['GREAT', /^great/],
  ['GOD', /^(?:god|madrina|padrino)/],
  ['COUSIN', /^(?:cousin|prim[oa]$)/],
  ['NO_KIN', /^(?:neighbou?r|friend|familyfriend|nanny|babysitter|sitter)/],
]
const FEMALE = /mother|madre|madrastra|aunt|sister|hermana|abuela|(?:mom|mum|ma|tia)$/
const MALE = /father|padre|padrastro|uncle|brother|hermano|abuelo|(?:dad|pa|tio)$/
