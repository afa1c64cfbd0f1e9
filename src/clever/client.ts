import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import {
  CleverAnswerInvalid,
  CleverPathRefused,
  CleverRangeUnverified,
  CleverRefused,
} from '../model/clever-errors.ts'
import type { EventPage } from '../model/events.ts'
import { type DistrictId, PAST_EVERY_ID, type UserId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import { idOf, liesIn, MAX_PAGE_ROWS, type Range, type RangePage, type Role } from '../model/ranges.ts'
import type { DistrictRecord, UserRecord } from '../model/records.ts'
import { type Schools, schoolsById } from '../model/schools.ts'
import type { CleverClock } from './clock-skew.ts'
import { type IsKnown, MAX_PAGE_EVENTS, readEvents } from './events.ts'
import { readListPage, readWholeList } from './lists.ts'
import { mapInSlices } from './map-in-slices.ts'
import { freeRows, rowsOf } from './packed-rows.ts'
import type { PageReader } from './page-reader.ts'
import { type Direction, linkOnwards, parseCount, parsePage, parseSingle, type RawPage } from './pages.ts'
import type { LimiterCounts } from './rate-limiter.ts'
import { type ReadBody, readJson } from './read-answer.ts'
import { RecordReader } from './record-reader.ts'
import { parseDistrict } from './records.ts'
import type { Tokens } from './tokens.ts'
import type { CallContext, Transport } from './transport.ts'
import type { UserPage } from './user-page.ts'

/**
 * One district in Clever. Every method throws the CleverErrors. The result is undefined for a record that
 * does not exist or is not shared.
 */
export interface CleverClient {
  readonly districtId: DistrictId
  district(callContext: CallContext): Promise<DistrictRecord | undefined>
  user(id: UserId, callContext: CallContext): Promise<UserRecord | undefined>
  /**
   * One call, and one for each empty page that has a link to a further one. A page may be shorter than its limit and not the
   * last. Throws CleverRangeUnverified for a page that does not lie beyond its cursor.
   */
  range(range: Range, callContext: CallContext): Promise<RangePage>
  /**
   * One call for at most 1,000 events of users, after the given event. Undefined where the district has no
   * events. Events that are known by their ids are not read again.
   */
  events(
    after: string | undefined,
    callContext: CallContext,
    isKnown?: IsKnown,
  ): Promise<EventPage | undefined>
  /** One call. The newest event, or null before the first; undefined where the district has no events. */
  newestEvent(callContext: CallContext): Promise<string | null | undefined>
  /** Costs no call. See `PageReader`. */
  expectLargePages(): void
  /** The present by Clever's clock, in ms since the epoch. Costs no call. */
  cleverNow(): number
  /** The known number of calls that the token has left in this window. Costs no call. */
  callsLeft(): number
  /** The calls of the token that waited for the next window, or were refused. Costs no call. */
  limiterCounts(): LimiterCounts
  /** One call. Undefined where Clever does not count. */
  count(role: Role, callContext: CallContext): Promise<number | undefined>
  /** One call for each hundred contacts. Each contact comes with all its relationships, to other students too. */
  contactsOf(studentId: UserId, callContext: CallContext): Promise<readonly UserRecord[]>
  /** The students of a teacher. One call for each 10,000. */
  studentsOf(teacherId: UserId, callContext: CallContext): Promise<readonly UserRecord[]>
  /** One call for each 10,000. */
  studentsOfSchool(schoolId: UserId, callContext: CallContext): Promise<readonly UserRecord[]>
  /** All schools of the district. One call for each 10,000. */
  schools(callContext: CallContext): Promise<Schools>
}

export interface ClientOptions {
  readonly districtId: DistrictId
  /** Such as v3.1. */
  readonly version: string
  /** The origin that links must lead to. */
  readonly origin: string
  readonly transport: Transport
  readonly tokens: Tokens
  readonly cleverClock: CleverClock
  readonly pageReader: PageReader
  readonly keptFields?: KeptFields
  readonly log: Logger
  readonly metrics: Metrics
}

interface EventsQuery {
  readonly limit: number
  readonly starting_after?: string
  readonly ending_before?: string
}

/** The calls of a token that has not been read yet, as Clever documents them. */
const ASSUMED_CALLS = 1_200

export function createClient(options: ClientOptions): CleverClient {
  return new DistrictClient(options)
}

class DistrictClient implements CleverClient {
  readonly districtId: DistrictId
  readonly cleverNow: () => number
  readonly #options: ClientOptions
  readonly #records: RecordReader

  constructor(options: ClientOptions) {
    this.districtId = options.districtId
    this.cleverNow = options.cleverClock.now
    this.#options = options
    this.#records = new RecordReader(options)
  }

  async district(callContext: CallContext): Promise<DistrictRecord | undefined> {
    const json = await this.#getJson(
      '/districts/{id}',
      this.#at(`/districts/${this.districtId}`),
      callContext,
    )
    if (json === undefined) return undefined
    const record = parseDistrict(parseSingle(json))
    if (record?.id !== this.districtId) throw new CleverAnswerInvalid('not the district that was asked for')
    this.#records.countCut(record)
    return record
  }

  async user(id: UserId, callContext: CallContext): Promise<UserRecord | undefined> {
    const route = '/users/{id}'
    const json = await this.#getJson(route, this.#at(`/users/${id}`), callContext)
    if (json === undefined) return undefined
    const record = this.#records.user(parseSingle(json), route)
    if (record?.id !== id) throw new CleverAnswerInvalid('not the user that was asked for')
    return record
  }

  async range(range: Range, callContext: CallContext): Promise<RangePage> {
    const { role, direction, beyond, wanted } = range
    const limit = Math.min(range.limit, MAX_PAGE_ROWS)
    const route = `/users?role=${role}`
    const query = new URLSearchParams({ role, limit: String(limit) })
    if (direction === 'backwards') query.set('ending_before', beyond ?? PAST_EVERY_ID)
    else if (beyond !== undefined) query.set('starting_after', beyond)
    const { districtId, keptFields } = this.#records
    const question = { role, districtId, keptFields, wanted }
    const read: ReadBody<UserPage> = (body) => this.#options.pageReader.read(body, question)
    const get = (path: string) => this.#get(route, path, callContext, read)
    const page = await readListPage(get, this.#at(`/users?${query}`), this.#options.origin, {
      direction,
      limit,
    })
    // Lists always exist, so a 404 means that the token may not read this one.
    if (page === undefined) throw new CleverPathRefused('the token reaches no list of users', 404)

    const { leftOut, isLast, hasNameless, counts } = page
    const rows = rowsOf(page.rows)
    if (!page.isAscending || !liesIn(range, rows))
      throw new CleverRangeUnverified('a page that is not beyond its cursor')
    this.#records.report(counts, route)
    const isLinked = linkOnwards(page, direction) !== undefined
    return { rows, leftOut, isLast, isLinked, hasNameless, free: () => freeRows(page.rows) }
  }

  async events(
    after: string | undefined,
    callContext: CallContext,
    isKnown?: IsKnown,
  ): Promise<EventPage | undefined> {
    const query = { limit: MAX_PAGE_EVENTS, ...(after && { starting_after: after }) }
    const page = await this.#eventsPage(query, 'forwards', callContext)
    if (page === undefined) return undefined
    const { items, isLast } = page
    const read = await readEvents({ ...this.#options, items, after, isKnown })
    for (const { user } of read.events) this.#records.countCut(user)
    return { ...read, isLast }
  }

  async newestEvent(callContext: CallContext): Promise<string | null | undefined> {
    const page = await this.#eventsPage({ limit: 1, ending_before: PAST_EVERY_ID }, 'backwards', callContext)
    if (page === undefined) return undefined
    const ids = page.items.map(idOf).filter((id) => id !== undefined)
    return ids.sort().at(-1) ?? null
  }

  expectLargePages() {
    this.#options.pageReader.expectLargePages()
  }

  callsLeft(): number {
    return this.#options.tokens.callsLeft(this.districtId) ?? ASSUMED_CALLS
  }

  limiterCounts(): LimiterCounts {
    return this.#options.tokens.limiterCounts(this.districtId)
  }

  async count(role: Role, callContext: CallContext): Promise<number | undefined> {
    const route = `/users?role=${role}&count=true`
    const json = await this.#getJson(route, this.#at(route), callContext)
    if (json === undefined) throw new CleverPathRefused('the token reaches no list of users', 404)
    return parseCount(json)
  }

  async contactsOf(studentId: UserId, callContext: CallContext): Promise<readonly UserRecord[]> {
    const users = await this.#listed('/users/{id}/mycontacts', `/users/${studentId}/mycontacts`, callContext)
    return users.filter(({ contact }) => contact !== undefined)
  }

  async studentsOf(teacherId: UserId, callContext: CallContext): Promise<readonly UserRecord[]> {
    const path = `/users/${teacherId}/mystudents?limit=${MAX_PAGE_ROWS}`
    const users = await this.#listed('/users/{id}/mystudents', path, callContext)
    return users.filter(({ student }) => student !== undefined)
  }

  async studentsOfSchool(schoolId: UserId, callContext: CallContext): Promise<readonly UserRecord[]> {
    const path = `/schools/${schoolId}/users?role=student&limit=${MAX_PAGE_ROWS}`
    const users = await this.#listed('/schools/{id}/users', path, callContext)
    return users.filter(({ student }) => student !== undefined)
  }

  async schools(callContext: CallContext): Promise<Schools> {
    const route = '/schools'
    const get = async (path: string) => {
      const page = await this.#getPage(route, path, callContext)
      // Lists always exist, so a 404 means that the token may not read this one.
      if (page === undefined) throw new CleverPathRefused('the token reaches no list of schools', 404)
      return page
    }
    const items = await readWholeList(get, this.#at(`${route}?limit=${MAX_PAGE_ROWS}`), this.#options.origin)
    const schools = await mapInSlices(items, (item) => this.#records.school(item, route))
    return schoolsById(schools.filter((school) => school !== undefined))
  }

  /** All users of a list. Empty if the owner of the list does not exist. */
  async #listed(route: string, path: string, callContext: CallContext): Promise<readonly UserRecord[]> {
    const get = (page: string) => this.#getPage(route, page, callContext)
    const items = await readWholeList(get, this.#at(path), this.#options.origin)
    const users = await mapInSlices(items, (item) => this.#records.user(item, route))
    const byId = new Map<UserId, UserRecord>()
    for (const user of users) if (user !== undefined) byId.set(user.id, user)
    return [...byId.values()]
  }

  /** Undefined for a district that has not switched its events on: Clever then answers 404, or refuses the path. */
  async #eventsPage(query: EventsQuery, direction: Direction, callContext: CallContext) {
    const params = new URLSearchParams({ record_type: 'users' })
    for (const [name, value] of Object.entries(query)) params.set(name, String(value))
    const get = (page: string) => this.#getPage('/events', page, callContext)
    const pages = { direction, limit: query.limit }
    try {
      return await readListPage(get, this.#at(`/events?${params}`), this.#options.origin, pages)
    } catch (error) {
      if (error instanceof CleverPathRefused) return undefined
      throw error
    }
  }

  #at(path: string): string {
    return `/${this.#options.version}${path}`
  }

  #getJson(route: string, path: string, callContext: CallContext): Promise<unknown> {
    return this.#get(route, path, callContext, readJson)
  }

  async #getPage(route: string, path: string, callContext: CallContext): Promise<RawPage | undefined> {
    const json = await this.#getJson(route, path, callContext)
    return json === undefined ? undefined : parsePage(json)
  }

  /** A refused token may have been rotated: asks for the district's token again, once. */
  async #get<Value>(
    route: string,
    path: string,
    callContext: CallContext,
    read: ReadBody<Value>,
  ): Promise<Value | undefined> {
    const { tokens, transport } = this.#options
    const credential = await tokens.of(this.districtId, callContext)
    try {
      return await transport.get(route, path, credential, callContext, read)
    } catch (error) {
      if (!(error instanceof CleverRefused)) throw error
      const next = await tokens.replacing(this.districtId, credential, callContext)
      if (next === undefined) throw error
      return transport.get(route, path, next, callContext, read)
    }
  }
}
