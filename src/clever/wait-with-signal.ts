import { type CallContext, nameFailure } from './transport.ts'

/**
 * What is under way for several is shared and goes on; this caller waits for it no longer than for anything else. Throws
 * CleverTimedOut at the caller's deadline, and the signal's reason when the caller has gone.
 */
export async function waitWithSignal<Value>(
  underWay: Promise<Value>,
  { signal }: Pick<CallContext, 'signal'>,
): Promise<Value> {
  const gaveUp = Promise.withResolvers<never>()
  const giveUp = () => gaveUp.reject(signal.reason)
  signal.addEventListener('abort', giveUp)
  try {
    signal.throwIfAborted()
    return await Promise.race([underWay, gaveUp.promise])
  } catch (error) {
    throw nameFailure(error, signal)
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
