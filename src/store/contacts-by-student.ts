import { createSortedMap } from './sorted-map.ts'

/** An index of the contacts of each student, because only contacts name the students. */
export interface ContactsByStudent {
  contactsOf(studentId: string): readonly string[]
  change(contactId: string, before: ReadonlySet<string>, after: ReadonlySet<string>): void
  readonly bytes: number
}

/** Two ids as a key, and its place in the tree. Measured; docs/performance.md has the figures. */
const PAIR_BYTES = 90
/** Sorts after every character of an id. */
const PAST = 'g'

/** Each pair is a key of its own, the student's id first: the contacts of a student are a range of them. */
export function createContactsByStudent(): ContactsByStudent {
  const pairs = createSortedMap<undefined>()
  // A joined string is one flat string. A template string would also keep both ids in memory.
  const pairOf = (studentId: string, contactId: string) => [studentId, contactId].join('')
  return {
    contactsOf: (studentId) =>
      pairs.getRange(studentId, studentId + PAST).map(([pair]) => pair.slice(studentId.length)),
    change(contactId, before, after) {
      for (const student of before) if (!after.has(student)) pairs.delete(pairOf(student, contactId))
      for (const student of after) if (!before.has(student)) pairs.set(pairOf(student, contactId), undefined)
    },
    get bytes() {
      return pairs.size * PAIR_BYTES
    },
  }
}
