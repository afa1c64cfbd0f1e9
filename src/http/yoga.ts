import { type ExecutionResult, GraphQLError } from 'graphql'
import { createYoga, isAsyncIterable } from 'graphql-yoga'
import type { Params, Stream } from '../execution/answer.ts'
import type { Metrics } from '../metrics.ts'
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
  readonly metrics: Metrics
  readonly maskError: (error: unknown, message?: string) => GraphQLError
}

/** Yoga reads requests and writes responses in every form that GraphQL over HTTP has. It executes nothing. */
export function createYogaAdapter(options: YogaOptions) {
  const { openDocument, answer, isSubscription, inFlight, maxAnswerBytes, metrics, maskError } = options
  const limited = (result: object) => stringify(result, maxAnswerBytes).text
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
            metrics.requestsOverloaded.inc({ where: 'process' })
            throw overloaded()
          }
          const result = await answer(params, incoming)
          const withLimit = isAsyncIterable(result) ? result : Object.assign({ stringify: limited }, result)
          setResult(withLimit)
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
