import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { CleverClock } from './clock-skew.ts'
import { CleverAnswerInvalid, CleverPathRefused, CleverRangeUnproven, CleverRefused } from './errors.ts'
import { type EventPage, type IsKnown, MOST_EVENTS, readEvents } from './events.ts'
import { type DistrictId, PAST_EVERY_ID, type UserId } from './ids.ts'
import { inParts } from './in-parts.ts'
import { readListPage, readWholeList } from './lists.ts'
import type { KeptFields } from './optional-fields.ts'
import { type Direction, linkOnwards, parseCount, parseSingle } from './pages.ts'
import { idOf, keepsTo, MOST_ROWS, type Range, type RangePage, type Role, type Row } from './ranges.ts'
import { type DistrictRecord, parseDistrict, parseUser, type UserRecord, unknownFields } from './records.ts'
import { parseSchool, type SchoolRecord, type Schools, schoolsById } from './schools.ts'
import type { Tokens } from './tokens.ts'
import type { Caller, Transport } from './transport.ts'

/** One district of Clever. Every method throws the CleverErrors; what does not exist, or is not shared, is undefined. */
export interface CleverClient {
  readonly districtId: DistrictId
  district(caller: Caller): Promise<DistrictRecord | undefined>
  user(id: UserId, caller: Caller): Promise<UserRecord | undefined>
  /**
   * One call, and one for each empty page that has a link to a further one. A page may be shorter than its limit and not the
   * last. Throws CleverRangeUnproven for a page that does not lie beyond its cursor.
   */
  range(range: Range, caller: Caller): Promise<RangePage>
  /**
   * One call: what happened to users after an event, at most 1,000 events. Undefined where the district has no events. Events
   * that are known by their ids are not read again.
   */
  events(after: string | undefined, caller: Caller, isKnown?: IsKnown): Promise<EventPage | undefined>
  /** One call. The newest event, or null before the first; undefined where the district has no events. */
  newestEvent(caller: Caller): Promise<string | null | undefined>
  /** The present by Clever's clock, in ms since the epoch. Costs no call. */
  cleverNow(): number
  /** Of the token in this window, as far as we know. Costs no call. */
  callsLeft(): number
  /** One call. Undefined where Clever does not count. */
  count(role: Role, caller: Caller): Promise<number | undefined>
  /** One call for each hundred contacts. Each contact comes with all its relationships, to other students too. */
  contactsOf(studentId: UserId, caller: Caller): Promise<readonly UserRecord[]>
  /** The students of a teacher. One call for each 10,000. */
  studentsOf(teacherId: UserId, caller: Caller): Promise<readonly UserRecord[]>
  /** One call for each 10,000. */
  studentsOfSchool(schoolId: UserId, caller: Caller): Promise<readonly UserRecord[]>
  /** All schools of the district. One call for each 10,000. */
  schools(caller: Caller): Promise<Schools>
}

export interface ClientOptions {
  readonly districtId: DistrictId
  /** Such as v3.1. */
  readonly version: string
  /** Where links must lead. */
  readonly origin: string
  readonly transport: Transport
  readonly tokens: Tokens
  readonly cleverClock: CleverClock
  readonly keptFields?: KeptFields
  readonly log: Logger
  readonly metrics: Metrics
}

interface EventsQuery {
  readonly limit: number
  readonly starting_after?: string
  readonly ending_before?: string
}

/** Of a token that has not been read yet: what Clever documents. */
const ASSUMED_CALLS = 1_200

export function createClient({
  districtId,
  version,
  origin,
  transport,
  tokens,
  cleverClock,
  keptFields,
  log,
  metrics,
}: ClientOptions): CleverClient {
  /** A refused token may have been rotated: asks for the district's token anew, once. */
  async function getJson(route: string, path: string, caller: Caller): Promise<unknown> {
    const credential = await tokens.of(districtId, caller)
    try {
      return await transport.get(route, path, credential, caller)
    } catch (error) {
      if (!(error instanceof CleverRefused)) throw error
      const next = await tokens.replacing(districtId, credential, caller)
      if (next === undefined) throw error
      return transport.get(route, path, next, caller)
    }
  }

  function readUser(json: unknown, route: string): UserRecord | undefined {
    const record = parseUser(json, districtId, keptFields)
    if (record === undefined) {
      metrics.recordsSetAside.inc({ route })
      log.warn({ route, districtId }, 'a record from Clever could not be read and was set aside')
      return undefined
    }
    for (const field of unknownFields(record)) metrics.unknownValues.inc({ field })
    countCut(record)
    return record
  }

  function readSchool(json: unknown, route: string): SchoolRecord | undefined {
    const school = parseSchool(json, districtId, (field) => metrics.valuesCut.inc({ field }))
    if (school === undefined) {
      metrics.recordsSetAside.inc({ route })
      log.warn({ route, districtId }, 'a record from Clever could not be read and was set aside')
    }
    return school
  }

  function countCut(record: UserRecord | DistrictRecord | undefined) {
    for (const field of record?.cutFields ?? []) metrics.valuesCut.inc({ field })
  }

  /** All users of a list; none for one whose owner does not exist. */
  async function listed(route: string, path: string, caller: Caller): Promise<readonly UserRecord[]> {
    const get = (page: string) => getJson(route, page, caller)
    const items = await readWholeList(get, `/${version}${path}`, origin)
    const users = await inParts(items, (item) => readUser(item, route))
    const byId = new Map<UserId, UserRecord>()
    for (const user of users) if (user !== undefined) byId.set(user.id, user)
    return [...byId.values()]
  }

  /** Undefined for a district that has not switched its events on: nothing of the kind is there, or it is refused. */
  async function eventsPage(query: EventsQuery, direction: Direction, caller: Caller) {
    const params = new URLSearchParams({ record_type: 'users' })
    for (const [name, value] of Object.entries(query)) params.set(name, String(value))
    const get = (page: string) => getJson('/events', page, caller)
    const pages = { direction, limit: query.limit }
    try {
      return await readListPage(get, `/${version}/events?${params}`, origin, pages)
    } catch (error) {
      if (error instanceof CleverPathRefused) return undefined
      throw error
    }
  }

  return {
    districtId,

    async district(caller) {
      const json = await getJson('/districts/{id}', `/${version}/districts/${districtId}`, caller)
      if (json === undefined) return undefined
      const record = parseDistrict(parseSingle(json))
      if (record?.id !== districtId) throw new CleverAnswerInvalid('not the district that was asked for')
      countCut(record)
      return record
    },

    async user(id, caller) {
      const route = '/users/{id}'
      const json = await getJson(route, `/${version}/users/${id}`, caller)
      if (json === undefined) return undefined
      const record = readUser(parseSingle(json), route)
      if (record?.id !== id) throw new CleverAnswerInvalid('not the user that was asked for')
      return record
    },

    async range(range, caller) {
      const { role, direction, beyond } = range
      const limit = Math.min(range.limit, MOST_ROWS)
      const route = `/users?role=${role}`
      const query = new URLSearchParams({ role, limit: String(limit) })
      if (direction === 'backwards') query.set('ending_before', beyond ?? PAST_EVERY_ID)
      else if (beyond !== undefined) query.set('starting_after', beyond)
      const get = (path: string) => getJson(route, path, caller)
      const page = await readListPage(get, `/${version}/users?${query}`, origin, { direction, limit })
      // A list always exists: Clever answers 404 to a token that may not have it.
      if (page === undefined) throw new CleverPathRefused('the token reaches no list of users', 404)

      const { isLast } = page
      const items = withoutRepeats(page.items)
      const ids = items.map(idOf).filter((id) => id !== undefined)
      // Without an id there is no place to go on from.
      if (items.length > 0 && ids.length === 0) throw new CleverAnswerInvalid('a page without ids')
      if (!keepsTo(range, ids)) throw new CleverRangeUnproven('a page that is not beyond its cursor')
      const rows = await inParts(items, (item) => ({ id: idOf(item), user: readUser(item, route) }))
      return {
        rows: rows.filter((row): row is Row => row.id !== undefined),
        isLast,
        isLinked: linkOnwards(page, direction) !== undefined,
        hasNameless: ids.length < items.length,
      }
    },

    async events(after, caller, isKnown) {
      const query = { limit: MOST_EVENTS, ...(after && { starting_after: after }) }
      const page = await eventsPage(query, 'forwards', caller)
      if (page === undefined) return undefined
      const { items, isLast } = page
      const read = await readEvents({ items, after, districtId, cleverClock, keptFields, isKnown })
      for (const { user } of read.events) countCut(user)
      return { ...read, isLast }
    },

    async newestEvent(caller) {
      const page = await eventsPage({ limit: 1, ending_before: PAST_EVERY_ID }, 'backwards', caller)
      if (page === undefined) return undefined
      const ids = page.items.map(idOf).filter((id) => id !== undefined)
      return ids.sort().at(-1) ?? null
    },

    cleverNow: cleverClock.now,

    callsLeft: () => tokens.callsLeft(districtId) ?? ASSUMED_CALLS,

    async count(role, caller) {
      const route = `/users?role=${role}&count=true`
      const json = await getJson(route, `/${version}/users?role=${role}&count=true`, caller)
      if (json === undefined) throw new CleverPathRefused('the token reaches no list of users', 404)
      return parseCount(json)
    },

    async contactsOf(studentId, caller) {
      const users = await listed('/users/{id}/mycontacts', `/users/${studentId}/mycontacts`, caller)
      return users.filter(({ contact }) => contact !== undefined)
    },

    async studentsOf(teacherId, caller) {
      const path = `/users/${teacherId}/mystudents?limit=${MOST_ROWS}`
      const users = await listed('/users/{id}/mystudents', path, caller)
      return users.filter(({ student }) => student !== undefined)
    },

    async studentsOfSchool(schoolId, caller) {
      const path = `/schools/${schoolId}/users?role=student&limit=${MOST_ROWS}`
      const users = await listed('/schools/{id}/users', path, caller)
      return users.filter(({ student }) => student !== undefined)
    },

    async schools(caller) {
      const route = '/schools'
      const get = async (path: string) => {
        const json = await getJson(route, path, caller)
        // A list always exists: Clever answers 404 to a token that may not have it.
        if (json === undefined) throw new CleverPathRefused('the token reaches no list of schools', 404)
        return json
      }
      const items = await readWholeList(get, `/${version}${route}?limit=${MOST_ROWS}`, origin)
      const schools = await inParts(items, (item) => readSchool(item, route))
      return schoolsById(schools.filter((school) => school !== undefined))
    },
  }
}

/** A record that stands on a page twice in a row says the same twice: the order of the page still proves its range. */
function withoutRepeats(items: readonly unknown[]): readonly unknown[] {
  return items.filter((item, index) => {
    const id = idOf(item)
    return id === undefined || index === 0 || id !== idOf(items[index - 1])
  })
}
