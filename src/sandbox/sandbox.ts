import { createServer } from 'node:http'
import { createCleverApi } from './api/clever-api.ts'
import type { Latency } from './api/latency.ts'
import { createRateLimiter } from './api/rate-limit.ts'
import { createRouter } from './api/routes.ts'
import { type CallLog, createCallLog } from './call-log.ts'
import { createControl } from './control/control.ts'
import { createFaults, type Faults } from './faults.ts'
import { listen } from './listen.ts'
import { createDistrict, type SandboxDistrict, type ServedDistrict } from './roster/district.ts'
import { lastNightlySync } from './roster/sync-times.ts'
import { inventSchoolSystem } from './school-system/school-system.ts'

export interface SandboxOptions {
  /** Default 1. Equal seeds make equal school systems; only sync and event times follow the clock. */
  seed?: number
  /** Of the first district, default 24, up to 100,000. Every kind of dirt is there from 24 on. */
  students?: number
  /** Default 1; the further ones are small. */
  districts?: number
  /** Default 0: any free one. Always on 127.0.0.1. */
  port?: number
  /** `clever`: answers take as long as recorded ones did. Default `none`. */
  latency?: Latency
  /** Per token. Default 1200, as Clever's. */
  requestsPerMinute?: number
  /** Whether the districts have switched their events feed on. Default true. */
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
  close(): Promise<void>
}

const app = { clientId: '5a4db0c1000000000000', clientSecret: '5a4db0c15ec4e7000000000000000000' }
const mostStudents = 100_000
const studentsOfSmallDistrict = 12

/** Throws RangeError for more students than 100,000; rejects when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const {
    requestsPerMinute = 1200,
    eventsEnabled = true,
    latency = 'none',
    now = Date.now,
    port = 0,
  } = options
  const districts = createDistricts(options, now)
  const calls = createCallLog()
  const faults = createFaults()
  const rateLimiter = createRateLimiter(requestsPerMinute, now)
  const route = createRouter({ eventsEnabled })
  const clever = createCleverApi({ app, districts, calls, faults, rateLimiter, route, latency, now })
  const control = createControl({ app, districts, calls, faults })

  const server = createServer((request, response) => {
    const answer = control.isFor(request) ? control.answer : clever
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  const { url, close } = await listen(server, port)
  return { url, ...app, districts, calls, faults, close }
}

function createDistricts(options: SandboxOptions, now: () => number): ServedDistrict[] {
  const { seed = 1, students = 24, districts = 1 } = options
  if (students > mostStudents) throw new RangeError(`at most ${mostStudents} students, not ${students}`)
  const lastSync = lastNightlySync(now())
  return Array.from({ length: districts }, (_, index) => {
    const plan = { seed, index, lastSync, students: index === 0 ? students : studentsOfSmallDistrict }
    return createDistrict(inventSchoolSystem(plan), { seed, now, lastSync })
  })
}
