import type { UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import { inferEntry } from '../quality/inference.ts'
import { cluesOf } from './clues.ts'
import { type Evidence, samePerson } from './match.ts'

/**
 * Whether two contacts are one person, by which evidence: Clever gives a new id when what it derived the old one from has
 * changed (dev.clever.com/docs/student-contacts), and districts list people twice. Undefined when they are not, or it
 * cannot be told. Never throws.
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

/** A father and a grandfather may have one name, one phone and one grandson. */
function isOtherKin(one: ContactRecord, other: ContactRecord): boolean {
  const [before, after] = [entriesByStudent(one), entriesByStudent(other)]
  return [...before].some(([studentId, entries]) => areOtherKin(entries, after.get(studentId) ?? []))
}

function entriesByStudent({ relationships }: ContactRecord): ReadonlyMap<UserId, Entries> {
  return Map.groupBy(relationships, ({ studentId }) => studentId)
}

function areOtherKin(before: Entries, after: Entries): boolean {
  const [was, is] = [kinIn(before), kinIn(after)]
  return was.size > 0 && is.size > 0 && was.isDisjointFrom(is)
}

function kinIn(entries: Entries): ReadonlySet<string> {
  const values = entries.map((entry) => inferEntry(entry).relationship.value)
  return new Set(values.filter((value) => value !== 'OTHER' && value !== 'UNSPECIFIED'))
}
