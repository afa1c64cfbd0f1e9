import { setImmediate } from 'node:timers/promises'
import type { UserId } from '../clever/ids.ts'
import { MOST_ROWS, type Range, type Role } from '../clever/ranges.ts'
import type { Known, Listed, RecordOf } from '../directory/directory.ts'
import type { MaybePromise } from '../maybe-promise.ts'
import type { PageRange } from './read-page.ts'

/** From where on, and in which direction. */
export type ScanFrom<R extends Role> = Omit<Range, 'limit' | 'role'> & { readonly role: R }

export interface ScanOptions<R extends Role> {
  readonly known: (range: PageRange<R>) => Known<Listed<R>> | undefined
  /** Throws the CleverErrors and AllowanceSpent. */
  readonly read: (range: PageRange<R>) => MaybePromise<Known<Listed<R>>>
  /** As far as can be. */
  readonly readRest: () => Promise<void>
}

/** Records, looked at before others have their turn: in well under a millisecond, or some ten where all warnings are. */
const STEP = 50

/**
 * All records beyond a cursor, some at a time, in the direction of the range: as many as whoever asks takes. Of what is
 * not known a page of 10,000 is read; for whoever takes more than that, the rest of the role is swept. Throws what
 * `read` throws.
 */
export async function* scan<R extends Role>(
  { role, direction, beyond }: ScanFrom<R>,
  { known, read, readRest }: ScanOptions<R>,
): AsyncGenerator<Known<readonly RecordOf<R>[]>, void> {
  let place = beyond
  let pages = 0
  for (;;) {
    const range = (limit: number) => ({ role, direction, beyond: place, limit })
    let step = known(range(STEP))
    if (step === undefined) {
      pages += 1
      if (pages === 2) await readRest()
      step = known(range(STEP)) ?? (await read(range(MOST_ROWS - 1)))
    }
    const { value, since } = step
    const records = direction === 'forwards' ? value.records : value.records.toReversed()
    for (let i = 0; i < records.length; i += STEP) {
      yield { value: records.slice(i, i + STEP), since }
      await setImmediate()
    }
    const next: UserId | undefined = direction === 'forwards' ? value.lastId : value.firstId
    if (!value.hasMore || next === undefined) return
    place = next
  }
}
