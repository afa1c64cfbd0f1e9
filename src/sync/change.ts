import type { Succession } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { firstIdAt, type UserEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'

/** Comes after each change at a place, and before those at the next. `place`: that of an event. */
export function pastEvent(place: string): string {
  return `${place}~`
}

/** The place of an event that became visible after a later one had been told. `toldAt` ascends. ms since the epoch */
export function latePlace(latestId: string, toldAt: number, eventId: string): string {
  return `${latestId}~${toldAt.toString(16).padStart(12, '0')}~${eventId}`
}

const PLACE = /^([0-9a-f]{24})(?:~[0-9a-f]{12}~([0-9a-f]{24}))?(?:\.\d+)?$/

/** The latest event that had been told together with a change; undefined for what is no id of a change. */
export function eventOf(changeId: string): string | undefined {
  return PLACE.exec(changeId)?.[1]
}

/** The event of a change, where it became visible late. */
export function lateEventOf(changeId: string): string | undefined {
  return PLACE.exec(changeId)?.[2]
}

export interface Happening {
  readonly event: UserEvent
  /** The place of the event among all that were told. */
  readonly place: string
  /** As the directory had it when the event came. */
  readonly held: ContactRecord | undefined
}

/** Undefined for an event of a user who is no contact. */
export function changeOf(districtId: DistrictId, happening: Happening): Change | undefined {
  const { event, place: id } = happening
  const toldAt = event.stampedAt ?? event.toldAt
  const what = whatHappened(happening)
  return what && { id, districtId, contactId: event.userId, previousId: undefined, toldAt, ...what }
}

/** All that were settled at once. `recordOf`: the last that is known of a contact. */
export function successionsAsChanges(
  districtId: DistrictId,
  successions: readonly Succession[],
  recordOf: (id: UserId) => ContactRecord | undefined,
): readonly Change[] {
  return successions.map(({ previousId, id: contactId, gone, come, settledAt }, index) => ({
    id: `${lastIdAt(settledAt)}.${(index + 1).toString().padStart(5, '0')}`,
    kind: 'SUCCEEDED',
    districtId,
    contactId,
    previousId,
    before: gone,
    after: recordOf(contactId) ?? come,
    toldAt: settledAt,
  }))
}

/** After every event that is told in the same second. `time`: ms since the epoch */
function lastIdAt(time: number): string {
  return firstIdAt(time).slice(0, 8) + 'f'.repeat(16)
}

function whatHappened({ event, held }: Happening): Pick<Change, 'kind' | 'before' | 'after'> | undefined {
  const told = event.user?.contact
  if (event.kind === 'deleted') return gone(told ?? held)
  // Nobody can read what became of her.
  if (event.user === undefined) return held && { kind: 'UPDATED', before: undefined, after: held }
  const before = event.previous?.contact ?? (isEarlier(held, told) ? held : undefined)
  // Somebody who was a contact has another role now.
  if (told === undefined) return gone(before ?? held)
  return event.kind === 'created'
    ? { kind: 'CREATED', before: undefined, after: told }
    : { kind: 'UPDATED', before, after: told }
}

function gone(before: ContactRecord | undefined) {
  return before && ({ kind: 'DELETED', before, after: undefined } as const)
}

/** What was read from Clever since the change is no word of what was before it. */
function isEarlier(held: ContactRecord | undefined, told: ContactRecord | undefined): boolean {
  return Date.parse(held?.lastModifiedAt ?? '') < Date.parse(told?.lastModifiedAt ?? '')
}
