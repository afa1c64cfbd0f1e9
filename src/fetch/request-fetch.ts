import DataLoader from 'dataloader'
import pLimit from 'p-limit'
import type { CallContext } from '../clever/transport.ts'
import { waitWithSignal } from '../clever/wait-with-signal.ts'
import type { District } from '../districts.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { PageRange } from '../model/page-range.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactRecord, DistrictRecord } from '../model/records.ts'
import type { Reports } from '../reports.ts'
import { minAsOf, type Purpose } from '../store/ages.ts'
import type { Dated, RecordOf, RecordPage } from '../store/district-store.ts'
import type { Fetch } from '../view/missing.ts'
import type { Request } from '../view/request.ts'
import { MANY_RECORDS, MAX_CONCURRENT_CALLS } from './call-costs.ts'
import { fetchMissing } from './fetch-missing.ts'
import type { CacheMiss, FetchedValue } from './open-cache-misses.ts'
import { readIdHistory } from './read-id-history.ts'
import { readPage } from './read-page.ts'
import { runScan } from './run-scan.ts'
import { readStaff } from './staff.ts'

export interface FetchOptions {
  readonly reports: Reports
  /** Aborted when the process is about to end. */
  readonly ending: AbortSignal
}

/** As many calls of a request wait for a place as are under way, so that a place is taken before the answer has been read. */
const MAX_OPEN_CALLS = 2 * MAX_CONCURRENT_CALLS

interface DistrictCacheMiss extends CacheMiss {
  readonly district: District
}

/**
 * Fetches what one request is missing. All values of a round go to one DataLoader, and so to the planner as one batch. It is
 * created on the first missing value, with the only timer of the request.
 */
export function createRequestFetch(request: Request, { reports, ending }: FetchOptions): Fetch {
  const { districts, clock } = request.services
  const { services } = request
  const callContext = callContextOf(request, ending)
  const limitCalls = pLimit(MAX_OPEN_CALLS)

  const misses = new DataLoader<DistrictCacheMiss, FetchedValue>(
    async (batch) => {
      const answers = new Map<CacheMiss, FetchedValue | Error>()
      const groups = [...Map.groupBy(batch, ({ district }) => district)]
      await Promise.all(
        groups.map(async ([district, group]) => {
          const answered = await fetchMissing(district, group, callContext, clock, limitCalls)
          for (const [miss, answer] of answered) answers.set(miss, answer)
        }),
      )
      return batch.map((miss) => answers.get(miss) ?? new Error('a miss without an answer'))
    },
    // The request keeps what was fetched. Plans are made in a turn of the event loop after the round that needs them.
    { cache: false, batchScheduleFn: setImmediate },
  )

  /** Skips the district of a client that is no longer in the settings. */
  function districtOf(id: DistrictId): District | undefined {
    const client = request.districts()?.find(({ districtId }) => districtId === id)
    return client && districts.of(client)
  }

  function youngest(district: District, purpose: Purpose): number {
    return minAsOf(purpose, districts.ages, clock, district.reader.isDown)
  }

  function load<Value>(kind: CacheMiss['kind'], id: UserId, districtId: DistrictId, purpose: Purpose) {
    const district = districtOf(districtId)
    if (district === undefined) return Promise.resolve({ value: undefined as Value, asOf: clock.now() })
    const miss: DistrictCacheMiss = { kind, id, purpose, district, minAsOf: youngest(district, purpose) }
    return misses.load(miss) as Promise<Dated<Value>>
  }

  return {
    async districts() {
      await services.clients.all(callContext)
    },
    record<R extends Role>(role: R, id: UserId, districtIds: readonly DistrictId[], purpose: Purpose) {
      return firstFound(
        districtIds.map((districtId) => load<RecordOf<R> | undefined>(role, id, districtId, purpose)),
      )
    },
    contactsOf: (studentId, districtId) =>
      load<readonly ContactRecord[]>('contactsOf', studentId, districtId, 'DISPLAY'),
    async page<R extends Role>(districtId: DistrictId, range: PageRange<R>): Promise<Dated<RecordPage<R>>> {
      const district = districtOf(districtId)
      if (district === undefined) throw new CleverDistrictGone('the district is gone')
      // A long page of contacts names many students. How many there are shows the cheapest way to read them next.
      const namesMany = range.role === 'contact' && range.limit >= MANY_RECORDS
      if (namesMany && district.sizes.rows('student') === undefined)
        void district.sizes.learnRows('student', callContext)
      return limitCalls(() => readPage(district, range, callContext, youngest(district, 'DISPLAY')))
    },
    async count(districtId: DistrictId, role: Role) {
      const asOf = clock.now()
      const value = await limitCalls(async () => districtOf(districtId)?.reader.count(role, callContext))
      return { value, asOf }
    },
    district: (districtId): Promise<DistrictRecord | undefined> =>
      limitCalls(async () => districtOf(districtId)?.reader.district(callContext)),
    async schools(districtId) {
      const district = districtOf(districtId)
      if (district === undefined) throw new CleverDistrictGone('the district is gone')
      return limitCalls(() => district.reader.schools(callContext, youngest(district, 'DISPLAY')))
    },
    async idHistory(districtId) {
      const district = districtOf(districtId)
      if (district !== undefined) await readIdHistory(district, callContext, clock, limitCalls)
    },
    staff: () => readStaff(request, callContext, limitCalls),
    scan: (scan) => runScan(request, scan, callContext, districtOf),
    async report(districtId) {
      const district = districtOf(districtId)
      return district && waitWithSignal(reports.of(district.client), callContext)
    },
  }
}

/** The settings name no token for the district any more. */
class CleverDistrictGone extends CleverError {
  override readonly name = 'CleverDistrictGone'
}

/** No call is made to Clever beyond the deadline, nor after the client has gone. */
export function callContextOf(
  { services, context }: Request,
  ending: AbortSignal,
  deadline = context.deadline,
): CallContext {
  const timeLeft = Math.max(deadline - services.clock.now(), 0)
  return {
    deadline,
    signal: AbortSignal.any([context.exchange.gone, ending, services.clock.timeout(timeLeft)]),
    allowance: context.allowance,
    priority: context.priority,
    ...(context.priority === 'INTERACTIVE' && { requestId: context.requestId }),
    ...(context.trace !== undefined && { trace: context.trace }),
  }
}

/**
 * Ids are unique over all districts, so one hit is enough. A record is absent only if every district has
 * answered.
 */
async function firstFound<Value>(
  answers: readonly Promise<Dated<Value | undefined>>[],
): Promise<Dated<Value | undefined>> {
  const absences: Dated<Value | undefined>[] = []
  try {
    return await Promise.any(
      answers.map(async (answer) => {
        const known = await answer
        if (known.value !== undefined) return known
        absences.push(known)
        throw ABSENT
      }),
    )
  } catch (error) {
    const failures = error instanceof AggregateError ? error.errors : [error]
    const failure = failures.find((each) => each !== ABSENT)
    if (failure !== undefined) throw failure
    return { value: undefined, asOf: Math.min(...absences.map(({ asOf }) => asOf)) }
  }
}

const ABSENT = Symbol('absent')
