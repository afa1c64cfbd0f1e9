import type { UserEvent } from '../model/events.ts'
import type { Role } from '../model/ranges.ts'
import { modifiedAtOf, type Packed } from './codec.ts'
import { packRole } from './encode-rows.ts'

/** What an event has told of one record. All times are ms since the epoch. */
export interface Told {
  /** Ascends with time, also within the second of `toldAt`. */
  readonly eventId: string
  /** Undefined for a record that is gone from the role. */
  readonly packed: Packed | undefined
  /** Whether the record was created, or shared again. */
  readonly isCreation: boolean
  /** Whether the record changed in a way that cannot be read. */
  readonly isUnreadable: boolean
  /** Of the record that the event has, by Clever's clock; NaN where it does not say. */
  readonly modifiedAt: number
  /** When Clever told it, by our clock and by its own, and when it was heard. */
  readonly toldAt: number
  readonly stampedAt: number
  readonly heardAt: number
}

/** Which of two statements about one record is newer; UNKNOWN where only Clever can answer it. */
export type Newer = 'EVENT' | 'ANSWER' | 'UNKNOWN'

/** How exactly the difference between Clever's clock and ours is known. ms */
const TOLERANCE = 5_000
/** A record that is shared again was seldom modified so shortly before. ms */
const RECENT = 3_600_000
/** Clever stamps events by whole seconds. */
const RESOLUTION = 1_000

export function toldOf(role: Role, event: UserEvent, heardAt: number): Told {
  const { kind, user, toldAt, stampedAt = toldAt } = event
  const record = user?.[role] ?? user?.contact ?? user?.student
  return {
    eventId: event.id,
    packed: kind === 'deleted' || user === undefined ? undefined : packRole(role, user),
    isCreation: kind === 'created',
    isUnreadable: kind !== 'deleted' && user === undefined,
    modifiedAt: Date.parse(record?.lastModifiedAt ?? ''),
    toldAt,
    stampedAt,
    heardAt,
  }
}

/** An event that was told clearly before a call was sent is older than the answer to it, as far as times alone can say. */
export function isOutdated({ toldAt }: Pick<Told, 'toldAt'>, since: number): boolean {
  return toldAt < since - TOLERANCE
}

/**
 * Of two events about one record, the one to remember: they may become visible in another order than they happened in. A
 * deletion and what comes after it are not ordered by the times of the record: a record that is shared again has its old time.
 */
export function laterOf(one: Told, other: Told): Told {
  const isEither = (one.packed === undefined) !== (other.packed === undefined)
  if (isEither && isToldAfter(other, one)) return other
  const isOther = other.modifiedAt === one.modifiedAt || Number.isNaN(other.modifiedAt - one.modifiedAt)
  return (isOther ? other.toldAt >= one.toldAt : other.modifiedAt > one.modifiedAt) ? other : one
}

function isToldAfter(other: Told, one: Told): boolean {
  return other.toldAt === one.toldAt ? other.eventId > one.eventId : other.toldAt > one.toldAt
}

/**
 * The same for an answer that comes after the event was heard. Where its call was sent after that, too, it leaves no doubt: what
 * the event tells of was so by then.
 */
export function newerOfLater(told: Told, held: Packed | undefined, since: number): Newer {
  const newer = newerOf(told, held, since)
  return newer === 'UNKNOWN' && since >= told.heardAt ? 'ANSWER' : newer
}

/**
 * Weighs an event against an answer of Clever's to a call that was sent at `since` (by our clock), or that was vouched for until
 * then. `held` is the record in the answer, undefined where the answer says that there is none. The record's own times decide,
 * and where they cannot, the time at which the event was told.
 */
export function newerOf(told: Told, held: Packed | undefined, since: number): Newer {
  if (told.isUnreadable) return isOutdated(told, since) ? 'ANSWER' : 'UNKNOWN'
  return held === undefined ? newerThanAbsence(told, since) : newerThanRecord(told, modifiedAtOf(held), since)
}

/** A record that was modified before it was found to be absent may have been deleted since, or shared again. */
function newerThanAbsence(told: Told, since: number): Newer {
  if (told.packed === undefined) return 'EVENT'
  if (isOutdated(told, since)) return 'ANSWER'
  const age = since - (told.modifiedAt - (told.stampedAt - told.toldAt))
  const isSharedAgain = told.isCreation && age > RECENT
  return age > TOLERANCE && !isSharedAgain ? 'UNKNOWN' : 'EVENT'
}

/** A record that is newer than what was deleted may have been created again. */
function newerThanRecord(told: Told, heldAt: number, since: number): Newer {
  const isDeletion = told.packed === undefined
  const isOlder =
    told.modifiedAt < heldAt || (Number.isNaN(told.modifiedAt) && told.stampedAt + RESOLUTION <= heldAt)
  if (isOlder) return isDeletion ? 'UNKNOWN' : 'ANSWER'
  if (!isOutdated(told, since)) return 'EVENT'
  if (told.modifiedAt > heldAt) return isDeletion ? 'UNKNOWN' : 'EVENT'
  return 'ANSWER'
}
