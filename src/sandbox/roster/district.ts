import { hash } from 'node:crypto'
import type { SchoolSystem } from '../school-system/school-system.ts'
import { type Change, createPendingChanges, inBurstOrder } from './changes.ts'
import { type ContactChanges, createContactChanges } from './contact-changes.ts'
import { createEventFeed, type EventFeed } from './event-feed.ts'
import { createMassChanges, type MassChanges } from './mass-changes.ts'
import type { DistrictRecord, RoleName } from './records.ts'
import { createRoster, type RosterView } from './roster.ts'
import { createRosterWriter } from './roster-writer.ts'
import { createSharing, type Sharing } from './sharing.ts'
import { eventDelayMs, isoTime } from './sync-times.ts'

/** Whether the district lets the app read events. */
export type EventsState = 'on' | 'off'

/**
 * One district and the operations that change it. A change shows in the REST API at once and in the events
 * feed after `sync()`.
 */
export interface SandboxDistrict extends ContactChanges, MassChanges, Omit<Sharing, 'withheld'> {
  readonly id: string
  readonly name: string
  /** The district-app token that Clever accepts now. */
  readonly token: string
  readonly roster: RosterView
  /** Ids in ascending order: the shared students, and those that only relationships name. */
  readonly students: readonly string[]
  readonly unsharedStudents: readonly string[]
  readonly contacts: readonly string[]
  /** Sets `state`, `error` and the like of the district record, as Clever does while a sync is held or fails. */
  editRecord(change: Readonly<Record<string, unknown>>): void
  /** Returns the new token; the old one is refused from now on. */
  rotateToken(): string
  /**
   * While events are off, the feed does not exist. Changes that were not reported by then, and changes made
   * until events are on again, are never reported. Older events are kept.
   */
  setEvents(state: EventsState): void
  /** Publishes the changes as one burst of events, if events are on. */
  sync(): void
}

/** The internals of a district that the API needs and tests do not see. */
export interface ServedDistrict extends SandboxDistrict {
  readonly record: DistrictRecord
  readonly events: EventFeed
  readonly eventsState: EventsState
}

export interface DistrictOptions {
  readonly seed: number
  /** Ms since 1970. */
  readonly now: () => number
  /** End of the sync whose events the feed starts with, in ms since 1970. */
  readonly lastSync: number
  /** If events are off, the feed starts empty. */
  readonly events: EventsState
}

export function createDistrict(
  school: SchoolSystem,
  { seed, now, lastSync, ...options }: DistrictOptions,
): ServedDistrict {
  const roster = createRoster(school.schools, school.users, school.teaching)
  const pending = createPendingChanges()
  const writer = createRosterWriter(roster, pending, now)
  const { withheld, ...sharing } = createSharing(roster, writer, school.unsharedStudents)
  const events = createEventFeed(now)
  let eventsState = options.events
  if (eventsState === 'on') {
    events.publish(firstBurst(school.record, roster, lastSync), lastSync + eventDelayMs)
  }
  let record = school.record
  let rotations = 0

  const token = () => hash('sha1', `${seed} ${record.id} ${rotations}`)
  const ids = (role: RoleName) => roster.users(role).map(({ id }) => id)

  return {
    ...createContactChanges(roster, writer),
    ...createMassChanges(roster, writer),
    ...sharing,
    id: record.id,
    get name() {
      return record.name
    },
    get token() {
      return token()
    },
    get record() {
      return record
    },
    get students() {
      return ids('student')
    },
    get unsharedStudents() {
      return withheld()
    },
    get contacts() {
      return ids('contact')
    },
    roster,
    events,
    get eventsState() {
      return eventsState
    },
    editRecord(change) {
      record = { ...record, ...change, id: record.id }
    },
    rotateToken() {
      rotations += 1
      return token()
    },
    setEvents(state) {
      if (state !== eventsState) pending.forget()
      eventsState = state
    },
    sync() {
      const previous = { last_sync: record.last_sync }
      // The burst appears now, so the sync it belongs to ended a little earlier.
      record = { ...record, last_sync: isoTime(now() - eventDelayMs) }
      const changes = pending.settle(roster.user)
      if (eventsState === 'off') return
      events.publish([{ type: 'districts.updated', object: record, previous }, ...changes], now())
    },
  }
}

/** For a newly shared district, Clever reports every user as created. */
function firstBurst(record: DistrictRecord, roster: RosterView, lastSync: number): Change[] {
  const nightBefore = isoTime(lastSync - 86_400_000)
  const created = roster.users().map((object) => ({ type: 'users.created', object }) as const)
  return [
    { type: 'districts.updated', object: record, previous: { last_sync: nightBefore } },
    ...roster.schools.map(
      (object) => ({ type: 'schools.updated', object, previous: { phone: '' } }) as const,
    ),
    ...inBurstOrder(created),
  ]
}
