import type { Role } from '../model/ranges.ts'
import { comparePlaces, type Place } from './order.ts'
import type { OrderedRange, Scanned } from './scan.ts'

interface Entry<R extends Role> {
  readonly scanned: Scanned<R>
  readonly place: Place
}

/**
 * The records of a sorted list that are nearest to a cursor: one page, found in a single pass over records in any order.
 * Cost: one comparison for most records (0.2 µs for names in ASCII, 1 µs for others), and memory for one page.
 */
export class Nearest<R extends Role> {
  readonly #cursorRange: OrderedRange<R>
  /** Nearest first. */
  readonly #entries: Entry<R>[] = []
  #beyond = 0

  constructor(cursorRange: OrderedRange<R>) {
    this.#cursorRange = cursorRange
  }

  add(scanned: Scanned<R>, place: Place) {
    const { beyond, limit } = this.#cursorRange
    if (beyond !== undefined && this.#distance(place, beyond) <= 0) return
    this.#beyond += 1
    const last = this.#entries.at(-1)
    const isFull = this.#entries.length === limit
    if (isFull && last !== undefined && this.#distance(place, last.place) >= 0) return
    if (isFull) this.#entries.pop()
    this.#entries.splice(this.#indexFor(place), 0, { scanned, place })
  }

  /** In the order of the list, regardless of the direction of reading. */
  get records(): readonly Scanned<R>[] {
    const records = this.#entries.map(({ scanned }) => scanned)
    return this.#cursorRange.direction === 'forwards' ? records : records.reverse()
  }

  get hasMore(): boolean {
    return this.#beyond > this.#entries.length
  }

  /** Positive if `a` is farther in the direction of reading than `b`. */
  #distance(a: Place, b: Place): number {
    const { order, direction } = this.#cursorRange
    return direction === 'forwards' ? comparePlaces(order, a, b) : comparePlaces(order, b, a)
  }

  #indexFor(place: Place): number {
    let [low, high] = [0, this.#entries.length]
    while (low < high) {
      const middle = (low + high) >> 1
      const there = this.#entries[middle]
      if (there !== undefined && this.#distance(place, there.place) > 0) low = middle + 1
      else high = middle
    }
    return low
  }
}
