import { firstIdAt, type UserEvent } from '../clever/events.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { ContactRecord } from '../clever/records.ts'
import type { Succession } from './successions.ts'

/** What happened to one contact, for whomever. Who may hear of it, and of what in it, is decided elsewhere. */
export interface Change {
  /**
   * Its place among the changes of its district. Places ascend in the order in which changes were told. It is the id of the
   * event, or for an event that became visible late a place behind the latest one. The place of SUCCEEDED is the time at
   * which the succession was settled, as the last id of that second, with a number behind.
   */
  readonly id: string
  readonly kind: 'CREATED' | 'UPDATED' | 'DELETED' | 'SUCCEEDED'
  readonly districtId: DistrictId
  readonly contactId: UserId
  /** Of SUCCEEDED: in whose place the contact came. */
  readonly previousId: UserId | undefined
  /** Of UPDATED and SUCCEEDED undefined where nobody can say; of SUCCEEDED, the record of the previous contact. */
  readonly before: ContactRecord | undefined
  /** Undefined for DELETED. */
  readonly after: ContactRecord | undefined
  /** As Clever wrote it, by its own clock. ms since the epoch */
  readonly toldAt: number
}

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
