import { encodeForRole } from '../../src/model/codec.ts'
import type { UserEvent } from '../../src/model/events.ts'
import { parseDistrictId, parseUserId, type UserId } from '../../src/model/ids.ts'
import type { Range, RangePage, Role, Row } from '../../src/model/ranges.ts'
import type { ContactRecord, StudentRecord, UserRecord } from '../../src/model/records.ts'
import { parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'

export const DISTRICT = parseDistrictId('d'.repeat(24)) ?? fail()

export function userId(n: number): UserId {
  return parseUserId(n.toString(16).padStart(24, '0')) ?? fail()
}

function fail(): never {
  throw new Error('no id')
}

/** The records of a user; undefined for a role that the user does not have. */
export interface Person {
  readonly isStudent: boolean
  /** Numbers of the students whose contact this is; undefined for no contact. */
  readonly contactOf: readonly number[] | undefined
}

export function userOf(n: number, { isStudent, contactOf }: Person, modifiedAt: number): UserRecord {
  const id = userId(n)
  const person = {
    id,
    districtId: DISTRICT,
    name: { first: undefined, middle: undefined, last: `Person ${n} of ${modifiedAt}` },
    email: undefined,
    createdAt: undefined,
    lastModifiedAt: new Date(modifiedAt).toISOString(),
    sisId: undefined,
    legacyId: undefined,
  }
  const student: StudentRecord = {
    ...person,
    studentNumber: undefined,
    stateId: undefined,
    grade: undefined,
    schoolId: undefined,
    schoolIds: [],
  }
  return {
    id,
    student: isStudent ? student : undefined,
    contact: contactOf && contactRecord(person, contactOf),
    staff: undefined,
    name: { first: undefined, middle: undefined, last: undefined },
    isTeacher: false,
    isDistrictAdmin: false,
  }
}

function contactRecord(
  person: Omit<ContactRecord, 'phone' | 'phoneType' | 'relationships'>,
  contactOf: readonly number[],
): ContactRecord {
  return {
    ...person,
    phone: undefined,
    phoneType: parseEnumValue({}, undefined),
    relationships: contactOf.map((student) => ({
      studentId: userId(student),
      relationship: parseEnumValue(RELATIONSHIPS, 'Parent'),
      type: parseEnumValue(RELATIONSHIP_TYPES, 'Emergency'),
    })),
  }
}

export const isContactOf = (record: ContactRecord | undefined, studentId: UserId) =>
  record?.relationships.some((entry) => entry.studentId === studentId) ?? false

/** The users of a district at one moment, by id. */
export type Roster = ReadonlyMap<UserId, UserRecord>

/** A row of Clever's list of a role. */
export function rowOf(role: Role, user: UserRecord): Row {
  return { id: user.id, encoded: encodeForRole(role, user) }
}

/** What Clever would put on a page: so many rows at most, however large the limit. */
export function pageOf(
  roster: Roster,
  { role, direction, beyond, limit: asked, wanted }: Range,
  maxRows = Number.POSITIVE_INFINITY,
): RangePage {
  const limit = Math.min(asked, maxRows)
  const users = [...roster.values()]
    .filter((user) => user[role] !== undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1))
  const there = users.filter(
    ({ id }) => beyond === undefined || (direction === 'forwards' ? id > beyond : id < beyond),
  )
  const rows = direction === 'forwards' ? there.slice(0, limit) : there.slice(-limit)
  return {
    rows: rows.map((user) =>
      wanted?.has(user.id) === false ? { id: user.id, encoded: null } : rowOf(role, user),
    ),
    isLast: rows.length < limit,
    isLinked: rows.length < there.length,
    hasNameless: false,
    leftOut: 0,
  }
}

export function contactsIn(roster: Roster, studentId: UserId): readonly UserRecord[] {
  return [...roster.values()].filter(({ contact }) => isContactOf(contact, studentId))
}

/** Clever with a past: what was true when, and the events of it. */
export function createWorld(now: () => number) {
  const past: { readonly from: number; readonly roster: Roster }[] = [{ from: 0, roster: new Map() }]
  const untold: (UserEvent & { readonly at: number })[] = []
  const present = () => past.at(-1)?.roster ?? new Map()
  let events = 0

  return {
    present,
    /** Somebody comes, changes, or goes (undefined). */
    change(n: number, person: Person | undefined) {
      const [id, at] = [userId(n), now()]
      const roster = new Map(present())
      const was = roster.get(id)
      const user = person && userOf(n, person, at)
      if (user === undefined && was === undefined) return
      if (user === undefined) roster.delete(id)
      else roster.set(id, user)
      past.push({ from: at, roster })
      events += 1
      const kind = user === undefined ? 'deleted' : was === undefined ? 'created' : 'updated'
      untold.push({
        id: events.toString().padStart(24, '0'),
        kind,
        userId: id,
        user: user ?? was,
        at,
        occurredAt: at,
      })
    },
    /** The next event that was not reported yet. */
    nextEvent: () => untold.shift(),
    /** The time until which all events were reported. */
    eventsCompleteUntil: () => (untold[0]?.at ?? now()) - 1,
    isAllTold: () => untold.length === 0,
    /** All that was so at some moment from then on. */
    asOf: (asOf: number): readonly Roster[] =>
      past
        .filter((_each, i) => (past[i + 1]?.from ?? Number.POSITIVE_INFINITY) > asOf)
        .map(({ roster }) => roster),
  }
}

export type World = ReturnType<typeof createWorld>

export const ROLES: readonly Role[] = ['student', 'contact']
