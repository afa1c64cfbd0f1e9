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
  /** When Clever told it, by Clever's clock, in ms since the epoch; what it tells of was then so, or had been. */
  readonly toldAt: number
  /** Of a deleted user, the last that was known; undefined where it cannot be read. */
  readonly user: UserRecord | undefined
  /** Of an updated user, what was before; undefined where Clever does not say. */
  readonly previous?: UserRecord | undefined
}

export interface EventPage {
  /** In ascending order of id. */
  readonly events: readonly UserEvent[]
  /** Whether something happened to somebody, and nobody can read to whom. */
  readonly hasUnreadable: boolean
  /** From where to go on; undefined for a page without events. */
  readonly lastId: string | undefined
  readonly isLast: boolean
}

/** Events on a page. More may be allowed; nobody has recorded it. */
export const MOST_EVENTS = 1_000

const fields = z.record(z.string(), z.unknown())

const event = z.object({
  id: z.string().refine((id) => parseUserId(id) !== undefined),
  type: z.string().startsWith('users.'),
  created: z.iso.datetime({ offset: true }).optional().catch(undefined),
  data: z.object({ object: z.unknown(), previous_attributes: fields.optional().catch(undefined) }),
})

const KINDS = new Set(['created', 'updated', 'deleted'])

/** Undefined for one that does not say whom it is about. What happened in an unknown way has made the user unreadable. */
export function parseEvent(json: unknown, districtId: DistrictId): UserEvent | undefined {
  const { data } = event.safeParse(json)
  const userId = data && idOf(data.data.object)
  if (data === undefined || userId === undefined) return undefined
  const word = data.type.slice('users.'.length)
  const isKnown = KINDS.has(word)
  return {
    id: data.id,
    kind: isKnown ? (word as UserEvent['kind']) : 'updated',
    userId,
    toldAt: data.created === undefined ? timeOfEvent(data.id) : Date.parse(data.created),
    user: isKnown ? parseUser(data.data.object, districtId) : undefined,
    previous: previousOf(data.data, districtId),
  }
}

/** Clever tells the old values of what has changed, nested as in the record, and of lists the whole list. */
function previousOf(data: Data, districtId: DistrictId): UserRecord | undefined {
  const { object, previous_attributes: previous } = data
  return previous && parseUser(laidOver(object, previous), districtId)
}

type Data = z.infer<typeof event>['data']

function laidOver(now: unknown, before: unknown): unknown {
  const [current, old] = [fields.safeParse(now).data, fields.safeParse(before).data]
  if (current === undefined || old === undefined) return before
  const laid = Object.entries(old).map(([key, value]) => [key, laidOver(current[key], value)])
  return { ...current, ...Object.fromEntries(laid) }
}

/** An ObjectId begins with the second at which it was made. ms since the epoch */
export function timeOfEvent(id: string): number {
  return Number.parseInt(id.slice(0, 8), 16) * 1_000
}

/** Before every id that was made then, or later. `time`: ms since the epoch */
export function firstIdAt(time: number): string {
  return `${Math.floor(time / 1_000)
    .toString(16)
    .padStart(8, '0')}${'0'.repeat(16)}`
}
