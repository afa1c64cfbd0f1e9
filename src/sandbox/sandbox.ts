import { createServer } from 'node:http'
import { createCleverApi } from './api/clever-api.ts'
import type { Latency } from './api/latency.ts'
import type { Cursors } from './api/page.ts'
import { createRateLimiter } from './api/rate-limit.ts'
import { type CallLog, createCallLog } from './call-log.ts'
import { createControl } from './control/control.ts'
import { createFaults, type Faults } from './faults.ts'
import { listen } from './listen.ts'
import { PersonTokens } from './person-tokens.ts'
import { createDistrict, type SandboxDistrict, type ServedDistrict } from './roster/district.ts'
import { lastNightlySync } from './roster/sync-times.ts'
import { inventSchoolSystem } from './school-system/school-system.ts'
import type { Sis } from './sis/ways-of-syncing.ts'

export interface SandboxOptions {
  /** Default 1. Equal seeds make equal school systems; only sync and event times follow the clock. */
  seed?: number
  /**
   * The number of students in the first district, up to 100,000. Default 24, which is enough for every kind
   * of dirty data.
   */
  students?: number
  /**
   * The number of contacts in the first district, up to 200,000. Default: as many as the families have, about
   * 1.5 for each student.
   */
  contacts?: number
  /**
   * How the first district syncs with Clever. This sets `sis_type` and the data quality of the contacts.
   * Default: no particular way, with some of every kind of dirty data. The documented family is always the
   * same.
   */
  sis?: Sis
  /** The number of districts. Default 1. */
  districts?: number
  /** How many of them are as large as the first. Default 1. The others are small. */
  largeDistricts?: number
  /** The port on 127.0.0.1. Default 0, which picks a free port. */
  port?: number
  /** `clever`: answers take as long as recorded ones did. Default `none`. */
  latency?: Latency
  /** The rate limit for each token. Default 1200, which is Clever's limit. */
  requestsPerMinute?: number
  /**
   * How lists of users interpret `starting_after` and `ending_before`. Default `ranges`, which Clever
   * documents.
   */
  cursors?: Cursors
  /** The maximum number of rows on a page, even if `limit` is larger. Default: the limit. */
  maxRows?: number
  /** Whether the districts have switched their events feed on, until `setEvents`. Default true. */
  eventsEnabled?: boolean
  /** Ms since 1970: the clock of rate limits, syncs and events, not of latency. Default Date.now. */
  now?: () => number
}

/** A stand-in for Clever: api.clever.com and clever.com/oauth on one loopback port. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly districts: readonly SandboxDistrict[]
  readonly calls: CallLog
  readonly faults: Faults
  /** Tokens of a gateway over this sandbox, by the person they are for. `GET /_sandbox/tokens` returns them. */
  readonly tokens: PersonTokens
  close(): Promise<void>
}

const app = { clientId: '5a4db0c1000000000000', clientSecret: '5a4db0c15ec4e7000000000000000000' }
const maxStudents = 100_000
const maxContacts = 200_000
const studentsOfSmallDistrict = 12

/** Rejects with RangeError for more students or contacts than it can hold, or when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { requestsPerMinute = 1200, cursors = 'ranges', latency = 'none', now = Date.now, port = 0 } = options
  const { maxRows = Number.POSITIVE_INFINITY } = options
  const districts = createDistricts(options, now)
  const calls = createCallLog()
  const faults = createFaults()
  const tokens = new PersonTokens()
  const rateLimiter = createRateLimiter(requestsPerMinute, now)
  const clever = createCleverApi({
    app,
    districts,
    calls,
    faults,
    rateLimiter,
    cursors,
    maxRows,
    latency,
    now,
  })
  const control = createControl({ app, districts, calls, faults, tokens })

  const server = createServer((request, response) => {
    const answer = control.isFor(request) ? control.answer : clever
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  const { url, close } = await listen(server, port)
  return { url, ...app, districts, calls, faults, tokens, close }
}

function createDistricts(options: SandboxOptions, now: () => number): ServedDistrict[] {
  const { seed = 1, students = 24, contacts, sis, districts = 1, eventsEnabled = true } = options
  const { largeDistricts = 1 } = options
  if (students > maxStudents) throw new RangeError(`at most ${maxStudents} students, not ${students}`)
  if (contacts !== undefined && contacts > maxContacts) {
    throw new RangeError(`at most ${maxContacts} contacts, not ${contacts}`)
  }
  const lastSync = lastNightlySync(now())
  return Array.from({ length: districts }, (_, index) => {
    const size = index < largeDistricts ? { students, contacts } : { students: studentsOfSmallDistrict }
    const school = inventSchoolSystem({ seed, index, lastSync, ...size, ...(index === 0 && { sis }) })
    return createDistrict(school, { seed, now, lastSync, events: eventsEnabled ? 'on' : 'off' })
  })
}
