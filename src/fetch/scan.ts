import { setImmediate } from 'node:timers/promises'
import type { Caller } from '../clever/transport.ts'
import { whileWaiting } from '../clever/wait-with-signal.ts'
import type { District } from '../districts.ts'
import { CleverError } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { PageRange } from '../model/page-range.ts'
import { MOST_ROWS, type Range, type Role } from '../model/ranges.ts'
import type { Known, Listed, RecordOf } from '../store/district-store.ts'

/** From where on, and in which direction. */
export type ScanFrom<R extends Role> = Omit<Range, 'limit' | 'role'> & {
  readonly role: R
  /** Of whom whoever looks at the records will ask besides: read as a whole first, rather than one by one. */
  readonly readFirst?: readonly Role[]
}

export interface ScanOptions<R extends Role> {
  readonly district: District
  readonly caller: Caller
  readonly notBefore: number
  readonly known: (range: PageRange<R>) => Known<Listed<R>> | undefined
  /** Throws the CleverErrors and AllowanceSpent. */
  readonly read: (range: PageRange<R>) => Promise<Known<Listed<R>>>
}

/** Records, looked at in about a millisecond, before others have their turn. */
const STEP = 200

/**
 * All records beyond a cursor, some at a time, in the direction of the range: as many as whoever asks takes. Of what is
 * not known a page of 10,000 is read; for whoever takes more than that, the rest of the role is swept. Goes on no longer
 * than the caller waits: throws CleverTimedOut then, or the signal's reason, besides what `read` throws.
 */
export async function* scan<R extends Role>(
  { role, direction, beyond, readFirst = [] }: ScanFrom<R>,
  { district, caller, notBefore, known, read }: ScanOptions<R>,
): AsyncGenerator<Known<readonly RecordOf<R>[]>, void> {
  await Promise.all(readFirst.map(sweepRest))
  let place = beyond
  let pages = 0
  for (;;) {
    const range = (limit: number) => ({ role, direction, beyond: place, limit })
    let step = known(range(STEP))
    if (step === undefined) {
      pages += 1
      if (pages === 2) await sweepRest(role)
      step = known(range(STEP)) ?? (await read(range(MOST_ROWS - 1)))
    }
    const { value, since } = step
    const records = direction === 'forwards' ? value.records : value.records.toReversed()
    for (let i = 0; i < records.length; i += STEP) {
      yield { value: records.slice(i, i + STEP), since }
      await whileWaiting(setImmediate(), caller)
    }
    const next: UserId | undefined = direction === 'forwards' ? value.lastId : value.firstId
    if (!value.hasMore || next === undefined) return
    place = next
  }

  /** What fails is read page by page, and fails there if need be. */
  async function sweepRest(role: Role) {
    if (notBefore === Number.POSITIVE_INFINITY || !district.sizes.mayHold(role)) return
    try {
      const isWhole = await district.reads.sweep(role, caller, notBefore)
      if (!isWhole) district.sizes.noteNotWhole(role)
    } catch (error) {
      if (!(error instanceof CleverError)) throw error
    }
  }
}
