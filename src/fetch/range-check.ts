import type { CleverClient } from '../clever/client.ts'
import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { CleverRangeUnverified } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { Range, RangePage } from '../model/ranges.ts'
import { idBefore, START } from '../store/coverage.ts'
import type { DistrictStore } from '../store/district-store.ts'

/**
 * Whether a page may be stored as the complete truth about its range. Clever documents that it compares cursors with ids;
 * the doctor checks that. Only pages that would look the same if Clever looked cursors up are checked here.
 */
export interface RangeCheck {
  /** PAUSED for a while after a page that contradicted itself. */
  readonly state: 'USABLE' | 'PAUSED'
  /**
   * The page in the form that may be stored. Throws CleverRangeUnverified for a page that must not be stored.
   * Cost: none for a page with rows that Clever links onwards, or that begins at a known record; otherwise
   * one call, and two for an empty list. One more for a short page that is read backwards, until Clever has
   * shown that it links to earlier pages.
   */
  check(range: Range, page: RangePage, callContext: CallContext): Promise<RangePage>
  /** A page was odd: its ids out of order or out of range, or contradicted by another page. */
  pause(): void
}

/**
 * The length of the first pause in ms. It doubles with each further odd page, until an hour has passed
 * without one.
 */
const FIRST_PAUSE_MS = 30_000
const MAX_PAUSE_MS = 600_000
const FORGIVEN_AFTER_MS = 3_600_000

/** `onPause` receives the milliseconds. */
export function createRangeCheck(
  client: CleverClient,
  store: DistrictStore,
  clock: Clock,
  onPause: (milliseconds: number) => void,
): RangeCheck {
  let oddAt = Number.NEGATIVE_INFINITY
  let length = 0
  let hasLinkedBackwards = false

  function isUncertain(
    { role, direction, beyond, limit }: Range,
    { rows, leftOut, isLast, isLinked }: RangePage,
  ) {
    const isMadeUp =
      beyond === undefined
        ? direction === 'backwards'
        : store.find(role, beyond as UserId, Number.NEGATIVE_INFINITY)?.value === undefined
    if (!isMadeUp) return false
    if (rows.length === 0) return isLast
    // If Clever ignored an unknown cursor, it would return the first page of the list, which has no link to
    // an earlier page.
    return direction === 'backwards' && rows.length + leftOut >= limit && !isLinked
  }

  const readOne = async (range: Omit<Range, 'limit'>, callContext: CallContext) => {
    const page = await client.range({ limit: 1, ...range }, callContext)
    return page.rows.at(0)?.id
  }

  /**
   * If Clever links only to later pages, a short page may be the first of the list, or just shorter than
   * requested.
   */
  async function withProvenStart({ role, direction }: Range, page: RangePage, callContext: CallContext) {
    const first = page.rows.at(0)?.id
    if (direction === 'forwards' || !page.isLast || first === undefined || hasLinkedBackwards) return page
    const earlier = { after: START, upTo: idBefore(first) }
    const known = store.rowCountIn(role, earlier)
    const hasEarlier =
      known === undefined
        ? ((await readOne({ role, direction: 'forwards', beyond: undefined }, callContext)) ?? first) < first
        : known > 0
    return hasEarlier ? { ...page, isLast: false } : page
  }

  async function isContradicted(
    { role, direction, beyond }: Range,
    { rows }: RangePage,
    callContext: CallContext,
  ) {
    const read = (range: Omit<Range, 'role' | 'limit'>) => readOne({ role, ...range }, callContext)
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
    async check(range, page, callContext) {
      if (isUncertain(range, page) && (await isContradicted(range, page, callContext)))
        throw new CleverRangeUnverified('a page that another page contradicts')
      if (range.direction === 'backwards' && page.isLinked) hasLinkedBackwards = true
      return withProvenStart(range, page, callContext)
    },
    pause() {
      const isForgiven = clock.elapsed() - oddAt > FORGIVEN_AFTER_MS
      length = isForgiven || length === 0 ? FIRST_PAUSE_MS : Math.min(2 * length, MAX_PAUSE_MS)
      oddAt = clock.elapsed()
      onPause(length)
    },
  }
}
