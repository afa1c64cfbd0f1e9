import DataLoader from 'dataloader'
import pLimit from 'p-limit'
import type { Caller } from '../clever/transport.ts'
import { whileWaiting } from '../clever/wait-with-signal.ts'
import type { District } from '../districts.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { PageRange } from '../model/page-range.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactRecord, DistrictRecord } from '../model/records.ts'
import type { Reports } from '../reports.ts'
import { notBefore, type Purpose } from '../store/ages.ts'
import type { Known, Listed, RecordOf } from '../store/district-store.ts'
import type { Fetch } from '../view/missing.ts'
import type { Request } from '../view/request.ts'
import { answerMisses } from './fetch-missing.ts'
import type { Answered, Miss } from './open-cache-misses.ts'
import { SIDE_BY_SIDE } from './planner.ts'
import { readPage } from './read-page.ts'
import { runScan } from './run-scan.ts'
import { readStaff } from './staff.ts'

export interface FetchOptions {
  readonly reports: Reports
  /** Aborted when the process is about to end. */
  readonly ending: AbortSignal
}

interface DistrictMiss extends Miss {
  readonly district: District
}

/**
 * Fetches what one request is missing. All values of a round go to one DataLoader, and so to the planner as one batch. It is
 * created on the first missing value, with the only timer of the request.
 */
export function createRequestFetch(request: Request, { reports, ending }: FetchOptions): Fetch {
  const { known, clock } = request.services
  const { services } = request
  const caller = callerOf(request, ending)
  const sideBySide = pLimit(SIDE_BY_SIDE)

  const misses = new DataLoader<DistrictMiss, Answered>(
    async (batch) => {
      const answers = new Map<Miss, Answered | Error>()
      const groups = [...Map.groupBy(batch, ({ district }) => district)]
      await Promise.all(
        groups.map(async ([district, group]) => {
          const answered = await answerMisses(district, group, caller, clock, sideBySide)
          for (const [miss, answer] of answered) answers.set(miss, answer)
        }),
      )
      return batch.map((miss) => answers.get(miss) ?? new Error('a miss without an answer'))
    },
    // The request keeps what was fetched.
    { cache: false },
  )

  /** Without the district of a client that has gone from the settings since. */
  function districtOf(id: DistrictId): District | undefined {
    const client = request.districts()?.find(({ districtId }) => districtId === id)
    return client && known.of(client)
  }

  function youngest(district: District, purpose: Purpose): number {
    return notBefore(purpose, known.ages, clock, district.reads.isDown)
  }

  function load<Value>(kind: Miss['kind'], id: UserId, districtId: DistrictId, purpose: Purpose) {
    const district = districtOf(districtId)
    if (district === undefined) return Promise.resolve({ value: undefined as Value, since: clock.now() })
    const miss: DistrictMiss = { kind, id, purpose, district, notBefore: youngest(district, purpose) }
    return misses.load(miss) as Promise<Known<Value>>
  }

  return {
    async districts() {
      await services.districts.all(caller)
    },
    record<R extends Role>(role: R, id: UserId, districtIds: readonly DistrictId[], purpose: Purpose) {
      return firstFound(
        districtIds.map((districtId) => load<RecordOf<R> | undefined>(role, id, districtId, purpose)),
      )
    },
    contactsOf: (studentId, districtId) =>
      load<readonly ContactRecord[]>('contactsOf', studentId, districtId, 'DISPLAY'),
    async page<R extends Role>(districtId: DistrictId, range: PageRange<R>): Promise<Known<Listed<R>>> {
      const district = districtOf(districtId)
      if (district === undefined) throw new CleverDistrictGone('the district is gone')
      return sideBySide(() => readPage(district, range, caller, youngest(district, 'DISPLAY')))
    },
    async count(districtId: DistrictId, role: Role) {
      const since = clock.now()
      const value = await sideBySide(async () => districtOf(districtId)?.reads.count(role, caller))
      return { value, since }
    },
    district: (districtId): Promise<DistrictRecord | undefined> =>
      sideBySide(async () => districtOf(districtId)?.reads.district(caller)),
    async schools(districtId) {
      const district = districtOf(districtId)
      if (district === undefined) throw new CleverDistrictGone('the district is gone')
      return sideBySide(() => district.reads.schools(caller, youngest(district, 'DISPLAY')))
    },
    staff: () => readStaff(request, caller, sideBySide),
    scan: (scan) => runScan(request, scan, caller, districtOf),
    async report(districtId) {
      const district = districtOf(districtId)
      return district && whileWaiting(reports.of(district.client), caller)
    },
  }
}

/** The settings name no token for the district any more. */
class CleverDistrictGone extends CleverError {
  override readonly name = 'CleverDistrictGone'
}

/** No call is made to Clever beyond the deadline, nor after the client has gone. */
export function callerOf(
  { services, asker }: Request,
  ending: AbortSignal,
  deadline = asker.deadline,
): Caller {
  const timeLeft = Math.max(deadline - services.clock.now(), 0)
  return {
    deadline,
    signal: AbortSignal.any([asker.exchange.gone, ending, AbortSignal.timeout(timeLeft)]),
    ledger: asker.ledger,
    priority: asker.priority,
  }
}

/** Ids are unique over all districts, so one find settles it; an absence is known once every district has answered. */
async function firstFound<Value>(
  answers: readonly Promise<Known<Value | undefined>>[],
): Promise<Known<Value | undefined>> {
  const absences: Known<Value | undefined>[] = []
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
    return { value: undefined, since: Math.min(...absences.map(({ since }) => since)) }
  }
}

const ABSENT = Symbol('absent')
