import type { PendingChanges } from './changes.ts'
import type { User } from './records.ts'
import type { Roster } from './roster.ts'
import { isoTime } from './sync-times.ts'

/** Changes the roster at once, and records the change for the next burst of events. */
export interface RosterWriter {
  put(user: User): void
  /** Like `put`, for a new record. A newly shared record is not new. */
  create(user: User): void
  remove(user: User): void
  removeAll(users: readonly User[]): void
}

/** `now` in ms since 1970 stamps what is written. */
export function createRosterWriter(roster: Roster, pending: PendingChanges, now: () => number): RosterWriter {
  function put(user: User) {
    pending.remember(user.id, roster.user(user.id))
    roster.put({ ...user, last_modified: isoTime(now()) })
  }
  return {
    put,
    create: (user) => put({ ...user, created: isoTime(now()) }),
    remove(user) {
      pending.remember(user.id, user)
      roster.remove(user.id)
    },
    removeAll(users) {
      for (const user of users) pending.remember(user.id, user)
      roster.removeAll(users.map(({ id }) => id))
    },
  }
}
