import type { CleverClient } from '../clever/client.ts'
import { type CallContext, UNLIMITED_CALLS } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { CleverError, CleverPathRefused, CleverRefused, CleverTokenRefused } from '../model/clever-errors.ts'

/** Distinguishes the refusal of one path from the end of a district's consent. */
export interface Refusals {
  /**
   * Classifies a refusal: CleverTokenRefused if the district shares nothing any more, so that nothing of it may be shown;
   * CleverPathRefused if only that path is refused. Never throws. Cost: at most three calls, once in 10 s.
   */
  classify(refusal: CleverRefused): Promise<CleverRefused>
}

/** The time for which a district that was found to share is not checked again. ms */
const VERDICT_MAX_AGE_MS = 10_000
const CHECK_TIMEOUT_MS = 2_000

/**
 * Clever documents 401 for an unknown token, and 404 for a record that is not shared or is gone, and for the
 * wrong kind of token. 403 was reported for a token without a scope. So a 401 ends consent at once. Any other
 * refusal leads to a check. Every valid token can read the district's own record, and a token with Secure
 * Sync can also read at least one of the two lists of users. If both can be read, the district still shares
 * data. A check that fails for another reason, such as an outage, proves nothing.
 */
export function createRefusals(client: CleverClient, clock: Clock): Refusals {
  let sharedAt = Number.NEGATIVE_INFINITY
  let checking: Promise<CleverTokenRefused | undefined> | undefined

  async function isRefused(call: Promise<unknown>): Promise<boolean> {
    try {
      return (await call) === undefined
    } catch (error) {
      if (error instanceof CleverRefused) return true
      throw error
    }
  }

  async function check(): Promise<CleverTokenRefused | undefined> {
    const callContext = checkCallContext(clock)
    const list = (role: 'student' | 'contact') =>
      isRefused(client.range({ role, direction: 'forwards', beyond: undefined, limit: 1 }, callContext))
    if (await isRefused(client.district(callContext)))
      return new CleverTokenRefused("the district's own record is refused")
    if ((await list('student')) && (await list('contact')))
      return new CleverTokenRefused('the district shares no users')
    sharedAt = clock.elapsed()
    return undefined
  }

  return {
    async classify(refusal) {
      if (!(refusal instanceof CleverPathRefused)) return refusal
      const age = clock.elapsed() - sharedAt
      if (age < VERDICT_MAX_AGE_MS) return refusal
      checking ??= check().finally(() => {
        checking = undefined
      })
      try {
        return (await checking) ?? refusal
      } catch (error) {
        if (error instanceof CleverError) return refusal
        throw error
      }
    },
  }
}

/** All refused requests share the check, and it goes on when one of them ends. */
function checkCallContext(clock: Clock): CallContext {
  return {
    deadline: clock.now() + CHECK_TIMEOUT_MS,
    signal: clock.timeout(CHECK_TIMEOUT_MS),
    allowance: UNLIMITED_CALLS,
    priority: 'INTERACTIVE',
  }
}
