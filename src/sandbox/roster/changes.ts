import { previousAttributes } from './previous-attributes.ts'
import { type DistrictRecord, type RoleName, roleOf, type School, type User } from './records.ts'

export type Kind = 'created' | 'updated' | 'deleted'

/** One change of one record, as the events feed reports it. */
export interface Change {
  readonly type: `${'districts' | 'schools' | 'users'}.${Kind}`
  readonly object: DistrictRecord | School | User
  readonly previous?: Record<string, unknown>
}

/** Collects the changes of users since the last sync. Several changes of one user are reported as one. */
export interface PendingChanges {
  /** Call this before each change. `before` is undefined for a new user. */
  remember(id: string, before: User | undefined): void
  /** Returns the collected changes in the order of a burst, and starts an empty collection. */
  settle(current: (id: string) => User | undefined): Change[]
  /** Discards the collected changes. */
  forget(): void
}

export function createPendingChanges(): PendingChanges {
  const befores = new Map<string, User | undefined>()
  return {
    remember(id, before) {
      if (!befores.has(id)) befores.set(id, before)
    },
    settle(current) {
      const changes = [...befores].flatMap(([id, before]) => describe(before, current(id)))
      befores.clear()
      return inBurstOrder(changes)
    },
    forget: () => befores.clear(),
  }
}

function describe(before: User | undefined, after: User | undefined): UserChange[] {
  if (!before) return after ? [{ type: 'users.created', object: after }] : []
  if (!after) return [{ type: 'users.deleted', object: before }]
  const previous = previousAttributes(before, after)
  return Object.keys(previous).length > 0 ? [{ type: 'users.updated', object: after, previous }] : []
}

type UserChange = Change & { readonly object: User }

const kindOrder: readonly Change['type'][] = ['users.created', 'users.updated', 'users.deleted']
const roleOrder: readonly RoleName[] = ['student', 'teacher', 'staff', 'district_admin', 'contact']

/**
 * Seen on the wire: created before updated and, among created, students before teachers before contacts. The
 * place of deleted events was never seen. Here they are last, so that a reader never loses a contact whose id
 * changed.
 */
export function inBurstOrder(changes: readonly UserChange[]): Change[] {
  const rank = ({ type, object }: UserChange) =>
    kindOrder.indexOf(type) * 10 + roleOrder.indexOf(roleOf(object))
  return changes
    .map((change) => ({ change, rank: rank(change) }))
    .sort((a, b) => a.rank - b.rank || (a.change.object.id < b.change.object.id ? -1 : 1))
    .map(({ change }) => change)
}
