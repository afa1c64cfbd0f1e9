import type { UserEvent } from '../clever/events.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Range, Role } from '../clever/ranges.ts'
import { type ContactRecord, type StudentRecord, studentIdsOf, type UserRecord } from '../clever/records.ts'
import type { Clock } from '../clock.ts'
import {
  at,
  type Coverage,
  cover,
  END,
  EVERYTHING,
  forget,
  forgetIds,
  forgetOlder,
  type Interval,
  NO_COVERAGE,
  oldest,
  renew,
  type Span,
  sinceOf,
} from './coverage.ts'
import type { Answer, Directory, Known, Listed, RecordOf } from './directory.ts'
import { entriesOf, spanOf } from './entries.ts'
import { rowsOf } from './list.ts'
import { newerOf, type Told, toldOf } from './newer.ts'
import { type Packed, unpackContact, unpackStudent } from './pack.ts'
import { createPairs } from './pairs.ts'
import { RecentMap } from './recent-map.ts'
import { SchoolList } from './school-list.ts'
import { createSharedValues } from './shared-values.ts'
import { type Entry, INTERVAL_BYTES, Shelf, UNREADABLE } from './shelf.ts'

const ROLES = ['student', 'contact'] as const
/** Clocks are set right by less than this, all the time. ms */
const CLOCK_TOLERANCE = 1_000
/** Records forgotten at a time. */
const SHRINK_BY = 1_000
const MANY_INTERVALS = 100
const MOST_INTERVALS = 20_000
/** Beyond this, counting would take longer than it helps. */
const MOST_COUNTED = 20_000

export function createDirectory(districtId: DistrictId, clock: Clock): Directory {
  const pairs = createPairs()
  const sharedValues = createSharedValues()
  const schools = new SchoolList()
  /** Students whose contacts were asked for one by one. */
  let askedFor: Coverage = NO_COVERAGE
  const shelves: Readonly<Record<Role, Shelf>> = {
    student: new Shelf((id) => {
      decoded.student.delete(id)
      studentChanges += 1
    }),
    contact: new Shelf((id, before, after) => {
      decoded.contact.delete(id)
      contactChanges += 1
      const [was, is] = [contactIn(id, before), contactIn(id, after)]
      pairs.change(id, studentIdsOf(was?.relationships ?? []), studentIdsOf(is?.relationships ?? []))
      sharedValues.change(was, is)
    }),
  }
  let contactChanges = 0
  let studentChanges = 0
  /** The contacts that name a student, until any contact changes. */
  const naming = new RecentMap<{
    readonly contacts: readonly ContactRecord[]
    readonly revision: number
  }>(MAX_DECODED)
  /** Parts of lists while all of a role is known, until any record of the role changes. */
  const lists = new RecentMap<{
    readonly listed: AnyListed
    readonly revision: number
  }>(MAX_KEPT_LISTS)
  /** Decoded records until they change: the same object each time. */
  const decoded = {
    student: new RecentMap<Decoded>(MAX_DECODED),
    contact: new RecentMap<Decoded>(MAX_DECODED),
  }
  /** When anything was last learned. */
  let newest = Number.NEGATIVE_INFINITY
  const sinceOfAll = {
    student: remember((coverage) => oldest(coverage, EVERYTHING)),
    contact: remember((coverage) => oldest(coverage, EVERYTHING)),
  }

  function contactIn(id: string, packed: Packed | undefined): ContactRecord | undefined {
    return packed === undefined || packed === UNREADABLE
      ? undefined
      : unpackContact(id as UserId, districtId, packed)
  }

  function studentsIn(id: string, packed: Packed | undefined): ReadonlySet<string> {
    return studentIdsOf(contactIn(id, packed)?.relationships ?? [])
  }

  function unpack<R extends Role>(role: R, id: string, packed: Packed | undefined): Answer<R> {
    if (packed === undefined) return undefined
    if (packed === UNREADABLE) return 'UNREADABLE'
    const known = decoded[role].get(id)
    if (known?.marks === sharedValues.generation) return known.record as RecordOf<R>
    const record =
      role === 'student'
        ? unpackStudent(id as UserId, districtId, packed)
        : sharedValues.mark(unpackContact(id as UserId, districtId, packed))
    decoded[role].set(id, { record, marks: sharedValues.generation })
    return record as RecordOf<R>
  }

  function find<R extends Role>(role: R, id: UserId, notBefore: number): Known<Answer<R>> | undefined {
    forgetWhereClockWasSetBack()
    const since = sinceOf(shelves[role].coverage, id)
    if (since === undefined || since < notBefore) return undefined
    // A decoded record spares the look-up in the tree.
    const known = decoded[role].get(id)
    if (known?.marks === sharedValues.generation) return { value: known.record as RecordOf<R>, since }
    return { value: unpack(role, id, shelves[role].peek(id)), since }
  }

  function revision(role: Role): number {
    return role === 'student' ? studentChanges : contactChanges + sharedValues.generation
  }

  /** Since when all contacts are known that name a student: all there are, or those that were asked for. */
  function sinceOfContacts(studentId: UserId): number | undefined {
    const asked = sinceOf(askedFor, studentId)
    const all = sinceOfAll.contact(shelves.contact.coverage)
    return asked === undefined || all === undefined ? (asked ?? all) : Math.max(asked, all)
  }

  function contactsNaming(studentId: UserId, notBefore: number): Known<readonly ContactRecord[]> | undefined {
    forgetWhereClockWasSetBack()
    const since = sinceOfContacts(studentId)
    if (since === undefined || since < notBefore) return undefined
    return { value: recordsNaming(studentId), since }
  }

  function recordsNaming(studentId: UserId): readonly ContactRecord[] {
    const known = naming.get(studentId)
    if (known?.revision === revision('contact')) return known.contacts
    const contacts = pairs
      .contactsOf(studentId)
      .map((id) => unpack('contact', id, shelves.contact.peek(id)))
      .filter((contact) => typeof contact === 'object')
    naming.set(studentId, { contacts, revision: revision('contact') })
    return contacts
  }

  function readList<R extends Role>(
    range: Range & { readonly role: R },
    notBefore: number,
    mayBeCut: boolean,
  ): Known<Listed<R>> | undefined {
    const { role } = range
    const shelf = shelves[role]
    const rows = rowsOf(shelf, range, notBefore, mayBeCut)
    if (rows === undefined) return undefined
    const records = rows.entries.map(([id, packed]) => unpack(role, id, packed))
    return {
      since: oldest(shelf.coverage, rows.span) ?? notBefore,
      value: {
        records: records.filter((record) => typeof record === 'object'),
        firstId: rows.entries.at(0)?.[0] as UserId | undefined,
        lastId: rows.entries.at(-1)?.[0] as UserId | undefined,
        hasMore: rows.hasMore,
      },
    }
  }

  function tell(role: Role, event: UserEvent) {
    const { userId } = event
    const told = toldOf(role, event, clock.now())
    // Clever names no contacts of a student who is not shared.
    if (role === 'student' && told.packed === undefined) askedFor = forget(askedFor, at(userId))
    if (role === 'contact' && told.packed !== undefined) coverNewContact(userId, told)
    // Remembered also where nothing is known: an answer under way may still be older.
    if (shelves[role].tell(userId, told) === 'UNKNOWN') forgetDoubtful(role, userId, told)
  }

  /** A new contact of a student whose contacts are known belongs to what is known. */
  function coverNewContact(id: UserId, told: Told) {
    if (askedFor.length === 0 || sinceOf(shelves.contact.coverage, id) !== undefined) return
    const known: number[] = []
    for (const student of studentsIn(id, told.packed)) {
      const since = sinceOf(askedFor, student)
      const newer = since !== undefined && newerOf(told, undefined, since)
      if (newer === 'EVENT') known.push(since ?? 0)
      if (newer === 'UNKNOWN') askedFor = forget(askedFor, at(student))
    }
    if (known.length === 0 || told.packed === undefined) return
    shelves.contact.write({ ...at(id), since: Math.min(...known) }, [[id, told.packed]])
  }

  /** Only Clever can answer whether the event or the answer is newer: it is asked again. */
  function forgetDoubtful(role: Role, id: string, told: Told | undefined) {
    if (role === 'contact') askedFor = forgetIds(askedFor, studentsIn(id, told?.packed))
    forgetSpan(role, at(id))
  }

  function write(role: Role, interval: Interval, entries: readonly Entry[]): boolean {
    const doubtful = shelves[role].write(interval, entries)
    for (const id of doubtful) forgetDoubtful(role, id, shelves[role].told(id))
    return doubtful.length === 0
  }

  function forgetSpan(role: Role, span: Span) {
    if (role === 'contact') forgetAskedFor([span])
    shelves[role].forget(span)
  }

  /** Whoever has a contact that is forgotten is no longer known to have these contacts. */
  function forgetAskedFor(spans: readonly Span[]) {
    if (askedFor.length === 0) return
    const students = new Set<string>()
    for (const { after, upTo } of spans) {
      for (const [id, packed] of shelves.contact.after(after)) {
        if (id > upTo) break
        for (const student of studentsIn(id, packed)) students.add(student)
      }
    }
    if (students.size > 0) askedFor = forgetIds(askedFor, students)
  }

  /** A record that names a student who, as was told later, does not have this contact, is out of date. */
  function forgetOutdated(ids: readonly string[], since: number) {
    if (askedFor.length === 0) return
    for (const id of ids) {
      if (sinceOf(shelves.contact.coverage, id) !== since) continue
      const students = [...studentsIn(id, shelves.contact.peek(id))]
      if (students.some((student) => (sinceOf(askedFor, student) ?? since) > since)) {
        shelves.contact.forget(at(id))
      }
    }
  }

  /** Each kind of coverage; without a role, the students whose contacts were asked for. */
  const kinds = () => [
    ...ROLES.map((role) => ({ role, coverage: shelves[role].coverage })),
    { role: undefined, coverage: askedFor },
  ]

  const intervals = () => kinds().reduce((sum, { coverage }) => sum + coverage.length, 0)

  const oldestFirst = () =>
    kinds()
      .flatMap(({ role, coverage }) => coverage.map((interval) => ({ role, interval })))
      .sort((a, b) => a.interval.since - b.interval.since)

  /** Many small ones go together, as looking for the oldest takes its time. */
  function forgetTenth() {
    const all = oldestFirst()
    const tenth = all[Math.floor(all.length / 10)]
    if (tenth !== undefined) forgetAllOlder(tenth.interval.since + 1)
  }

  /** What is known one by one has its bounds, as each further id takes as long as there are others. */
  function keepFew() {
    if (intervals() > MOST_INTERVALS) forgetTenth()
  }

  /** Some of what is known as a whole: from its lowest id on. */
  function shrinkSpan(role: Role | undefined, { after, upTo }: Span) {
    if (role === undefined) {
      askedFor = forget(askedFor, { after, upTo })
      return
    }
    const [last] = shelves[role]
      .after(after)
      .drop(SHRINK_BY - 1)
      .next().value ?? [upTo]
    forgetSpan(role, { after, upTo: last < upTo ? last : upTo })
  }

  function learnedAt(since: number) {
    newest = Math.max(newest, since)
  }

  /** What seems to come from the future would stay young for too long. */
  function forgetWhereClockWasSetBack() {
    if (newest > clock.now() + CLOCK_TOLERANCE) forgetAll()
  }

  function forgetAll() {
    for (const role of ROLES) shelves[role].forgetAll()
    askedFor = NO_COVERAGE
    schools.forget()
    newest = Number.NEGATIVE_INFINITY
  }

  function forgetAllOlder(notBefore: number) {
    forgetWhereClockWasSetBack()
    askedFor = forgetOlder(askedFor, notBefore)
    schools.forgetOlder(notBefore)
    for (const role of ROLES) shelves[role].forgetTold(clock.now())
    forgetAskedFor(shelves.contact.coverage.filter(({ since }) => since < notBefore))
    for (const role of ROLES) shelves[role].forgetOlder(notBefore)
  }

  return {
    districtId,

    find,

    contactsOf(studentId, notBefore) {
      forgetWhereClockWasSetBack()
      // Contacts may name a student who is not shared: Clever names no contacts then.
      const student = find('student', studentId, notBefore)
      const askedAt = sinceOf(askedFor, studentId)
      if (student === undefined && (askedAt === undefined || askedAt < notBefore)) return undefined
      if (student !== undefined && student.value === undefined) return { value: [], since: student.since }
      return contactsNaming(studentId, notBefore)
    },

    contactsNaming,

    list<R extends Role>(range: Range & { readonly role: R }, notBefore: number, { mayBeCut = false } = {}) {
      forgetWhereClockWasSetBack()
      const since = sinceOfAll[range.role](shelves[range.role].coverage)
      if (since === undefined || since < notBefore || range.limit > MAX_KEPT_ROWS)
        return readList(range, notBefore, mayBeCut)
      const key = `${range.role} ${range.direction} ${range.beyond} ${range.limit}`
      const known = lists.get(key)
      if (known?.revision === revision(range.role)) return { value: known.listed as Listed<R>, since }
      const read = readList(range, notBefore, mayBeCut)
      if (read !== undefined)
        lists.set(key, { listed: read.value as AnyListed, revision: revision(range.role) })
      return read
    },

    count(role, notBefore) {
      forgetWhereClockWasSetBack()
      const since = oldest(shelves[role].coverage, EVERYTHING)
      return since === undefined || since < notBefore ? undefined : { value: shelves[role].size, since }
    },

    schools(notBefore) {
      forgetWhereClockWasSetBack()
      return schools.find(notBefore)
    },

    learnSchools(list, since) {
      learnedAt(since)
      schools.learn(list, since)
    },

    learnUser(id, user, since) {
      learnedAt(since)
      const rows = user === undefined ? [] : [{ id, user }]
      for (const role of ROLES) {
        const entries = entriesOf(role, rows)
        // Nobody looks for a contact among the students.
        if (entries.length > 0 || isNobody(user)) write(role, { ...at(id), since }, entries)
      }
      forgetOutdated([id], since)
      keepFew()
    },

    learnRange(range, page, since) {
      learnedAt(since)
      const { role } = range
      const { rows, hasNameless } = page
      // A page without rows that is not the last tells of nobody.
      if (rows.length === 0 && !page.isLast) return
      const entries = entriesOf(role, rows)
      if (hasNameless) for (const entry of entries) write(role, { ...at(entry[0]), since }, [entry])
      else write(role, { ...spanOf(range, page), since }, entries)
      if (role === 'contact')
        forgetOutdated(
          entries.map(([id]) => id),
          since,
        )
    },

    learnContactsOf(studentId, users, since) {
      learnedAt(since)
      const { contact: shelf } = shelves
      let isCertain = true
      const learn = (id: string, entries: readonly Entry[]) => {
        if (!write('contact', { ...at(id), since }, entries)) isCertain = false
      }
      for (const user of users) learn(user.id, entriesOf('contact', [{ id: user.id, user }]))
      // What events have told since the call was sent is newer than its answer.
      const told = new Map(shelf.toldSince(since))
      for (const [id, { packed }] of told) if (studentsIn(id, packed).has(studentId)) learn(id, [])
      // Whom we took for a contact of this student, and who is none any more, is now known to be out of date.
      const ids = new Set<string>(users.map(({ id }) => id))
      for (const id of pairs.contactsOf(studentId)) {
        const isNewer = told.has(id) || (sinceOf(shelf.coverage, id) ?? 0) > since
        if (!ids.has(id) && !isNewer) forgetSpan('contact', at(id))
      }
      if (isCertain) askedFor = cover(askedFor, { ...at(studentId), since })
      keepFew()
    },

    markShared: sharedValues.mark,

    apply(event) {
      for (const role of ROLES) tell(role, event)
    },

    renew(from, until) {
      for (const role of ROLES) shelves[role].renew(from, until)
      askedFor = renew(askedFor, from, until)
    },

    forgetOlder: forgetAllOlder,

    forgetAll,

    shrink() {
      const [first] = oldestFirst()
      if (first === undefined) {
        const hadSchools = schools.bytes > 0
        schools.forget()
        return hadSchools
      }
      if (intervals() > MANY_INTERVALS) forgetTenth()
      else shrinkSpan(first.role, first.interval)
      return true
    },

    wholeSince(role) {
      forgetWhereClockWasSetBack()
      return sinceOfAll[role](shelves[role].coverage)
    },
    revision,

    coverage: (role) => shelves[role].coverage,
    size: (role) => shelves[role].size,
    last(role) {
      for (const [id] of shelves[role].downFrom(END)) return id as UserId
      return undefined
    },

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
      return (
        student.bytes +
        contact.bytes +
        pairs.bytes +
        sharedValues.bytes +
        schools.bytes +
        askedFor.length * INTERVAL_BYTES
      )
    },
  }
}

type AnyListed = Listed<'student'> | Listed<'contact'>

/** Parts of lists that are kept, at least, each of so many rows at most. */
const MAX_KEPT_LISTS = 50
const MAX_KEPT_ROWS = 100

/** Decoded records of one role that are kept, at least; some 2 kB each. */
const MAX_DECODED = 10_000

interface Decoded {
  readonly record: StudentRecord | ContactRecord
  /** The generation of the marks of shared values. */
  readonly marks: number
}

/** Remembers the last answer: coverage that changes becomes another. */
function remember<Value>(read: (coverage: Coverage) => Value): (coverage: Coverage) => Value {
  let last: { readonly coverage: Coverage; readonly value: Value } | undefined
  return (coverage) => {
    if (last?.coverage !== coverage) last = { coverage, value: read(coverage) }
    return last.value
  }
}

/** Whoever has neither role, or is not there at all. */
function isNobody(user: UserRecord | undefined): boolean {
  return user?.student === undefined && user?.contact === undefined
}
