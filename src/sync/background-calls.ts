import { type CallContext, UNLIMITED_CALLS } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'

/** How long a background call may wait: for up to two windows of its token. ms */
const BACKGROUND_DEADLINE_MS = 150_000

/** The call context of background calls. */
export function backgroundCallContext(clock: Clock, ending: AbortSignal): CallContext {
  return {
    deadline: clock.now() + BACKGROUND_DEADLINE_MS,
    signal: ending,
    allowance: UNLIMITED_CALLS,
    priority: 'BACKGROUND',
  }
}
