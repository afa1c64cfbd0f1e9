import { z } from 'zod'
import { type DistrictId, parseUserId, type UserId } from './ids.ts'
import { idOf } from './ranges.ts'
import { parseUser, type UserRecord } from './records.ts'

/** What happened to one user, as Clever's feed tells it. */
export interface UserEvent {
  /** Ascends with time. */
  readonly id: string
  readonly kind: 'created' | 'updated' | 'deleted'
  readonly userId: UserId
  /** Of a deleted user, the last that was known; undefined where it cannot be read. */
  readonly user: UserRecord | undefined
}

export interface EventPage {
  /** In ascending order of id; without those that tell nothing readable. */
  readonly events: readonly UserEvent[]
  /** From where to go on; undefined for a page without events. */
  readonly lastId: string | undefined
  readonly isLast: boolean
}

/** Events on a page. More may be allowed; nobody has recorded it. */
export const MOST_EVENTS = 1_000

const event = z.object({
  id: z.string().refine((id) => parseUserId(id) !== undefined),
  type: z.enum(['users.created', 'users.updated', 'users.deleted']),
  data: z.object({ object: z.unknown() }),
})

/** Undefined for an event of something else, or one that does not say whom it is about. */
export function parseEvent(json: unknown, districtId: DistrictId): UserEvent | undefined {
  const { data } = event.safeParse(json)
  const userId = data && idOf(data.data.object)
  if (data === undefined || userId === undefined) return undefined
  const kind = data.type.slice('users.'.length) as UserEvent['kind']
  return { id: data.id, kind, userId, user: parseUser(data.data.object, districtId) }
}
