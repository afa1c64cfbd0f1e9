import type { CallContext } from '../clever/transport.ts'
import { waitWithSignal } from '../clever/wait-with-signal.ts'

/** The subscribers of one district that wait for the next poll for events. */
export class PollWaiters {
  readonly #waiting = new Set<PromiseWithResolvers<void>>()
  #onWait = () => {}

  get size(): number {
    return this.#waiting.size
  }

  /** Sets the function that is called whenever a subscriber begins to wait. */
  onWait(listener: () => void) {
    this.#onWait = listener
  }

  /** Resolves after the next poll. Rejects if the poll fails, or if the deadline has passed. */
  async wait(callContext: CallContext) {
    const waiter = Promise.withResolvers<void>()
    this.#waiting.add(waiter)
    this.#onWait()
    try {
      await waitWithSignal(waiter.promise, callContext)
    } finally {
      this.#waiting.delete(waiter)
    }
  }

  resolve() {
    for (const waiter of this.#waiting) waiter.resolve()
    this.#waiting.clear()
  }

  reject(error: Error) {
    for (const waiter of this.#waiting) waiter.reject(error)
    this.#waiting.clear()
  }
}
