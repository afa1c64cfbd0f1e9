import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { CleverAnswerInvalid, CleverTokenRefused } from './errors.ts'
import { type DistrictId, PAST_EVERY_ID, parseUserId, type UserId } from './ids.ts'
import { parseCount, parsePage, parseSingle } from './pages.ts'
import { type DistrictRecord, parseDistrict, parseUser, type UserRecord, unknownFields } from './records.ts'
import type { Tokens } from './tokens.ts'
import type { Caller, Transport } from './transport.ts'

/** The users of one role whose ids lie beyond a cursor, nearest to it first; in ascending order either way. */
export interface Range {
  readonly role: 'student' | 'contact'
  readonly direction: 'forwards' | 'backwards'
  /** An id, which need not exist; undefined for the very first or very last of the district. */
  readonly beyond: UserId | undefined
  /** At most 10,000. */
  readonly limit: number
}

export interface RangePage {
  /** In ascending order of id. A record that could not be read is missing. */
  readonly users: readonly UserRecord[]
  /** The ids at the edges of what was asked for, also where their records are missing. */
  readonly firstId: UserId | undefined
  readonly lastId: UserId | undefined
  readonly hasMore: boolean
}

/** One district of Clever. Every method throws the CleverErrors; what does not exist, or is not shared, is undefined. */
export interface CleverClient {
  readonly districtId: DistrictId
  district(caller: Caller): Promise<DistrictRecord | undefined>
  user(id: UserId, caller: Caller): Promise<UserRecord | undefined>
  /** One call. */
  range(range: Range, caller: Caller): Promise<RangePage>
  /** One call. Undefined where Clever does not count. */
  count(role: Range['role'], caller: Caller): Promise<number | undefined>
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

/** The most that Clever puts on a page. */
const MOST_ROWS = 10_000
/** More pages than this are Clever running in circles. */
const MOST_PAGES = 50

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
      if (!(error instanceof CleverTokenRefused)) throw error
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
    return record
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

  return {
    districtId,

    async district(caller) {
      const json = await get('/districts/{id}', `/${version}/districts/${districtId}`, caller)
      if (json === undefined) return undefined
      const record = parseDistrict(parseSingle(json))
      if (record?.id !== districtId) throw new CleverAnswerInvalid('not the district that was asked for')
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

    async range({ role, direction, beyond, limit }, caller) {
      const route = `/users?role=${role}`
      // One more than asked for: a `next` link on a page that is just full may lead to nothing.
      const query = new URLSearchParams({ role, limit: String(limit + 1) })
      if (direction === 'backwards') query.set('ending_before', beyond ?? PAST_EVERY_ID)
      else if (beyond !== undefined) query.set('starting_after', beyond)
      const json = await get(route, `/${version}/users?${query}`, caller)
      // A list always exists: Clever answers 404 to a token that may not have it.
      if (json === undefined) throw new CleverTokenRefused('the token reaches no list of users')

      const { items } = parsePage(json)
      const asked = direction === 'forwards' ? items.slice(0, limit) : items.slice(-limit)
      const ids = asked.map(idOf).filter((id) => id !== undefined)
      // Without an id there is no place to go on from.
      if (items.length > limit && ids.length === 0) throw new CleverAnswerInvalid('a page without ids')
      return {
        users: asked.map((item) => readUser(item, route)).filter((record) => record !== undefined),
        firstId: ids.at(0),
        lastId: ids.at(-1),
        hasMore: items.length > limit,
      }
    },

    async count(role, caller) {
      const route = `/users?role=${role}&count=true`
      const json = await get(route, `/${version}/users?role=${role}&count=true`, caller)
      if (json === undefined) throw new CleverTokenRefused('the token reaches no list of users')
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

/** Clever repeats the path of the list in a link to its next page, in whichever case. */
function pathOf(link: string): string {
  return link.split('?', 1)[0]?.toLowerCase() ?? ''
}

function idOf(item: unknown): UserId | undefined {
  if (typeof item !== 'object' || item === null || !('id' in item) || typeof item.id !== 'string')
    return undefined
  return parseUserId(item.id)
}
