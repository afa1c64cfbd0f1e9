import type { Clock } from '../clock.ts'
import type { Change } from '../model/change.ts'
import type { ReplayFloor } from './replay.ts'

/** The maximum number of changes that are kept for all subscribers of a district, of some 2 kB each. */
const MAX_REMEMBERED = 5_000

/** The last changes of one district. Each has a position, counted from the first that was ever added. */
export class RecentChanges {
  readonly #clock: Clock
  readonly #changes: Change[] = []
  #start = 0
  #floor: ReplayFloor | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** All changes that came after this one are remembered; undefined before the first poll. */
  get floor(): ReplayFloor | undefined {
    return this.#floor
  }

  /** The position of the first change that is remembered. */
  get start(): number {
    return this.#start
  }

  /** The position of the next change to be added. */
  get end(): number {
    return this.#start + this.#changes.length
  }

  at(position: number): Change | undefined {
    return this.#changes[position - this.#start]
  }

  lastOf(contactId: string): Change | undefined {
    return this.#changes.findLast((change) => change.contactId === contactId)
  }

  /** Adds a change. Returns true if the oldest was dropped. */
  add(change: Change): boolean {
    this.#changes.push(change)
    if (this.#changes.length <= MAX_REMEMBERED) return false
    this.#setFloor(this.#changes.shift()?.id)
    this.#start += 1
    return true
  }

  /** The first poll was read up to this id: later changes will be remembered. */
  begin(id: string) {
    if (this.#floor === undefined) this.#setFloor(id)
  }

  /** Drops all changes, up to the last. */
  drop() {
    this.#forgetAll(this.#changes.at(-1)?.id ?? this.#floor?.id)
  }

  /** Drops all changes, and the fact that there was a poll. */
  dropFloor() {
    this.#forgetAll(undefined)
  }

  /** Drops all changes; those up to this id were not remembered. */
  dropUpTo(upTo: string) {
    this.#forgetAll(this.#floor === undefined || this.#floor.id < upTo ? upTo : this.#floor.id)
  }

  #forgetAll(upTo: string | undefined) {
    this.#start += this.#changes.length
    this.#changes.length = 0
    this.#setFloor(upTo)
  }

  #setFloor(id: string | undefined) {
    if (id !== this.#floor?.id) this.#floor = id === undefined ? undefined : { id, at: this.#clock.now() }
  }
}
