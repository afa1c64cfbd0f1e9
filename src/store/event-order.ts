import { type EncodedRecord, encodeForRole, modifiedAtOf } from '../model/codec.ts'
import type { UserEvent } from '../model/events.ts'
import type { Role } from '../model/ranges.ts'

/** The version of a record that an event reported. All times are ms since the epoch. */
export interface EventVersion {
  /** Ascends with time, also within the second of `occurredAt`. */
  readonly eventId: string
  /** Undefined for a record that is gone from the role. */
  readonly encoded: EncodedRecord | undefined
  /** Whether the record was created, or shared again. */
  readonly isCreation: boolean
  /** Whether the record changed in a way that cannot be read. */
  readonly isUnreadable: boolean
  /** When the reported record was modified, by Clever's clock; NaN if the record has no such time. */
  readonly modifiedAt: number
  /** When Clever reported the event, by our clock and by its own, and when the gateway received it. */
  readonly occurredAt: number
  readonly cleverOccurredAt: number
  readonly receivedAt: number
}

/** Which of two versions of a record is newer. UNKNOWN if only Clever can tell. */
export type NewerSource = 'EVENT' | 'ANSWER' | 'UNKNOWN'

/** The precision of the known difference between Clever's clock and ours. ms */
const TOLERANCE_MS = 5_000
/** A record that is shared again was rarely modified within this time before. ms */
const RECENT_MS = 3_600_000
/** Clever stamps events by whole seconds. */
const RESOLUTION_MS = 1_000

export function eventVersion(role: Role, event: UserEvent, receivedAt: number): EventVersion {
  const { kind, user, occurredAt, cleverOccurredAt = occurredAt } = event
  const record = user?.[role] ?? user?.contact ?? user?.student
  return {
    eventId: event.id,
    encoded: kind === 'deleted' || user === undefined ? undefined : encodeForRole(role, user),
    isCreation: kind === 'created',
    isUnreadable: kind !== 'deleted' && user === undefined,
    modifiedAt: Date.parse(record?.lastModifiedAt ?? ''),
    occurredAt,
    cleverOccurredAt,
    receivedAt,
  }
}

/**
 * Whether an event was reported clearly before a call was sent. Then it is older than the answer, as far as times alone
 * can say.
 */
export function isOutdated({ occurredAt }: Pick<EventVersion, 'occurredAt'>, asOf: number): boolean {
  return occurredAt < asOf - TOLERANCE_MS
}

/**
 * Chooses which of two events about one record to remember, because events may become visible in a different
 * order. The times of the record cannot order a deletion and later events: a record that is shared again
 * keeps its old time.
 */
export function latestVersion(one: EventVersion, other: EventVersion): EventVersion {
  const isEither = (one.encoded === undefined) !== (other.encoded === undefined)
  if (isEither && occurredAfter(other, one)) return other
  const isOther = other.modifiedAt === one.modifiedAt || Number.isNaN(other.modifiedAt - one.modifiedAt)
  return (isOther ? other.occurredAt >= one.occurredAt : other.modifiedAt > one.modifiedAt) ? other : one
}

function occurredAfter(other: EventVersion, one: EventVersion): boolean {
  return other.occurredAt === one.occurredAt ? other.eventId > one.eventId : other.occurredAt > one.occurredAt
}

/**
 * The same for an answer that arrives after the event. If its call was also sent after the event arrived, the answer
 * includes the event's change: then it decides where the times cannot, and a record that it lacks is gone.
 */
export function newerSourceForLaterRead(
  version: EventVersion,
  held: EncodedRecord | undefined,
  asOf: number,
): NewerSource {
  const newer = newerSource(version, held, asOf)
  const isOpen = newer === 'UNKNOWN' || (held === undefined && version.encoded !== undefined)
  return isOpen && asOf >= version.receivedAt ? 'ANSWER' : newer
}

/**
 * Compares an event with Clever's answer to a call that was sent at `asOf` (by our clock), or that was confirmed until
 * then. `held` is the record in the answer, or undefined if the answer says that there is none. The record's own times
 * decide. If they cannot, the time of the event does.
 */
export function newerSource(
  version: EventVersion,
  held: EncodedRecord | undefined,
  asOf: number,
): NewerSource {
  if (version.isUnreadable) return isOutdated(version, asOf) ? 'ANSWER' : 'UNKNOWN'
  return held === undefined
    ? newerThanAbsence(version, asOf)
    : newerThanRecord(version, modifiedAtOf(held), asOf)
}

/** A record that was modified before it was found to be absent may have been deleted since, or shared again. */
function newerThanAbsence(version: EventVersion, asOf: number): NewerSource {
  if (version.encoded === undefined) return 'EVENT'
  if (isOutdated(version, asOf)) return 'ANSWER'
  const age = asOf - (version.modifiedAt - (version.cleverOccurredAt - version.occurredAt))
  const isSharedAgain = version.isCreation && age > RECENT_MS
  return age > TOLERANCE_MS && !isSharedAgain ? 'UNKNOWN' : 'EVENT'
}

/** A record that is newer than what was deleted may have been created again. */
function newerThanRecord(version: EventVersion, heldAt: number, asOf: number): NewerSource {
  const isDeletion = version.encoded === undefined
  const isOlder =
    version.modifiedAt < heldAt ||
    (Number.isNaN(version.modifiedAt) && version.cleverOccurredAt + RESOLUTION_MS <= heldAt)
  if (isOlder) return isDeletion ? 'UNKNOWN' : 'ANSWER'
  if (!isOutdated(version, asOf)) return 'EVENT'
  if (version.modifiedAt > heldAt) return isDeletion ? 'UNKNOWN' : 'EVENT'
  return 'ANSWER'
}
