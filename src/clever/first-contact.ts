import type { Clock } from '../clock.ts'
import type { CleverClient } from './client.ts'
import type { Clever } from './connect.ts'
import { UNLIMITED_CALLS } from './transport.ts'

/** ms */
const CALL_TIMEOUT_MS = 5_000
const FIRST_PAUSE_MS = 1_000
const MAX_PAUSE_MS = 30_000
const DISTRICTS_AT_ONCE = 8

/**
 * Asks Clever for the record of each district until one call has succeeded, of this function or of a request. Without it, a
 * process that gets no requests would never know whether it can answer them. Never throws.
 */
export async function reachClever(clever: Clever, clock: Clock, ending: AbortSignal): Promise<void> {
  const callContext = () => ({
    deadline: clock.now() + CALL_TIMEOUT_MS,
    signal: ending,
    allowance: UNLIMITED_CALLS,
    priority: 'BACKGROUND' as const,
  })
  const ask = (client: CleverClient) => client.district(callContext()).catch(() => undefined)
  for (let pause = FIRST_PAUSE_MS; !ending.aborted; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
    const clients = await clever.clients.all(callContext()).catch(() => [])
    for (let i = 0; i < clients.length && !clever.hasAnswered(); i += DISTRICTS_AT_ONCE)
      await Promise.all(clients.slice(i, i + DISTRICTS_AT_ONCE).map(ask))
    if (clever.hasAnswered()) return
    await clock.sleep(pause, ending).catch(() => {})
  }
}
