import type { Metrics } from '../metrics.ts'

/** The share of all places that one principal may hold, so that others find a place. */
const SHARE = 0.1

/** Counts the open subscriptions, of all principals and of each. */
export class SubscriptionPlaces {
  readonly #max: number
  readonly #maxEach: number
  readonly #metrics: Metrics
  readonly #held = new Map<string, number>()
  #open = 0

  constructor(max: number, metrics: Metrics) {
    this.#max = max
    this.#maxEach = Math.max(Math.floor(max * SHARE), 1)
    this.#metrics = metrics
  }

  /**
   * False if all places, or all places of this holder, are taken. Otherwise the holder must release its place
   * exactly once.
   */
  take(holder: string): boolean {
    if (this.#open >= this.#max || (this.#held.get(holder) ?? 0) >= this.#maxEach) return false
    this.#change(holder, 1)
    return true
  }

  release(holder: string) {
    this.#change(holder, -1)
  }

  #change(holder: string, by: 1 | -1) {
    this.#open += by
    const rest = (this.#held.get(holder) ?? 0) + by
    if (rest === 0) this.#held.delete(holder)
    else this.#held.set(holder, rest)
    this.#metrics.subscriptions.set(this.#open)
  }
}
