import type { UserEvent } from '../clever/events.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Range, RangePage, Role, Row } from '../clever/ranges.ts'
import type { ContactRecord, StudentRecord, UserRecord } from '../clever/records.ts'
import type { Clock } from '../clock.ts'
import {
  at,
  before,
  type Coverage,
  cover,
  END,
  EVERYTHING,
  forget,
  forgetOlder,
  knownDownTo,
  knownUpTo,
  NO_COVERAGE,
  oldest,
  renew,
  type Span,
  START,
  sinceOf,
} from './coverage.ts'
import { type Packed, packContact, packStudent, unpackContact, unpackStudent } from './pack.ts'
import { createPairs } from './pairs.ts'
import { createShelf, type Entry, INTERVAL_BYTES, type Shelf, UNREADABLE } from './shelf.ts'

/** What Clever has said of something, and since when that is known (ms since the epoch). */
export interface Known<Value> {
  readonly value: Value
  readonly since: number
}

export type RecordOf<R extends Role> = R extends 'student' ? StudentRecord : ContactRecord
/** Undefined where there is none; UNREADABLE where Clever's record cannot be read. */
export type Answer<R extends Role> = RecordOf<R> | undefined | 'UNREADABLE'

/** A part of a list, in ascending order of id. */
export interface Listed<R extends Role> {
  readonly records: readonly RecordOf<R>[]
  /** The ids at its edges, also where records could not be read. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}

/**
 * What we know of one district. Every look-up is answered at once from what is known since `notBefore` (ms since the
 * epoch) or later; undefined is a miss: only Clever knows.
 */
export interface Directory {
  readonly districtId: DistrictId
  find<R extends Role>(role: R, id: UserId, notBefore: number): Known<Answer<R>> | undefined
  /** The contacts of a student, each with all its relationships. */
  contactsOf(studentId: UserId, notBefore: number): Known<readonly ContactRecord[]> | undefined
  list<R extends Role>(range: Range & { readonly role: R }, notBefore: number): Known<Listed<R>> | undefined
  /** Of all records of a role. */
  count(role: Role, notBefore: number): Known<number> | undefined

  /** Each tells of a call that was sent at `since`, and is the whole truth about what was asked for. */
  learnUser(id: UserId, user: UserRecord | undefined, since: number): void
  learnRange(range: Range, page: RangePage, since: number): void
  learnContactsOf(studentId: UserId, users: readonly UserRecord[], since: number): void

  /** Idempotent. Events of one user must come in their order. */
  apply(event: UserEvent): void
  /** What is known since `from` or later has not changed until `until`, but for the events that were applied. */
  renew(from: number, until: number): void
  forgetOlder(notBefore: number): void
  forgetAll(): void
  /** Forgets what has been known longest, some of it; false when nothing is left. */
  shrink(): boolean

  coverage(role: Role): Coverage
  size(role: Role): number
  /** How many records, of whatever age, are known to lie in a span; undefined where not all of it is known. */
  rowsIn(role: Role, span: Span): number | undefined
  /** Of memory, as far as can be counted. */
  readonly bytes: number
}

const ROLES = ['student', 'contact'] as const
const NOBODY: ReadonlySet<string> = new Set()
/** Clocks are set right by less than this, all the time. ms */
const CLOCK_TOLERANCE = 1_000
/** Records forgotten at a time. */
const SHRINK_BY = 1_000
/** Beyond this, counting would take longer than it helps. */
const MOST_COUNTED = 20_000

export function createDirectory(districtId: DistrictId, clock: Clock): Directory {
  const pairs = createPairs()
  /** Students whose contacts were asked for one by one. */
  let askedFor: Coverage = NO_COVERAGE
  const shelves: Readonly<Record<Role, Shelf>> = {
    student: createShelf(() => {}),
    contact: createShelf((id, before, after) =>
      pairs.change(id, studentsIn(id, before), studentsIn(id, after)),
    ),
  }
  /** When anything was last learned. */
  let newest = Number.NEGATIVE_INFINITY
  const sinceOfAllContacts = remember((coverage) => oldest(coverage, EVERYTHING))

  function studentsIn(id: string, packed: Packed | undefined): ReadonlySet<string> {
    if (packed === undefined || packed === UNREADABLE) return NOBODY
    return new Set(
      unpackContact(id as UserId, districtId, packed).relationships.map(({ studentId }) => studentId),
    )
  }

  function unpack<R extends Role>(role: R, id: string, packed: Packed | undefined): Answer<R> {
    if (packed === undefined) return undefined
    if (packed === UNREADABLE) return 'UNREADABLE'
    const read = role === 'student' ? unpackStudent : unpackContact
    return read(id as UserId, districtId, packed) as RecordOf<R>
  }

  /** What a student's contacts are is known when all contacts are, or when it was asked for. */
  function sinceOfContacts(studentId: string): number | undefined {
    const asked = sinceOf(askedFor, studentId)
    const all = sinceOfAllContacts(shelves.contact.coverage)
    return asked === undefined || all === undefined ? (asked ?? all) : Math.max(asked, all)
  }

  /** Undefined: gone from the role. */
  function tell(role: Role, { userId, user, kind }: UserEvent) {
    const shelf = shelves[role]
    const record = user?.[role]
    const held = shelf.peek(userId)
    const isReadable = kind === 'deleted' || user !== undefined
    if (!isReadable) return forgetSpan(role, at(userId))
    if (record === undefined && held === undefined && kind !== 'deleted') return
    const isThere = kind !== 'deleted' && record !== undefined
    if (isThere && isOlder(record, unpack(role, userId, held))) return
    if (isThere && role === 'contact') coverNewContact(user?.contact)
    shelf.tell(userId, isThere ? pack(role, user) : undefined, clock.now())
  }

  /** A new contact of a student whose contacts are known belongs to what is known. */
  function coverNewContact(contact: ContactRecord | undefined) {
    if (contact === undefined || sinceOf(shelves.contact.coverage, contact.id) !== undefined) return
    const known = contact.relationships
      .map(({ studentId }) => sinceOf(askedFor, studentId))
      .filter((since) => since !== undefined)
    if (known.length === 0) return
    shelves.contact.write({ ...at(contact.id), since: Math.min(...known) }, [
      [contact.id, packContact(contact)],
    ])
  }

  function forgetSpan(role: Role, span: Span) {
    if (role === 'contact' && askedFor.length > 0) {
      // Whoever has a contact that is forgotten is no longer known to have these contacts.
      for (const [id, packed] of shelves.contact.after(span.after)) {
        if (id > span.upTo) break
        for (const student of studentsIn(id, packed)) askedFor = forget(askedFor, at(student))
      }
    }
    shelves[role].forget(span)
  }

  /** What has been known longest, and for longer than what else there is. */
  function longestKnown() {
    const kinds = [
      ...ROLES.map((role) => ({ role, coverage: shelves[role].coverage })),
      { role: undefined, coverage: askedFor },
    ]
    return kinds
      .flatMap(({ role, coverage }) => {
        const first = coverage.reduce<Coverage[number] | undefined>(
          (found, each) => (found === undefined || each.since < found.since ? each : found),
          undefined,
        )
        return first === undefined ? [] : [{ role, interval: first }]
      })
      .sort((a, b) => a.interval.since - b.interval.since)[0]
  }

  function learnedAt(since: number) {
    newest = Math.max(newest, since)
  }

  /** What seems to come from the future would stay young for too long. */
  function forgetWhereClockWasSetBack() {
    if (newest > clock.now() + CLOCK_TOLERANCE) forgetAll()
  }

  function forgetAll() {
    for (const role of ROLES) shelves[role].forget(EVERYTHING)
    askedFor = NO_COVERAGE
    newest = Number.NEGATIVE_INFINITY
  }

  return {
    districtId,

    find(role, id, notBefore) {
      forgetWhereClockWasSetBack()
      const found = shelves[role].find(id, notBefore)
      return found && { value: unpack(role, id, found.packed), since: found.since }
    },

    contactsOf(studentId, notBefore) {
      forgetWhereClockWasSetBack()
      const since = sinceOfContacts(studentId)
      if (since === undefined || since < notBefore) return undefined
      const ids = pairs.contactsOf(studentId)
      const contacts = ids.map((id) => unpack('contact', id, shelves.contact.peek(id)))
      return { value: contacts.filter((contact) => typeof contact === 'object'), since }
    },

    list({ role, direction, beyond, limit }, notBefore) {
      forgetWhereClockWasSetBack()
      const shelf = shelves[role]
      const isForwards = direction === 'forwards'
      const from = beyond ?? (isForwards ? START : END)
      const edge = isForwards
        ? knownUpTo(shelf.coverage, from, notBefore)
        : knownDownTo(shelf.coverage, before(from), notBefore)
      const isKnown = (id: string) => (isForwards ? id <= edge : id > edge)
      const taken: [string, Packed][] = []
      for (const row of isForwards ? shelf.after(from) : shelf.downFrom(from)) {
        if (!isKnown(row[0]) || taken.length > limit) break
        taken.push([...row])
      }
      const reachesEnd = edge === (isForwards ? END : START)
      if (taken.length <= limit && !reachesEnd) return undefined
      const page = taken.slice(0, limit)
      const span = isForwards
        ? { after: from, upTo: page.length < limit ? END : (page.at(-1)?.[0] ?? END) }
        : { after: page.length < limit ? START : before(page.at(-1)?.[0] ?? END), upTo: before(from) }
      if (!isForwards) page.reverse()
      const records = page.map(([id, packed]) => unpack(role, id, packed))
      return {
        since: oldest(shelf.coverage, span) ?? notBefore,
        value: {
          records: records.filter((record) => typeof record === 'object'),
          firstId: page.at(0)?.[0] as UserId | undefined,
          lastId: page.at(-1)?.[0] as UserId | undefined,
          hasMore: taken.length > limit,
        },
      }
    },

    count(role, notBefore) {
      forgetWhereClockWasSetBack()
      const since = oldest(shelves[role].coverage, EVERYTHING)
      return since === undefined || since < notBefore ? undefined : { value: shelves[role].size, since }
    },

    learnUser(id, user, since) {
      learnedAt(since)
      const rows = user === undefined ? [] : [{ id, user }]
      for (const role of ROLES) shelves[role].write({ ...at(id), since }, entriesOf(role, rows))
    },

    learnRange(range, page, since) {
      learnedAt(since)
      const { role } = range
      const { rows, hasNameless } = page
      const entries = entriesOf(role, rows)
      if (hasNameless) for (const entry of entries) shelves[role].write({ ...at(entry[0]), since }, [entry])
      else shelves[role].write({ ...spanOf(range, page), since }, entries)
    },

    learnContactsOf(studentId, users, since) {
      learnedAt(since)
      for (const user of users)
        shelves.contact.write({ ...at(user.id), since }, entriesOf('contact', [{ id: user.id, user }]))
      // Whom we took for a contact of this student, and who is none any more, is now known to be out of date.
      const ids = new Set<string>(users.map(({ id }) => id))
      for (const id of pairs.contactsOf(studentId)) {
        const isNewer = (sinceOf(shelves.contact.coverage, id) ?? 0) > since
        if (!ids.has(id) && !isNewer) forgetSpan('contact', at(id))
      }
      askedFor = cover(askedFor, { ...at(studentId), since })
    },

    apply(event) {
      for (const role of ROLES) tell(role, event)
    },

    renew(from, until) {
      for (const role of ROLES) shelves[role].renew(from, until)
      askedFor = renew(askedFor, from, until)
    },

    forgetOlder(notBefore) {
      askedFor = forgetOlder(askedFor, notBefore)
      for (const { since, ...span } of shelves.contact.coverage)
        if (since < notBefore) forgetSpan('contact', span)
      shelves.student.forgetOlder(notBefore)
    },

    forgetAll,

    shrink() {
      const found = longestKnown()
      if (found === undefined) return false
      const { role, interval } = found
      if (role === undefined) askedFor = forget(askedFor, interval)
      else {
        const [last] = shelves[role]
          .after(interval.after)
          .drop(SHRINK_BY - 1)
          .next().value ?? [interval.upTo]
        forgetSpan(role, { after: interval.after, upTo: last < interval.upTo ? last : interval.upTo })
      }
      return true
    },

    coverage: (role) => shelves[role].coverage,
    size: (role) => shelves[role].size,

    rowsIn(role, span) {
      if (oldest(shelves[role].coverage, span) === undefined) return undefined
      let rows = 0
      for (const [id] of shelves[role].after(span.after)) {
        if (id > span.upTo || rows > MOST_COUNTED) break
        rows += 1
      }
      return rows
    },

    get bytes() {
      const { student, contact } = shelves
      return student.bytes + contact.bytes + pairs.bytes + askedFor.length * INTERVAL_BYTES
    },
  }
}

/** UNREADABLE for a user who could not be read; undefined for one without the role. */
function pack(role: Role, user: UserRecord | undefined): Packed | undefined {
  if (user === undefined) return UNREADABLE
  if (role === 'student') return user.student && packStudent(user.student)
  return user.contact && packContact(user.contact)
}

function entriesOf(role: Role, rows: readonly Row[]): readonly Entry[] {
  return rows.flatMap(({ id, user }) => {
    const packed = pack(role, user)
    return packed === undefined ? [] : [[id, packed] as const]
  })
}

/** What a page is the whole truth about: from its cursor to its far end, or to the end of the list. */
function spanOf({ direction, beyond }: Range, { rows, isLast }: RangePage): Span {
  if (direction === 'forwards')
    return { after: beyond ?? START, upTo: isLast ? END : (rows.at(-1)?.id ?? START) }
  const after = isLast ? START : before(rows.at(0)?.id ?? END)
  return { after, upTo: beyond === undefined ? END : before(beyond) }
}

/** Events come late: what was read from Clever since may be newer. */
function isOlder(told: StudentRecord | ContactRecord, held: Answer<Role>): boolean {
  if (typeof held !== 'object') return false
  const [toldAt, heldAt] = [Date.parse(told.lastModifiedAt ?? ''), Date.parse(held.lastModifiedAt ?? '')]
  return toldAt < heldAt
}

/** Remembers the last answer: coverage that changes becomes another. */
function remember<Value>(read: (coverage: Coverage) => Value): (coverage: Coverage) => Value {
  let last: { readonly coverage: Coverage; readonly value: Value } | undefined
  return (coverage) => {
    if (last?.coverage !== coverage) last = { coverage, value: read(coverage) }
    return last.value
  }
}
