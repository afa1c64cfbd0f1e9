import type { LimitFunction } from 'p-limit'
import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import { inPartOfTheTime } from './fetch-missing.ts'

/** The share of the call allowance that a request leaves for the records of its answer. */
const ALLOWANCE_SHARE_LEFT = 0.5

/**
 * Reads the past events of a district for a request, together with other requests that wait for them. Takes part of the time and of the
 * call allowance of the request; the background reads on from there. Throws what EventBackfill.readPage throws.
 */
export async function readIdHistory(
  { backfill }: District,
  callContext: CallContext,
  clock: Clock,
  limitCalls: LimitFunction,
): Promise<void> {
  const { allowance } = callContext
  const left = allowance.remaining * ALLOWANCE_SHARE_LEFT
  const part = inPartOfTheTime(callContext, clock)
  backfill.want()
  while (backfill.isNeeded && allowance.remaining > left && clock.now() < part.deadline)
    await limitCalls(() => backfill.readPage(part))
}
