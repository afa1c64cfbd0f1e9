/**
 * Why Clever gave no answer: one class for each failure that code can act on. No message holds a name, an address, a
 * token, a URL or a body, so each may be logged as it is.
 */
export abstract class CleverError extends Error {}

/** Clever refused to answer. `status`: the status of Clever's answer. Undefined if no call was made. */
export abstract class CleverRefused extends CleverError {
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
}

/** The district has taken the token back, or there is none: 401, or the conclusion of `refusals.ts`. */
export class CleverTokenRefused extends CleverRefused {
  override readonly name = 'CleverTokenRefused'
}

/** Clever refused one path: 403, 451, or 404 for a list. The token may still be good for other paths. */
export class CleverPathRefused extends CleverRefused {
  override readonly name = 'CleverPathRefused'
}

/** The minute's calls are spent and the next window opens after our deadline. */
export class CleverRateLimited extends CleverError {
  override readonly name = 'CleverRateLimited'
  readonly retryAfterSeconds: number
  constructor(retryAfterSeconds: number) {
    super(`the budget of calls is spent for another ${retryAfterSeconds} s`)
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** No answer within the deadline, retries included. */
export class CleverTimedOut extends CleverError {
  override readonly name = 'CleverTimedOut'
}

/**
 * An outage: at each attempt the connection failed or broke, the status was one such as 503, or the answer
 * was not JSON. `where` names the host, and the proxy, of a call that could not be sent at all.
 */
export class CleverUnavailable extends CleverError {
  override readonly name = 'CleverUnavailable'
  readonly where: string | undefined
  constructor(message: string, where?: string) {
    super(message)
    this.where = where
  }
}

/** JSON of a shape that Clever does not document, or a status such as 400 that says the question was wrong. */
export class CleverAnswerInvalid extends CleverError {
  override readonly name = 'CleverAnswerInvalid'
}

/** A page that contradicts its cursor or the order of ids, or that proves nothing. Nothing of it is stored. */
export class CleverRangeUnverified extends CleverAnswerInvalid {}

const OUTAGES = [CleverUnavailable, CleverTimedOut, CleverRateLimited]

/** A failure during which older data may be shown. A refused token is not such a failure. */
export function isOutage(error: unknown): boolean {
  return OUTAGES.some((outage) => error instanceof outage)
}
