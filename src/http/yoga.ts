import { type ExecutionResult, GraphQLError } from 'graphql'
import { createYoga, isAsyncIterable } from 'graphql-yoga'
import type { Params, Stream } from '../execution/answer.ts'
import type { RequestSummary } from '../model/request-summary.ts'
import type { InFlight } from './in-flight.ts'
import type { Incoming, IncomingContext } from './incoming.ts'
import type { OpenDocument } from './open-document.ts'
import { REFUSALS } from './refuse.ts'
import { stringify } from './render.ts'
import { useEventStream } from './use-event-stream.ts'
import { useParameters } from './use-parameters.ts'

export interface YogaOptions {
  readonly openDocument: OpenDocument
  readonly answer: (params: Params, incoming: Incoming) => Promise<ExecutionResult | Stream>
  /** Whether the request asks for a stream of events. */
  readonly isSubscription: (params: Params) => boolean
  readonly inFlight: InFlight
  readonly maxAnswerBytes: number
  /** Called for a request that is refused because too many are in progress. */
  readonly onOverload: (where: 'process') => void
  readonly maskError: (error: unknown, message?: string) => GraphQLError
}

/** Yoga reads requests and writes responses in every form that GraphQL over HTTP has. It executes nothing. */
export function createYogaAdapter(options: YogaOptions) {
  const { openDocument, answer, isSubscription, inFlight, maxAnswerBytes, onOverload, maskError } = options
  const limitedFor = (summary: RequestSummary) => (result: object) => {
    const { text, isTooLarge } = stringify(result, maxAnswerBytes)
    if (isTooLarge) summary.answerTooLarge()
    return text
  }
  return createYoga<IncomingContext>({
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    // The listener lets listed origins read every answer, also those that Yoga does not make.
    cors: false,
    multipart: false,
    parserAndValidationCache: false,
    // These are done in front of Yoga: its guard wraps the body's stream, its health check matches any URL's end.
    maxRequestBodySize: false,
    healthCheckEndpoint: '\0',
    // Yoga would log the original error.
    logging: false,
    maskedErrors: { maskError },
    plugins: [
      useParameters(openDocument),
      {
        async onParams({ params, context, setResult }) {
          const { incoming } = context as IncomingContext
          // Whether the request opens a stream is known only now, regardless of its Accept header.
          const slots = isSubscription(params) ? inFlight.streams : inFlight.queries
          if (!incoming.exchange.enter(slots)) {
            onOverload('process')
            throw overloaded()
          }
          const result = await answer(params, incoming)
          const limited = limitedFor(incoming.exchange.summary)
          const withLimit = isAsyncIterable(result) ? result : Object.assign({ stringify: limited }, result)
          setResult(withLimit)
        },
        onResultProcess({ result, serverContext }) {
          const { incoming } = serverContext as unknown as IncomingContext
          // Errors of the parameters come from Yoga, so the answerer has not seen them.
          if (isAsyncIterable(result) || Array.isArray(result)) return
          incoming.exchange.summary.addErrors((result as ExecutionResult).errors ?? [])
        },
      },
      useEventStream(),
    ],
  })
}

function overloaded(): GraphQLError {
  const { status, code, message, headers } = REFUSALS.OVERLOADED
  return new GraphQLError(message, { extensions: { code, http: { status, headers } } })
}
