import { createIdLinks, type Links } from './links.ts'
import { type RoleName, roleNames, roleOf, type School, type User } from './records.ts'
import { createSortedList } from './sorted-list.ts'

export class UnknownRecordError extends Error {
  override readonly name = 'UnknownRecordError'
}

/** One district as its app may see it, read-only. Lists are in ascending id. */
export interface RosterView {
  readonly schools: readonly School[]
  user(id: string): User | undefined
  users(role?: RoleName): readonly User[]
  contactsOf(studentId: string): readonly User[]
  teachersOf(studentId: string): readonly User[]
  /** The shared students of a teacher or of a contact. */
  studentsOf(id: string): readonly User[]
}

export interface Roster extends RosterView {
  put(user: User): void
  remove(id: string): void
  /** Faster than one call of `put` for each record. */
  removeAll(ids: readonly string[]): void
}

/** `teaching` links teachers to their students; guardians are linked by their own relationships. */
export function createRoster(schools: readonly School[], users: readonly User[], teaching: Links): Roster {
  const byId = new Map(users.map((user) => [user.id, user]))
  const everyone = createSortedList(users)
  const ofRole = new Map(
    roleNames.map((role) => [role, createSortedList(everyone.all.filter((user) => roleOf(user) === role))]),
  )
  const caring = createIdLinks()
  const sortedSchools = createSortedList(schools)
  for (const user of users) linkStudents(user)

  function linkStudents(user: User) {
    for (const student of namedStudents(user)) caring.link(user.id, student)
  }
  function unlinkStudents(user: User) {
    for (const student of namedStudents(user)) caring.unlink(user.id, student)
  }
  function forget(id: string): User | undefined {
    const user = byId.get(id)
    if (!user) return undefined
    byId.delete(id)
    unlinkStudents(user)
    return user
  }
  const found = (ids: readonly string[]): readonly User[] =>
    createSortedList(ids.flatMap((id) => byId.get(id) ?? [])).all

  return {
    schools: sortedSchools.all,
    user: (id) => byId.get(id),
    users: (role) => (role ? (ofRole.get(role)?.all ?? []) : everyone.all),
    contactsOf: (studentId) => found(caring.to(studentId)),
    teachersOf: (studentId) => found(teaching.to(studentId)),
    studentsOf: (id) => found([...caring.from(id), ...teaching.from(id)]),
    put(user) {
      const before = byId.get(user.id)
      if (before) unlinkStudents(before)
      byId.set(user.id, user)
      everyone.put(user)
      ofRole.get(roleOf(user))?.put(user)
      linkStudents(user)
    },
    remove(id) {
      const user = forget(id)
      if (!user) return
      everyone.remove(id)
      ofRole.get(roleOf(user))?.remove(id)
    },
    removeAll(ids) {
      const gone = new Set(ids)
      for (const id of gone) forget(id)
      everyone.removeAll(gone)
      for (const list of ofRole.values()) list.removeAll(gone)
    },
  }
}

function namedStudents(user: User): readonly string[] {
  return user.roles.contact?.student_relationships.map((entry) => entry.student) ?? []
}
