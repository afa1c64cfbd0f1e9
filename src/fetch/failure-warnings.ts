import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import {
  CleverAnswerInvalid,
  CleverPathRefused,
  CleverRateLimited,
  CleverTimedOut,
  CleverTokenRefused,
  CleverUnavailable,
} from '../model/clever-errors.ts'
import type { DistrictId } from '../model/ids.ts'

/** A failure that comes and goes is logged once in this time. ms */
const QUIET_MS = 60_000

/** The code that clients see for each failure, and what the operator can do. */
const FAILURES: readonly (readonly [new (...args: never) => Error, reason: string, message: string])[] = [
  [
    CleverTokenRefused,
    'UPSTREAM_UNAUTHORIZED',
    'Clever refuses the token of the district, and its data was removed from memory: check in Clever that the district still shares data, and that the token in the settings is current',
  ],
  [
    CleverPathRefused,
    'UPSTREAM_FORBIDDEN',
    'Clever refuses some records of the district: check what the district shares, and the scopes of the application',
  ],
  [
    CleverRateLimited,
    'UPSTREAM_RATE_LIMITED',
    "the calls of the district's token are used up for this minute: look in clever_call_seconds for the status 429, which means that another program uses the token too, and for the routes with most calls",
  ],
  [
    CleverTimedOut,
    'UPSTREAM_TIMEOUT',
    'Clever does not answer in time: answers are older or lack data until it does',
  ],
  [
    CleverUnavailable,
    'UPSTREAM_UNAVAILABLE',
    'Clever cannot be reached: answers are older or lack data until it can. Check the status of Clever, and the network and proxy of this host',
  ],
  [
    CleverAnswerInvalid,
    'UPSTREAM_INVALID_RESPONSE',
    'Clever returned an answer that cannot be read: if it continues, run the doctor and report it',
  ],
]

/** The reason and the message for a failure of Clever; undefined for any other error. */
export function explainFailure(
  error: unknown,
): { readonly reason: string; readonly message: string } | undefined {
  const [, reason, message] = FAILURES.find(([type]) => error instanceof type) ?? []
  return reason === undefined || message === undefined ? undefined : { reason, message }
}

/** Logs each kind of failure of one district once, and once when Clever answers again. */
export class FailureWarnings {
  readonly #districtId: DistrictId
  readonly #clock: Clock
  readonly #log: Logger
  readonly #warnedAt = new Map<string, number>()
  readonly #current = new Set<string>()

  constructor(districtId: DistrictId, clock: Clock, log: Logger) {
    this.#districtId = districtId
    this.#clock = clock
    this.#log = log
  }

  noteAnswer() {
    if (this.#current.size === 0) return
    const reasons = [...this.#current]
    this.#current.clear()
    this.#log.info({ districtId: this.#districtId, reasons }, 'Clever answers again for the district')
  }

  noteFailure(error: unknown) {
    const { reason, message } = explainFailure(error) ?? {}
    if (reason === undefined || this.#current.has(reason)) return
    const now = this.#clock.elapsed()
    if (now - (this.#warnedAt.get(reason) ?? Number.NEGATIVE_INFINITY) < QUIET_MS) return
    this.#warnedAt.set(reason, now)
    this.#current.add(reason)
    this.#log.warn({ districtId: this.#districtId, reason }, message)
  }
}
