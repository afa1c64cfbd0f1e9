import type { User } from './records.ts'
import { type RosterView, UnknownRecordError } from './roster.ts'
import type { RosterWriter } from './roster-writer.ts'

/** The students that the district shares with the app. A relationship may also name other students. */
export interface Sharing {
  /** Throws UnknownRecordError unless the student is shared. */
  unshareStudent(studentId: string): void
  /** Throws UnknownRecordError unless the student is one of `withheld()`. */
  shareStudent(studentId: string): void
  /** Ids, ascending. */
  withheld(): readonly string[]
}

export function createSharing(
  roster: RosterView,
  { put, remove }: RosterWriter,
  unshared: readonly User[],
): Sharing {
  const hidden = new Map(unshared.map((student) => [student.id, student]))
  return {
    unshareStudent(studentId) {
      const student = roster.user(studentId)
      if (!student?.roles.student) throw new UnknownRecordError(`no shared student ${studentId}`)
      remove(student)
      hidden.set(studentId, student)
    },
    shareStudent(studentId) {
      const student = hidden.get(studentId)
      if (!student) throw new UnknownRecordError(`no unshared student ${studentId}`)
      put(student)
      hidden.delete(studentId)
    },
    withheld: () => [...hidden.keys()].sort(),
  }
}
