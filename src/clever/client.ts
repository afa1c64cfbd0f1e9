import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { CleverAnswerInvalid, CleverPathRefused, CleverRangeUnproven, CleverRefused } from './errors.ts'
import { type EventPage, MOST_EVENTS, parseEvent } from './events.ts'
import { type DistrictId, PAST_EVERY_ID, type UserId } from './ids.ts'
import { inParts } from './in-parts.ts'
import { parseCount, parsePage, parseSingle } from './pages.ts'
import { idOf, keepsTo, MOST_ROWS, type Range, type RangePage, type Role, type Row } from './ranges.ts'
import { type DistrictRecord, parseDistrict, parseUser, type UserRecord, unknownFields } from './records.ts'
import type { Tokens } from './tokens.ts'
import type { Caller, Transport } from './transport.ts'

/** One district of Clever. Every method throws the CleverErrors; what does not exist, or is not shared, is undefined. */
export interface CleverClient {
  readonly districtId: DistrictId
  district(caller: Caller): Promise<DistrictRecord | undefined>
  user(id: UserId, caller: Caller): Promise<UserRecord | undefined>
  /** One call. Throws CleverRangeUnproven for a page that does not lie beyond its cursor. */
  range(range: Range, caller: Caller): Promise<RangePage>
  /** One call: what happened to users after an event, at most 1,000 events. Undefined where the district has no events. */
  events(after: string | undefined, caller: Caller): Promise<EventPage | undefined>
  /** One call. The newest event, or null before the first; undefined where the district has no events. */
  newestEvent(caller: Caller): Promise<string | null | undefined>
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
}

export interface ClientOptions {
  readonly districtId: DistrictId
  /** Such as v3.1. */
  readonly version: string
  readonly transport: Transport
  readonly tokens: Tokens
  readonly log: Logger
  readonly metrics: Metrics
}

/** More pages than this are Clever running in circles. */
const MOST_PAGES = 50
/** Of a token that has not been read yet: what Clever documents. */
const ASSUMED_CALLS = 1_200

export function createClient({
  districtId,
  version,
  transport,
  tokens,
  log,
  metrics,
}: ClientOptions): CleverClient {
  /** A refused token may have been rotated: asks for the district's token anew, once. */
  async function get(route: string, path: string, caller: Caller): Promise<unknown> {
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
    const record = parseUser(json, districtId)
    if (record === undefined) {
      metrics.recordsSetAside.inc({ route })
      log.warn({ route, districtId }, 'a record from Clever could not be read and was set aside')
      return undefined
    }
    for (const field of unknownFields(record)) metrics.unknownValues.inc({ field })
    countCut(record)
    return record
  }

  function countCut(record: UserRecord | DistrictRecord | undefined) {
    for (const field of record?.cutFields ?? []) metrics.valuesCut.inc({ field })
  }

  /** All pages of a list, by the links that Clever gives; empty for one whose owner is not there. */
  async function listed(route: string, firstPath: string, caller: Caller): Promise<readonly UserRecord[]> {
    const users = new Map<UserId, UserRecord>()
    const seen = new Set<string>()
    let path = `/${version}${firstPath}`
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const json = await get(route, path, caller)
      if (json === undefined) return [...users.values()]
      const { items, next } = parsePage(json)
      for (const record of items.map((item) => readUser(item, route)))
        if (record !== undefined) users.set(record.id, record)
      if (next === undefined) return [...users.values()]
      if (pathOf(next) !== pathOf(path) || seen.has(next))
        throw new CleverAnswerInvalid('a link to elsewhere')
      seen.add(next)
      path = next
    }
    throw new CleverAnswerInvalid('more pages than a list can have')
  }

  /** Undefined for a district that has not switched its events on: nothing of the kind is there, or it is refused. */
  async function readEvents(query: Record<string, string | number>, caller: Caller) {
    const params = new URLSearchParams({ record_type: 'users' })
    for (const [name, value] of Object.entries(query)) params.set(name, String(value))
    try {
      const json = await get('/events', `/${version}/events?${params}`, caller)
      return json === undefined ? undefined : parsePage(json).items
    } catch (error) {
      if (error instanceof CleverPathRefused) return undefined
      throw error
    }
  }

  return {
    districtId,

    async district(caller) {
      const json = await get('/districts/{id}', `/${version}/districts/${districtId}`, caller)
      if (json === undefined) return undefined
      const record = parseDistrict(parseSingle(json))
      if (record?.id !== districtId) throw new CleverAnswerInvalid('not the district that was asked for')
      countCut(record)
      return record
    },

    async user(id, caller) {
      const route = '/users/{id}'
      const json = await get(route, `/${version}/users/${id}`, caller)
      if (json === undefined) return undefined
      const record = readUser(parseSingle(json), route)
      if (record?.id !== id) throw new CleverAnswerInvalid('not the user that was asked for')
      return record
    },

    async range(range, caller) {
      const { role, direction, beyond, limit } = range
      const route = `/users?role=${role}`
      const query = new URLSearchParams({ role, limit: String(limit) })
      if (direction === 'backwards') query.set('ending_before', beyond ?? PAST_EVERY_ID)
      else if (beyond !== undefined) query.set('starting_after', beyond)
      const json = await get(route, `/${version}/users?${query}`, caller)
      // A list always exists: Clever answers 404 to a token that may not have it.
      if (json === undefined) throw new CleverPathRefused('the token reaches no list of users', 404)

      const { items, next, prev } = parsePage(json)
      const onwards = direction === 'forwards' ? next : prev
      const ids = items.map(idOf).filter((id) => id !== undefined)
      // Without an id there is no place to go on from.
      if (items.length > 0 && ids.length === 0) throw new CleverAnswerInvalid('a page without ids')
      if (!keepsTo(range, ids)) throw new CleverRangeUnproven('a page that is not beyond its cursor')
      const rows = await inParts(items, (item) => ({ id: idOf(item), user: readUser(item, route) }))
      return {
        rows: rows.filter((row): row is Row => row.id !== undefined),
        // A page may be short because Clever allows no larger one.
        isLast: items.length < limit && onwards === undefined,
        isLinked: onwards !== undefined,
        hasNameless: ids.length < items.length,
      }
    },

    async events(after, caller) {
      const items = await readEvents({ limit: MOST_EVENTS, ...(after && { starting_after: after }) }, caller)
      if (items === undefined) return undefined
      const read = await inParts(items, (item) => parseEvent(item, districtId))
      for (const event of read) countCut(event?.user)
      const events = read.filter((event) => event !== undefined).sort((a, b) => (a.id < b.id ? -1 : 1))
      const hasUnreadable = events.length < read.length
      return { events, hasUnreadable, lastId: newestOf(items), isLast: items.length < MOST_EVENTS }
    },

    async newestEvent(caller) {
      const items = await readEvents({ limit: 1, ending_before: PAST_EVERY_ID }, caller)
      return items && (newestOf(items) ?? null)
    },

    callsLeft: () => tokens.callsLeft(districtId) ?? ASSUMED_CALLS,

    async count(role, caller) {
      const route = `/users?role=${role}&count=true`
      const json = await get(route, `/${version}/users?role=${role}&count=true`, caller)
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
  }
}

function newestOf(items: readonly unknown[]): string | undefined {
  return items
    .map(idOf)
    .filter((id) => id !== undefined)
    .sort()
    .at(-1)
}

/** Clever repeats the path of the list in a link to its next page, in whichever case. */
function pathOf(link: string): string {
  return link.split('?', 1)[0]?.toLowerCase() ?? ''
}
