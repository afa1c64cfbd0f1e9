import { type CallContext, nameFailure } from './transport.ts'

/**
 * Limits how long this request waits for work that several requests share. The work itself goes on. Throws
 * CleverTimedOut at the deadline, and the signal's reason when the request has ended.
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
