import type { CleverClient } from '../clever/client.ts'
import { CleverRangeUnproven } from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Range, RangePage } from '../clever/ranges.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Directory } from './directory.ts'

/**
 * Whether a page may be learned as the whole truth about its range. Clever documents that it compares cursors with ids;
 * the doctor checks that. Here only the pages are looked at that would say the same if Clever looked cursors up.
 */
export interface RangeCheck {
  /** PAUSED for a while after a page that contradicted itself. */
  readonly state: 'USABLE' | 'PAUSED'
  /**
   * Throws CleverRangeUnproven for a page that must not be learned. Cost: none for a page with rows that Clever links
   * onwards, or that begins at a record that is known; otherwise one call, and two for an empty list.
   */
  check(range: Range, page: RangePage, caller: Caller): Promise<void>
  /** A page was odd: its ids out of order or out of range, or contradicted by another page. */
  pause(): void
}

/** ms. Doubled with each further odd page, until an hour has passed without one. */
const FIRST_PAUSE = 30_000
const MAX_PAUSE = 600_000
const FORGIVEN_AFTER = 3_600_000

/** `onPause` is told the milliseconds. */
export function createRangeCheck(
  client: CleverClient,
  directory: Directory,
  clock: Clock,
  onPause: (milliseconds: number) => void,
): RangeCheck {
  let oddAt = Number.NEGATIVE_INFINITY
  let length = 0

  function isDoubtful({ role, direction, beyond, limit }: Range, { rows, isLast, isLinked }: RangePage) {
    const isMadeUp =
      beyond === undefined
        ? direction === 'backwards'
        : directory.find(role, beyond as UserId, Number.NEGATIVE_INFINITY)?.value === undefined
    if (!isMadeUp) return false
    if (rows.length === 0) return isLast
    // A Clever that ignores an unknown cursor gives the first page of the list, to which nothing is linked before it.
    return direction === 'backwards' && rows.length >= limit && !isLinked
  }

  async function isContradicted({ role, direction, beyond }: Range, { rows }: RangePage, caller: Caller) {
    const read = async (range: Omit<Range, 'role' | 'limit'>) => {
      const page = await client.range({ role, limit: 1, ...range }, caller)
      return page.rows.at(0)?.id
    }
    const first = () => read({ direction: 'forwards', beyond: undefined })
    if (direction === 'forwards') {
      const last = await read({ direction: 'backwards', beyond: undefined })
      return last === undefined ? (await first()) !== undefined : last > (beyond ?? '')
    }
    const end = rows.at(-1)?.id
    const next = end === undefined ? await first() : await read({ direction: 'forwards', beyond: end })
    return next !== undefined && (beyond === undefined || next < beyond)
  }

  return {
    get state() {
      const age = clock.elapsed() - oddAt
      return age < length ? 'PAUSED' : 'USABLE'
    },
    async check(range, page, caller) {
      if (isDoubtful(range, page) && (await isContradicted(range, page, caller)))
        throw new CleverRangeUnproven('a page that another page contradicts')
    },
    pause() {
      const isForgiven = clock.elapsed() - oddAt > FORGIVEN_AFTER
      length = isForgiven || length === 0 ? FIRST_PAUSE : Math.min(2 * length, MAX_PAUSE)
      oddAt = clock.elapsed()
      onPause(length)
    },
  }
}
