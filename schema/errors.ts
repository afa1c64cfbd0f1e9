import { GraphQLError, type GraphQLErrorExtensions } from 'graphql'
import { FactsUnavailable } from '../src/access/facts.ts'
import { CallAllowanceExceeded } from '../src/model/call-allowance.ts'
import {
  EventsExpired,
  EventsLost,
  EventsOff,
  ShuttingDown,
  SlowReader,
  UnknownChange,
} from '../src/model/change-errors.ts'
import {
  CleverAnswerInvalid,
  CleverPathRefused,
  CleverRateLimited,
  CleverTimedOut,
  CleverTokenRefused,
  CleverUnavailable,
} from '../src/model/clever-errors.ts'

interface PublicError {
  readonly message: string
  readonly extensions: GraphQLErrorExtensions & { readonly code: string }
}

/**
 * The public error for each internal failure: a stable code, and what to do. It reveals nothing else about
 * the failure.
 */
const PUBLIC_ERRORS: readonly (readonly [new (...args: never) => Error, (error: Error) => PublicError])[] = [
  [
    CleverTokenRefused,
    () =>
      coded(
        'UPSTREAM_UNAUTHORIZED',
        'Clever refused the token of the district. The operator must check in Clever Secure Sync that the district still shares data with this application.',
      ),
  ],
  [
    CleverPathRefused,
    () =>
      coded(
        'UPSTREAM_FORBIDDEN',
        'Clever does not let this application read these records. The operator must check what the district shares, and the scopes of the application.',
      ),
  ],
  [
    CleverRateLimited,
    (error) => {
      const retryAfterSeconds = error instanceof CleverRateLimited ? error.retryAfterSeconds : undefined
      return coded(
        'UPSTREAM_RATE_LIMITED',
        `The calls to Clever for this minute are used up. Try again in ${retryAfterSeconds} s.`,
        { retryAfterSeconds },
      )
    },
  ],
  [
    CleverTimedOut,
    () =>
      coded(
        'UPSTREAM_TIMEOUT',
        'Clever did not answer before the deadline of the request. Try again, or ask for fewer records.',
      ),
  ],
  [CleverUnavailable, () => coded('UPSTREAM_UNAVAILABLE', 'Clever cannot be reached. Try again later.')],
  [
    CleverAnswerInvalid,
    () =>
      coded(
        'UPSTREAM_INVALID_RESPONSE',
        'Clever returned an answer that the gateway cannot read. If the error continues, tell the operator.',
      ),
  ],
  [
    FactsUnavailable,
    () =>
      coded(
        'UPSTREAM_UNAVAILABLE',
        'Clever cannot be reached to check whether the viewer may see this, so access is denied. Try again later.',
      ),
  ],
  [
    CallAllowanceExceeded,
    (error) => {
      const most = error instanceof CallAllowanceExceeded ? error.max : undefined
      return coded(
        'TOO_MANY_CALLS',
        `The query needs more than ${most} calls to Clever. Use a smaller page or several queries.`,
      )
    },
  ],
  [
    EventsOff,
    () =>
      coded(
        'EVENTS_OFF',
        'The district has not turned on the Events API in Clever, so the gateway receives no changes. Poll with queries, or ask the district to turn it on.',
      ),
  ],
  [
    EventsExpired,
    () =>
      coded(
        'EVENTS_EXPIRED',
        'Clever no longer has the changes after that `afterEventId`. Read the contacts again, and subscribe without `afterEventId`.',
      ),
  ],
  [
    EventsLost,
    () =>
      coded(
        'EVENTS_LOST',
        'Changes may be missing from the stream. Subscribe again without `afterEventId`, and read the contacts again.',
      ),
  ],
  [
    UnknownChange,
    () =>
      coded(
        'BAD_USER_INPUT',
        '`afterEventId` is not the `eventId` of a change. Use one that the stream sent.',
      ),
  ],
  [
    SlowReader,
    () =>
      coded(
        'SLOW_READER',
        'More changes are waiting than the gateway keeps for one subscriber. Subscribe again with the last `eventId` as `afterEventId`, and read faster.',
      ),
  ],
  [
    ShuttingDown,
    () =>
      coded(
        'SHUTTING_DOWN',
        'This process of the gateway ends. Subscribe again with the last `eventId` as `afterEventId`; another process continues.',
      ),
  ],
]

function coded(code: string, message: string, more: GraphQLErrorExtensions = {}): PublicError {
  return { message, extensions: { code, ...more } }
}

/** Undefined for an unexpected failure: the client receives INTERNAL_SERVER_ERROR and nothing else. */
export function publicError(error: Error): PublicError | undefined {
  return PUBLIC_ERRORS.find(([failure]) => error instanceof failure)?.[1](error)
}

/** For input that the schema's types cannot refuse. The message must not repeat the input. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

export function tooManySubscriptions(): GraphQLError {
  return new GraphQLError('The maximum number of subscriptions is open. Try again later.', {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
  })
}

export function disclosureQuotaExceeded(limit: number, retryAfterSeconds: number | undefined): GraphQLError {
  const what = `The answer is refused: with it, you would have been shown more than ${limit} people within an hour.`
  const advice =
    retryAfterSeconds === undefined
      ? 'Use smaller pages.'
      : `Try again in ${retryAfterSeconds} s, or read people whom you have been shown already. The operator can raise DISCLOSURE_QUOTA.`
  return refusedFor('DISCLOSURE_QUOTA_EXCEEDED', `${what} ${advice}`, retryAfterSeconds)
}

export function costQuotaExceeded(limit: number, retryAfterSeconds: number): GraphQLError {
  const message = `Your queries of the last minute cost more than ${limit} points. Try again in ${retryAfterSeconds} s, with fewer or smaller queries. The operator can raise COST_QUOTA.`
  return refusedFor('COST_QUOTA_EXCEEDED', message, retryAfterSeconds)
}

function refusedFor(code: string, message: string, retryAfterSeconds: number | undefined): GraphQLError {
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }
  return new GraphQLError(message, {
    extensions: { code, http: { status: 429, headers }, ...(retryAfterSeconds && { retryAfterSeconds }) },
  })
}

export function routerOnly(): GraphQLError {
  return new GraphQLError(
    'Only the router may use this field. The request must have the secret or a signature of the router.',
    {
      extensions: { code: 'FORBIDDEN' },
    },
  )
}

type Measure = Readonly<Record<'depth' | 'breadth' | 'complexity', number>>

export function queryTooComplex(query: Measure, limit: Measure): GraphQLError {
  return new GraphQLError('The query is too complex. Use smaller pages or several queries.', {
    extensions: { code: 'QUERY_TOO_COMPLEX', query, limit },
  })
}

export function ambiguousId(): GraphQLError {
  return new GraphQLError('Several records have this legacy id. List them with `cleverLegacyIds`.', {
    extensions: { code: 'AMBIGUOUS_ID' },
  })
}

export function answerTooLarge(): GraphQLError {
  return new GraphQLError(
    'The answer is larger than the gateway sends. Use smaller pages or several queries.',
    {
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  )
}

export function queryTooLarge(): GraphQLError {
  return new GraphQLError(
    'The answer has too many records, or too many fields for each. Use smaller pages or several queries.',
    {
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  )
}
