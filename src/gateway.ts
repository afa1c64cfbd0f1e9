import type { RequestListener } from 'node:http'
import { createYoga } from 'graphql-yoga'
import { schema } from '../schema/schema.ts'
import type { Districts } from './clever/districts.ts'
import type { Clock } from './clock.ts'
import { createContext, type GatewayContext } from './context.ts'
import type { Graphiql } from './http/graphiql.ts'
import { createListener, type IncomingContext, type ListenerOptions } from './http/listener.ts'
import { maskErrorsWith } from './http/mask-errors.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface GatewayOptions {
  readonly districts: Districts
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** False while shutting down: `/health` then answers 503. */
  readonly isAccepting: () => boolean
  /** ms */
  readonly requestTimeout: number
  readonly mostCalls: number
  readonly mostBodyBytes: number
  readonly corsOrigins: readonly string[]
  /** Undefined where it is off. */
  readonly graphiql: Graphiql | undefined
  readonly names: ListenerOptions['names']
}

/** The gateway as a listener for node:http. Everything it needs is passed in; it reads no environment. */
export function createGateway(options: GatewayOptions): RequestListener {
  const { districts, clock, log, requestTimeout, mostCalls, corsOrigins } = options
  const yoga = createYoga<IncomingContext, GatewayContext>({
    schema,
    context: ({ incoming }) => createContext({ districts, clock, requestTimeout, mostCalls }, incoming),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    cors: corsOrigins.length > 0 && {
      origin: [...corsOrigins],
      methods: ['GET', 'POST'],
      credentials: false,
    },
    multipart: false,
    // These are done in front of Yoga: its guard wraps the body's stream, its health check matches any URL's end.
    maxRequestBodySize: false,
    healthCheckEndpoint: '\0',
    // Yoga would log an error as it is.
    logging: false,
    maskedErrors: { maskError: maskErrorsWith(log) },
  })
  return createListener({ ...options, graphql: yoga })
}
