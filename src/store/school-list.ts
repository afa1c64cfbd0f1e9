import type { Schools } from '../model/schools.ts'
import type { Known } from './district-store.ts'

/** A school in memory, with its entry in the map and a name of 30 characters. */
const SCHOOL_BYTES = 250

/** All schools of one district, which come with one list, as of one time. */
export class SchoolList {
  #known: Known<Schools> | undefined

  /** Undefined if the list is not known, or was read before `notBefore` (ms since the epoch). */
  find(notBefore: number): Known<Schools> | undefined {
    return this.#known !== undefined && this.#known.since >= notBefore ? this.#known : undefined
  }

  learn(value: Schools, since: number) {
    if (this.#known === undefined || since >= this.#known.since) this.#known = { value, since }
  }

  forgetOlder(notBefore: number) {
    if (this.find(notBefore) === undefined) this.forget()
  }

  forget() {
    this.#known = undefined
  }

  get bytes(): number {
    return (this.#known?.value.size ?? 0) * SCHOOL_BYTES
  }
}
