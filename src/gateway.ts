import type { RequestListener } from 'node:http'
import { createYoga } from 'graphql-yoga'
import { readReport, schema, withPrivileges } from '../schema/schema.ts'
import type { AuditSink } from './access/audit.ts'
import { createFactSource } from './access/facts.ts'
import type { Overrides } from './access/overrides.ts'
import type { Policy } from './access/policy.ts'
import type { DistrictsFor } from './clever/districts.ts'
import { type ContextOptions, createContext, type GatewayContext, seesEverything } from './context.ts'
import type { KnownDistricts } from './directory/districts.ts'
import { createListener, type Incoming, type IncomingContext, type ListenerOptions } from './http/listener.ts'
import { maskErrorsWith, useQuietValidation } from './http/mask-errors.ts'
import { createAudit, useAudit } from './http/use-audit.ts'
import { useEventStream } from './http/use-event-stream.ts'
import { useExtensions } from './http/use-extensions.ts'
import { createDocumentCache, useLimits } from './http/use-limits.ts'
import { useParameters } from './http/use-parameters.ts'
import { useSignIn } from './http/use-sign-in.ts'
import { useSubscriptions } from './http/use-subscriptions.ts'
import type { Country } from './quality/phones.ts'
import type { Requirable } from './quality/report.ts'
import { createReports } from './reports.ts'

export interface GatewayOptions extends Omit<ListenerOptions, 'graphql'> {
  readonly districts: DistrictsFor
  readonly known: KnownDistricts
  /** Aborted, with a TimeoutError, when what is still unanswered must be answered as it stands. */
  readonly ending: AbortSignal
  readonly policy: Policy
  /** Asked anew for each decision: the file behind them may change. */
  readonly overrides: () => Overrides
  readonly audit: { readonly sink: AuditSink | undefined; readonly isRequired: boolean }
  /** Of phones without a country code. */
  readonly phoneCountry: Country
  /** What a report expects of each contact. */
  readonly requiredFields: readonly Requirable[]
  /** Open at once. */
  readonly mostSubscriptions: number
}

/** A report of the largest district takes less than a minute. ms */
const TIME_TO_COUNT = 600_000
/** A call for 10,000 records: far more than any district has. What cannot be held as a whole is not counted one by one. */
const CALLS_TO_COUNT = 200

/** The gateway as a listener for node:http. Everything it needs is passed in; it reads no environment. */
export function createGateway(options: GatewayOptions): RequestListener {
  const { policy, overrides, clock, log, audit, known, metrics, ending } = options
  const { decision } = known.ages
  const facts = createFactSource(clock, decision)
  // What a request has just read itself is young, also where nothing is to be remembered from one to the next.
  const maxAge = Math.max(decision, 1_000)
  const rules = () => ({ policy, overrides: overrides(), now: clock.now(), maxAge })

  const contextOf = (incoming: Incoming) => createContext(contextOptions, incoming)
  const reports = createReports(
    (client) =>
      readReport(
        client,
        createContext(
          { ...contextOptions, requestTimeout: TIME_TO_COUNT, priority: 'BACKGROUND' },
          seesEverything('contact-report', CALLS_TO_COUNT),
        ),
      ),
    clock,
    known.ages.display,
  )
  const contextOptions: ContextOptions = { ...options, facts, rules, reports }
  const writeDown = createAudit({ ...options, ...audit })
  const subscriptions = {
    most: options.mostSubscriptions,
    ending,
    clock,
    metrics,
    renewed: (incoming: Incoming) => contextOf({ ...incoming, ledger: incoming.ledger.another() }),
    writeDown,
  }

  // Who may explore the schema in GraphiQL is helped in it.
  const suggestions = options.graphiql === undefined ? 'REMOVED' : 'KEPT'
  const yoga = createYoga<IncomingContext, GatewayContext>({
    schema: withPrivileges(schema, policy),
    context: ({ incoming }) => contextOf(incoming),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    // The listener lets listed origins read every answer, also those that Yoga does not make.
    cors: false,
    multipart: false,
    parserAndValidationCache: createDocumentCache(),
    // These are done in front of Yoga: its guard wraps the body's stream, its health check matches any URL's end.
    maxRequestBodySize: false,
    healthCheckEndpoint: '\0',
    // Yoga would log an error as it is.
    logging: false,
    maskedErrors: { maskError: maskErrorsWith(log, suggestions) },
    plugins: [
      useParameters(),
      useLimits(),
      useQuietValidation(suggestions),
      useSignIn(metrics),
      useSubscriptions(subscriptions),
      useEventStream(),
      useExtensions(clock),
      useAudit(writeDown),
    ],
  })
  return createListener({ ...options, graphql: yoga })
}
