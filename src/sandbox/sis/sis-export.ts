import type { User } from '../roster/records.ts'
import type { Guardian } from '../school-system/household.ts'
import type { Random } from '../school-system/random.ts'
import type { Desk } from './habits.ts'
import type { WayOfSyncing } from './ways-of-syncing.ts'

/** The data that the student information system sends to Clever. */
export interface SisExport {
  /** How many more entries may name the student. */
  room(studentId: string): number
  /** The person as Clever receives it. Clever does not receive a person without entries. */
  tell(person: Guardian): Guardian
}

/** An export that sends everything unchanged. */
export const wholeExport: SisExport = { room: () => Number.POSITIVE_INFINITY, tell: (person) => person }

/** `told`: contacts that Clever already has. */
export function createSisExport({ habits }: WayOfSyncing, random: Random, told: readonly User[]): SisExport {
  const changes = habits.flatMap((habit) => ('change' in habit ? [habit.change] : []))
  const limits = habits.flatMap((habit) => ('maxEntries' in habit ? [habit.maxEntries] : []))
  const left = new Map<string, number>()
  const desk: Desk = { random, nextSisId: createSisIds(random) }

  function room(studentId: string) {
    const known = left.get(studentId)
    if (known !== undefined) return known
    const all = Math.min(...limits.map((maxEntries) => maxEntries(left.size)))
    left.set(studentId, all)
    return all
  }
  function take(studentId: string): boolean {
    const before = room(studentId)
    if (before <= 0) return false
    left.set(studentId, before - 1)
    return true
  }
  for (const { student } of told.flatMap(({ roles }) => roles.contact?.student_relationships ?? []))
    take(student)
  return {
    room,
    tell(original) {
      const person = { ...original }
      for (const change of changes) change(person, desk)
      person.entries = person.entries.filter(({ student }) => take(student))
      return person
    },
  }
}

/** Ids with gaps. They are one digit longer than those of other contacts. */
function createSisIds(random: Random): () => string {
  let last = 100_000_000
  return () => {
    last += 1 + random.below(9)
    return `C${last}`
  }
}
