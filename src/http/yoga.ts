import type { ExecutionResult, GraphQLError } from 'graphql'
import { createYoga } from 'graphql-yoga'
import type { Params, Stream } from '../execution/answer.ts'
import type { Incoming, IncomingContext } from './listener.ts'
import { useEventStream } from './use-event-stream.ts'
import { useParameters } from './use-parameters.ts'

export interface YogaOptions {
  readonly answer: (params: Params, incoming: Incoming) => Promise<ExecutionResult | Stream>
  readonly maskError: (error: unknown, message?: string) => GraphQLError
}

/** Yoga reads requests and writes responses in every form that GraphQL over HTTP has. It executes nothing. */
export function createYogaAdapter({ answer, maskError }: YogaOptions) {
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
    // Yoga would log an error as it is.
    logging: false,
    maskedErrors: { maskError },
    plugins: [
      useParameters(),
      {
        async onParams({ params, context, setResult }) {
          const { incoming } = context as IncomingContext
          setResult(await answer(params, incoming))
        },
      },
      useEventStream(),
    ],
  })
}
