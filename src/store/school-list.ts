import type { Schools } from '../model/schools.ts'
import type { Dated } from './district-store.ts'

/** A school in memory, with its entry in the map and a name of 30 characters. */
const SCHOOL_BYTES = 250

/** All schools of one district. They come from one list and have one as-of time. */
export class SchoolList {
  #known: Dated<Schools> | undefined

  /** Undefined if the list is not known, or was read before `minAsOf` (ms since the epoch). */
  find(minAsOf: number): Dated<Schools> | undefined {
    return this.#known !== undefined && this.#known.asOf >= minAsOf ? this.#known : undefined
  }

  put(value: Schools, asOf: number) {
    if (this.#known === undefined || asOf >= this.#known.asOf) this.#known = { value, asOf }
  }

  evictOlder(minAsOf: number) {
    if (this.find(minAsOf) === undefined) this.clear()
  }

  clear() {
    this.#known = undefined
  }

  get bytes(): number {
    return (this.#known?.value.size ?? 0) * SCHOOL_BYTES
  }
}
