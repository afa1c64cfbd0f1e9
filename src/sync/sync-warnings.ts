import type { Logger } from '../log.ts'
import type { DistrictId } from '../model/ids.ts'

const WARNINGS = {
  'events off':
    'the district has no events: its records age, and are loaded again. Ask the district to turn on the Events API in Clever',
  'events lost':
    'events may have been missed: the records of the district age, and are loaded again. There is nothing to do, unless it is repeated',
  'not whole':
    'not all of a role can be held: there is no memory for it, or Clever lists what cannot be read. Compare directory_bytes with DIRECTORY_MAX_BYTES',
  'past too long':
    'the past events of the district are too many to be read: whose place contacts took before now is not known',
  fails: 'Clever cannot be reached in the background: the records age. The name of the error says why',
} as const

export type Warning = keyof typeof WARNINGS

/** The warnings about one kind of background work for one district. Each is logged once, until it no longer holds. */
export class SyncWarnings {
  readonly #districtId: DistrictId
  readonly #log: Logger
  readonly #logged = new Set<Warning>()

  constructor(districtId: DistrictId, log: Logger) {
    this.#districtId = districtId
    this.#log = log
  }

  warnOnce(reason: Warning, more: object = {}) {
    if (this.#logged.has(reason)) return
    this.#logged.add(reason)
    this.#log.warn({ districtId: this.#districtId, reason, ...more }, WARNINGS[reason])
  }

  /** The warning no longer holds. */
  end(reason: Warning) {
    this.#logged.delete(reason)
  }
}
