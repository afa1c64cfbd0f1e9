import { z } from 'zod'
import { type AheadEvent, type EventPage, timeOfEvent, type UserEvent } from '../model/events.ts'
import { type DistrictId, parseUserId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import { idOf } from '../model/ranges.ts'
import type { UserRecord } from '../model/records.ts'
import type { CleverClock } from './clock-skew.ts'
import { mapInSlices } from './map-in-slices.ts'
import { parseUser } from './records.ts'

/** The number of events requested on a page. It is not known whether Clever allows more. */
export const MAX_PAGE_EVENTS = 1_000

/** How far an id may be ahead of Clever's clock, because that clock is only estimated. ms */
const MAX_AHEAD_MS = 86_400_000

const fields = z.record(z.string(), z.unknown())

const event = z.object({
  id: z.string().refine((id) => parseUserId(id) !== undefined),
  created: z.iso.datetime({ offset: true }).optional().catch(undefined),
  data: z.object({ object: z.unknown(), previous_attributes: fields.optional().catch(undefined) }),
})

const typed = z.object({ type: z.string().transform((type) => type.toLowerCase()) })

const KINDS = ['created', 'updated', 'deleted'] as const

/** Whether the event with this id need not be read again. */
export type IsKnown = (id: string) => boolean

interface EventItems {
  readonly items: readonly unknown[]
  /** Where the page begins. */
  readonly after: string | undefined
  readonly districtId: DistrictId
  readonly cleverClock: CleverClock
  readonly keptFields?: KeptFields | undefined
  readonly isKnown: IsKnown | undefined
}

/** Costs 0.1 ms an event, in slices that let other work run. */
export async function readEvents({
  items,
  after,
  districtId,
  cleverClock,
  keptFields,
  isKnown = () => false,
}: EventItems): Promise<Omit<EventPage, 'isLast'>> {
  const latest = cleverClock.now() + MAX_AHEAD_MS
  const isAhead = (id: string) => timeOfEvent(id) > latest
  const events: UserEvent[] = []
  const ahead: AheadEvent[] = []
  const unreadable: string[] = []
  const ids = items.map(idOf)
  let previousId = after ?? ''
  let nameless = 0
  const parsed = await mapInSlices(items, (item) => {
    const id = idOf(item)
    return id !== undefined && isKnown(id) ? 'OTHER' : parseEvent(item, districtId, cleverClock, keptFields)
  })
  for (const [index, each] of parsed.entries()) {
    const id = ids[index]
    if (typeof each === 'object') (isAhead(each.id) ? ahead : events).push(each)
    if (id === undefined) nameless += 1
    else {
      previousId = id
      nameless = 0
    }
    if (each === 'UNREADABLE') unreadable.push(id ?? `${previousId}+${nameless}`)
  }
  events.sort((a, b) => (a.id < b.id ? -1 : 1))
  const present = ids.filter((id) => id !== undefined).sort()
  return {
    events,
    unreadable,
    ahead,
    lastId: present.findLast((id) => !isAhead(id)),
    endsWith: present.at(-1),
  }
}

/**
 * OTHER for an event that is not about a user. UNREADABLE for an event of an unknown user. If only the kind
 * or the record cannot be read, the user counts as updated with an unreadable record.
 */
export function parseEvent(
  json: unknown,
  districtId: DistrictId,
  cleverClock: CleverClock,
  keptFields?: KeptFields,
): UserEvent | 'OTHER' | 'UNREADABLE' {
  const type = typed.safeParse(json).data?.type
  if (type !== undefined && !type.startsWith('users.')) return 'OTHER'
  const { data } = event.safeParse(json)
  const userId = data && idOf(data.data.object)
  if (data === undefined || userId === undefined) return 'UNREADABLE'
  const kind = KINDS.find((each) => type === `users.${each}`)
  const cleverOccurredAt = stampOf(data, cleverClock)
  const occurredAt = cleverClock.toOurs(cleverOccurredAt)
  return {
    id: data.id,
    kind: kind ?? 'updated',
    userId,
    occurredAt,
    cleverOccurredAt: occurredAt === cleverOccurredAt ? undefined : cleverOccurredAt,
    user: kind && parseUser(data.data.object, districtId, keptFields),
    previous: previousOf(data.data, districtId, keptFields),
  }
}

/** By Clever's clock. The id holds the time too, if `created` is missing or impossible. */
function stampOf({ id, created }: z.infer<typeof event>, cleverClock: CleverClock): number {
  const written = Date.parse(created ?? '')
  return written <= cleverClock.now() + MAX_AHEAD_MS ? written : timeOfEvent(id)
}

/** Clever reports the old values of changed fields, nested as in the record, and the whole list for a list. */
function previousOf(data: Data, districtId: DistrictId, kept?: KeptFields): UserRecord | undefined {
  const { object, previous_attributes: previous } = data
  return previous && parseUser(laidOver(object, previous, DEPTH), districtId, kept)
}

type Data = z.infer<typeof event>['data']

/** The nested objects of a record whose fields are read: the record, its roles, a role. */
const DEPTH = 3

function laidOver(now: unknown, before: unknown, depth: number): unknown {
  if (depth === 0) return before
  const [current, old] = [fields.safeParse(now).data, fields.safeParse(before).data]
  if (current === undefined || old === undefined) return before
  const laid = Object.entries(old).map(([key, value]) => [key, laidOver(current[key], value, depth - 1)])
  return { ...current, ...Object.fromEntries(laid) }
}
