/**
 * Why Clever gave no answer: one class for each failure that a caller can act on. No message holds a name, an
 * address, a token, a URL or a body, so each may be logged as it is.
 */
export abstract class CleverError extends Error {}

/** 401, 403, or a list that the token cannot reach: the district has taken the token back, or it lacks a scope. */
export class CleverTokenRefused extends CleverError {
  override readonly name = 'CleverTokenRefused'
  /** 401 or 403, where that is what Clever said. */
  readonly status: number | undefined
  constructor(message: string, status?: number) {
    super(message)
    this.status = status
  }
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

/** A 5xx, or a connection that failed or broke, and went on doing so. */
export class CleverUnavailable extends CleverError {
  override readonly name = 'CleverUnavailable'
}

/** An answer that is not what Clever documents: malformed JSON, a foreign shape, an unexpected status. */
export class CleverAnswerInvalid extends CleverError {
  override readonly name = 'CleverAnswerInvalid'
}

/** A page that does not lie beyond its cursor: this Clever takes cursors for look-ups, or an empty page that proves nothing. */
export class CleverRangeUnproven extends CleverAnswerInvalid {}
