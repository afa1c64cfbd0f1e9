import type { IdChange } from '../identity/id-history.ts'
import type { Change } from '../model/change.ts'
import { firstIdAt, type UserEvent } from '../model/events.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { ContactRecord } from '../model/records.ts'

/** An id that sorts after the changes at an event's position, and before those at the next position. */
export function afterEvent(position: string): string {
  return `${position}~`
}

/**
 * The position of an event that became visible after a later one was delivered. `occurredAt` ascends. ms since the epoch
 */
export function lateEventPosition(latestId: string, occurredAt: number, eventId: string): string {
  return `${latestId}~${occurredAt.toString(16).padStart(12, '0')}~${eventId}`
}

const POSITION = /^([0-9a-f]{24})(?:~([0-9a-f]{12})~([0-9a-f]{24}))?(?:\.\d+)?$/

/** The latest event that was delivered with a change; undefined if the text is not the id of a change. */
export function eventOf(changeId: string): string | undefined {
  return POSITION.exec(changeId)?.[1]
}

/** The event of a change, where it became visible late. */
export function lateEventOf(changeId: string): string | undefined {
  return POSITION.exec(changeId)?.[3]
}

/** The time in the position of a late event. ms since the epoch */
export function lateTimeOf(position: string): number {
  return Number.parseInt(POSITION.exec(position)?.[2] ?? '', 16) || 0
}

export interface EventWithContext {
  readonly event: UserEvent
  /** The position of the event among all that were delivered. */
  readonly position: string
  /** The record in the store when the event came. */
  readonly heldRecord: ContactRecord | undefined
}

/** Undefined for an event of a user who is not a contact. */
export function changeOf(districtId: DistrictId, eventWithContext: EventWithContext): Change | undefined {
  const { event, position: id } = eventWithContext
  const occurredAt = event.cleverOccurredAt ?? event.occurredAt
  const what = whatHappened(eventWithContext)
  return what && { id, districtId, contactId: event.userId, previousId: undefined, occurredAt, ...what }
}

/** The changes for id changes that were settled together. `recordOf`: the last known record of a contact. */
export function idChangesAsChanges(
  districtId: DistrictId,
  idChanges: readonly IdChange[],
  recordOf: (id: UserId) => ContactRecord | undefined,
): readonly Change[] {
  const inSecond = new Map<string, number>()
  return idChanges.map(({ previousId, id: contactId, deleted, created, settledAt }) => ({
    id: numberedId(lastIdAt(settledAt), inSecond),
    kind: 'SUCCEEDED',
    districtId,
    contactId,
    previousId,
    before: deleted,
    after: recordOf(contactId) ?? created,
    occurredAt: settledAt,
  }))
}

/** Counts within the second, so that the number does not depend on what else is settled at the same time. */
function numberedId(id: string, counts: Map<string, number>): string {
  const count = (counts.get(id) ?? 0) + 1
  counts.set(id, count)
  return `${id}.${count.toString().padStart(5, '0')}`
}

/** Comes after every event of the same second. `time`: ms since the epoch */
function lastIdAt(time: number): string {
  return firstIdAt(time).slice(0, 8) + 'f'.repeat(16)
}

function whatHappened({
  event,
  heldRecord,
}: EventWithContext): Pick<Change, 'kind' | 'before' | 'after'> | undefined {
  const current = event.user?.contact
  if (event.kind === 'deleted') return deletion(current ?? heldRecord)
  // The new record cannot be read.
  if (event.user === undefined) return heldRecord && { kind: 'UPDATED', before: undefined, after: heldRecord }
  const before = event.previous?.contact ?? (isEarlier(heldRecord, current) ? heldRecord : undefined)
  // The user was a contact, and has another role now.
  if (current === undefined) return deletion(before ?? heldRecord)
  return event.kind === 'created'
    ? { kind: 'CREATED', before: undefined, after: current }
    : { kind: 'UPDATED', before, after: current }
}

function deletion(before: ContactRecord | undefined) {
  return before && ({ kind: 'DELETED', before, after: undefined } as const)
}

/** A record that was read after the change does not show the record before it. */
function isEarlier(heldRecord: ContactRecord | undefined, current: ContactRecord | undefined): boolean {
  return Date.parse(heldRecord?.lastModifiedAt ?? '') < Date.parse(current?.lastModifiedAt ?? '')
}
