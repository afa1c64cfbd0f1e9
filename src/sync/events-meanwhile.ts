import type { UserEvent } from '../model/events.ts'

/**
 * Events that the feed applies while the backfill reads a page. The page lacks those that became visible late, and those that are
 * newer.
 */
export class EventsMeanwhile {
  #events: UserEvent[] = []
  #reads = 0

  /** Called before a page is read. Everything that the feed has applied by now will be on this page or on a later one. */
  begin() {
    if (this.#reads === 0) this.#events = []
    this.#reads += 1
  }

  end() {
    this.#reads -= 1
  }

  get isReading(): boolean {
    return this.#reads > 0
  }

  add(event: UserEvent) {
    this.#events.push(event)
  }

  /** Removes and returns the events up to this id. */
  take(upTo: string): readonly UserEvent[] {
    const taken = this.#events.filter(({ id }) => id <= upTo)
    this.#events = this.#events.filter(({ id }) => id > upTo)
    return taken
  }

  clear() {
    this.#events = []
  }
}
