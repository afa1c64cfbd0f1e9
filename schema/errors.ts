import { GraphQLError, type GraphQLErrorExtensions } from 'graphql'
import { FactsUnavailable } from '../src/access/facts.ts'
import {
  CleverAnswerInvalid,
  CleverPathRefused,
  CleverRateLimited,
  CleverTimedOut,
  CleverTokenRefused,
  CleverUnavailable,
} from '../src/clever/errors.ts'
import {
  EventsExpired,
  EventsLost,
  EventsOff,
  NoSuchChange,
  SlowReader,
} from '../src/directory/change-errors.ts'
import { AllowanceSpent } from '../src/model/allowance.ts'

interface PublicError {
  readonly message: string
  readonly extensions: GraphQLErrorExtensions & { readonly code: string }
}

/** What the one who asks is told of an inner failure: a stable code, and what to do. Nothing of the failure itself. */
const PUBLIC_ERRORS: readonly (readonly [new (...args: never) => Error, (error: Error) => PublicError])[] = [
  [
    CleverTokenRefused,
    () =>
      coded(
        'UPSTREAM_UNAUTHORIZED',
        'Clever refused the district token. The operator must check that the district still shares with this application, through Secure Sync.',
      ),
  ],
  [
    CleverPathRefused,
    () =>
      coded(
        'UPSTREAM_FORBIDDEN',
        'Clever does not let this application read this. The operator must check what the district shares, and the scopes of the application.',
      ),
  ],
  [
    CleverRateLimited,
    (error) => {
      const retryAfterSeconds = error instanceof CleverRateLimited ? error.retryAfterSeconds : undefined
      return coded(
        'UPSTREAM_RATE_LIMITED',
        `Clever's calls for this minute are spent. Try again in ${retryAfterSeconds} s.`,
        { retryAfterSeconds },
      )
    },
  ],
  [
    CleverTimedOut,
    () => coded('UPSTREAM_TIMEOUT', 'Clever did not answer in time. Try again, or ask for less at once.'),
  ],
  [CleverUnavailable, () => coded('UPSTREAM_UNAVAILABLE', 'Clever cannot be reached. Try again later.')],
  [
    CleverAnswerInvalid,
    () =>
      coded(
        'UPSTREAM_INVALID_RESPONSE',
        'Clever gave an answer that cannot be read. If it goes on, tell the operator.',
      ),
  ],
  [
    FactsUnavailable,
    () =>
      coded(
        'UPSTREAM_UNAVAILABLE',
        'Clever cannot be asked whether you may see this, so the answer is no. Try again later.',
      ),
  ],
  [
    AllowanceSpent,
    (error) => {
      const most = error instanceof AllowanceSpent ? error.most : undefined
      return coded(
        'TOO_MANY_CALLS',
        `The query needs more than ${most} calls to Clever. Ask for a smaller page, or in several queries.`,
      )
    },
  ],
  [
    EventsOff,
    () =>
      coded(
        'EVENTS_OFF',
        'The district has not switched on Events in Clever, so nobody hears of its changes. Ask anew from time to time.',
      ),
  ],
  [
    EventsExpired,
    () =>
      coded(
        'EVENTS_EXPIRED',
        'Clever does not keep what came after that change any more. Read the contacts anew, and subscribe without `after`.',
      ),
  ],
  [
    EventsLost,
    () =>
      coded(
        'EVENTS_LOST',
        'Changes may have been missed. Subscribe again without `after`, and read the contacts anew.',
      ),
  ],
  [
    NoSuchChange,
    () => coded('BAD_USER_INPUT', '`after` is not the `eventId` of a change: give one that you were told.'),
  ],
  [
    SlowReader,
    () =>
      coded(
        'SLOW_READER',
        'More has happened than is kept for you. Subscribe again after the last change that you were told, and read faster.',
      ),
  ],
]

function coded(code: string, message: string, more: GraphQLErrorExtensions = {}): PublicError {
  return { message, extensions: { code, ...more } }
}

/** Undefined for a failure that is nobody's business: the caller is then told INTERNAL_SERVER_ERROR and nothing else. */
export function publicError(error: Error): PublicError | undefined {
  return PUBLIC_ERRORS.find(([failure]) => error instanceof failure)?.[1](error)
}

/** For input that the schema's types cannot refuse. The message must not repeat the input. */
export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

export function tooManySubscriptions(): GraphQLError {
  return new GraphQLError('As many subscriptions are open as may be. Try again later.', {
    extensions: { code: 'TOO_MANY_SUBSCRIPTIONS' },
  })
}

export function routerOnly(): GraphQLError {
  return new GraphQLError('Only the router may ask for this: the request must carry its signature.', {
    extensions: { code: 'FORBIDDEN' },
  })
}

type Measure = Readonly<Record<'depth' | 'breadth' | 'complexity', number>>

export function queryTooComplex(query: Measure, limit: Measure): GraphQLError {
  return new GraphQLError(
    'The query asks for too much at once. Ask for smaller pages, or in several queries.',
    {
      extensions: { code: 'QUERY_TOO_COMPLEX', query, limit },
    },
  )
}

export function ambiguousId(): GraphQLError {
  return new GraphQLError('Several have this legacy id: `cleverLegacyIds` lists them.', {
    extensions: { code: 'AMBIGUOUS_ID' },
  })
}

export function answerTooLarge(): GraphQLError {
  return new GraphQLError(
    'The answer would be larger than the gateway sends. Ask for smaller pages, or in several queries.',
    {
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  )
}

export function queryTooLarge(): GraphQLError {
  return new GraphQLError(
    'The answer would hold too many records, or too many fields of them. Ask for smaller pages, or in several queries.',
    {
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  )
}
