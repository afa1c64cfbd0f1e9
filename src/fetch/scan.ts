import { setImmediate } from 'node:timers/promises'
import type { CallContext } from '../clever/transport.ts'
import { waitWithSignal } from '../clever/wait-with-signal.ts'
import type { District } from '../districts.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { PageRange } from '../model/page-range.ts'
import { MAX_PAGE_ROWS, type Range, type Role } from '../model/ranges.ts'
import type { Dated, RecordOf, RecordPage } from '../store/district-store.ts'

/** The cursor and the direction. */
export type ScanFrom<R extends Role> = Omit<Range, 'limit' | 'role'> & {
  readonly role: R
  /** Roles that the scan reads besides: loaded first as a whole, rather than one record at a time. */
  readonly readFirst?: readonly Role[]
}

export interface ScanOptions<R extends Role> {
  readonly district: District
  readonly callContext: CallContext
  readonly minAsOf: number
  readonly known: (range: PageRange<R>) => Dated<RecordPage<R>> | undefined
  /** Throws the CleverErrors and CallAllowanceExceeded. */
  readonly read: (range: PageRange<R>) => Promise<Dated<RecordPage<R>>>
}

/** The number of records between two yields to the event loop, which takes about a millisecond. */
const STEP = 200

/**
 * Yields all records beyond a cursor, some at a time, in the direction of the range, until the consumer
 * stops. The first gap is read as a page of 10,000; after that, the rest of the role is loaded. When the
 * request ends, it throws CleverTimedOut or the signal's reason. It also throws the errors of `read`.
 */
export async function* scan<R extends Role>(
  { role, direction, beyond, readFirst = [] }: ScanFrom<R>,
  { district, callContext, minAsOf, known, read }: ScanOptions<R>,
): AsyncGenerator<Dated<readonly RecordOf<R>[]>, void> {
  await Promise.all(readFirst.map(loadRest))
  let cursor = beyond
  let pages = 0
  for (;;) {
    const range = (limit: number) => ({ role, direction, beyond: cursor, limit })
    let step = known(range(STEP))
    if (step === undefined) {
      pages += 1
      if (pages === 2) await loadRest(role)
      step = known(range(STEP)) ?? (await read(range(MAX_PAGE_ROWS - 1)))
    }
    const { value, asOf } = step
    const records = direction === 'forwards' ? value.records : value.records.toReversed()
    for (let i = 0; i < records.length; i += STEP) {
      yield { value: records.slice(i, i + STEP), asOf }
      await waitWithSignal(setImmediate(), callContext)
    }
    const next: UserId | undefined = direction === 'forwards' ? value.lastId : value.firstId
    if (!value.hasMore || next === undefined) return
    cursor = next
  }

  /** If the full load fails, the list is read page by page, and errors are thrown there. */
  async function loadRest(role: Role) {
    if (minAsOf === Number.POSITIVE_INFINITY || !district.sizes.fits(role)) return
    try {
      const isWhole = await district.reader.fullLoad(role, callContext, minAsOf)
      if (!isWhole) district.sizes.recordFailedLoad(role)
    } catch (error) {
      if (!(error instanceof CleverError)) throw error
    }
  }
}
