import type { RequestListener } from 'node:http'
import type { GraphQLSchema } from 'graphql'
import type { FederationVersion } from '../schema/federation-version.ts'
import { schema, withFederationVersion, withPrivileges } from '../schema/schema.ts'
import type { KindLimits } from './access/kind-limits.ts'
import type { Overrides } from './access/overrides.ts'
import type { Policy } from './access/policy.ts'
import type { AuditSink } from './audit/audit.ts'
import type { DistrictClients } from './clever/district-clients.ts'
import type { DistrictRegistry } from './districts.ts'
import { Answerer, type Params } from './execution/answer.ts'
import { inlineExposedFields } from './execution/inline-exposed.ts'
import { limitResolvers } from './execution/limit-resolvers.ts'
import { maskErrorsWith } from './execution/mask-errors.ts'
import { type Compilation, Operations, type Way } from './execution/operations.ts'
import { Quotas, type QuotasOptions } from './execution/quotas.ts'
import { createServices } from './execution/services.ts'
import { signInRefusal } from './execution/sign-in.ts'
import { createSubscribe } from './execution/subscriptions.ts'
import { TrustedDocuments, type TrustedDocumentsOptions, trustAll } from './execution/trusted-documents.ts'
import { createAudit } from './execution/write-audit.ts'
import type { CallbackTargets } from './http/callback-targets.ts'
import { Callbacks } from './http/callbacks.ts'
import { createGraphiql } from './http/graphiql.ts'
import type { Tab } from './http/graphiql-tabs.ts'
import { createGraphqlRoute } from './http/graphql-route.ts'
import { InFlight } from './http/in-flight.ts'
import type { Incoming } from './http/incoming.ts'
import { createListener, type ListenerOptions } from './http/listener.ts'
import { createOpenDocument } from './http/open-document.ts'
import { countOverload } from './http/overload.ts'
import type { Metrics } from './metrics.ts'
import type { Country } from './quality/phones.ts'
import type { Requirable } from './quality/report.ts'
import type { RequestContext } from './view/request.ts'

export interface GatewayOptions extends Omit<ListenerOptions, 'graphql' | 'inFlight' | 'graphiql'> {
  readonly clients: DistrictClients
  readonly districts: DistrictRegistry
  /** Aborted, with a TimeoutError, when requests that are still unanswered must be answered as they stand. */
  readonly ending: AbortSignal
  readonly policy: Policy
  /** Read for each attempt: the file behind them may change. */
  readonly overrides: () => Overrides
  readonly audit: { readonly sink: AuditSink | undefined; readonly isRequired: boolean }
  /** Shared by all replicas of the gateway: they open each other's cursors. */
  readonly cursorSecret: () => string
  /** The country of phone numbers without a country code. */
  readonly phoneCountry: Country
  /** The fields that a report expects of each contact. */
  readonly requiredFields: readonly Requirable[]
  /** The maximum number of concurrent GraphQL requests, not counting subscriptions. */
  readonly maxRequestsInFlight: number
  readonly maxAnswerBytes: number
  /** Open at once. */
  readonly maxSubscriptions: number
  /** People that one principal is shown within an hour. */
  readonly disclosureQuota: KindLimits
  /** Points that one principal spends within a minute. */
  readonly costQuota: KindLimits
  readonly shareQuotas?: QuotasOptions['shareQuotas']
  readonly trustedDocuments: TrustedDocumentsOptions
  /** Undefined if no subscription may be sent to a URL of the router. */
  readonly callbackTargets?: CallbackTargets | undefined
  /** The version that the SDL names. */
  readonly federationVersion: FederationVersion
  /** The tabs of GraphiQL; undefined if it is off. */
  readonly graphiqlTabs: readonly Tab[] | undefined
  /** For tests; operations are compiled on their second use unless set. */
  readonly compilation?: Compilation
}

/** A report of the largest district takes less than a minute. ms */
const REPORT_TIMEOUT_MS = 600_000
/** A call for 10,000 records: far more than any district has. */
const MAX_REPORT_CALLS = 200

/**
 * The gateway as a listener for node:http. Everything it needs is passed in; it reads no environment. Throws UnfitDocuments for
 * trusted documents that do not fit the schema.
 */
export function createGateway(options: GatewayOptions): RequestListener {
  const { clock, metrics, requestTimeout, maxAnswerBytes, ending } = options
  // Data that the request has just read counts as young, even if nothing is kept for the next request.
  const maxAge = Math.max(options.districts.ages.decisionMs, 1_000)
  const { services } = createServices({
    ...options,
    rules: () => ({
      policy: options.policy,
      overrides: options.overrides(),
      now: clock.now(),
      maxAge,
    }),
    onDecision({ reason, isUncertain }) {
      if (isUncertain) metrics.uncertainDenials.inc()
      if (reason === 'COLLISION_RISK') metrics.collisionDenials.inc()
      if (reason === 'RESTRICTION_NOTE') metrics.restrictionDenials.inc()
    },
    onRound: (values) => metrics.roundValues.observe(values),
    report: {
      maxCalls: MAX_REPORT_CALLS,
      timeoutMs: REPORT_TIMEOUT_MS,
      keptMs: options.districts.ages.displayMs,
    },
  })
  const contract = withFederationVersion(withPrivileges(schema, options.policy), options.federationVersion)
  const operations = createOperations(contract, options)
  const graphiql = options.graphiqlTabs && createGraphiql(options.graphiqlTabs, contract)
  // GraphiQL is for developers, so errors may suggest names of the schema.
  const maskError = maskErrorsWith(options.log, graphiql === undefined ? 'REMOVED' : 'KEPT')
  const writeAudit = createAudit({ ...options, ...options.audit })
  const answerer = new Answerer({
    services,
    operations,
    writeAudit,
    quotas: new Quotas(options),
    maskError,
    refusalOf: signInRefusal(metrics),
    // rover and hive read it without a token.
    schemaFields: new Set(options.isSandbox ? ['_service'] : []),
  })
  answerer.subscribe = createSubscribe({
    max: options.maxSubscriptions,
    ending,
    metrics,
    services,
    answerer,
    requestTimeout,
    maxAnswerBytes,
    maskError,
  })
  const answer = (params: Params, incoming: Incoming) =>
    answerer.answer(params, requestContextOf(incoming, clock.now() + requestTimeout))
  const inFlight = new InFlight({
    maxQueries: options.maxRequestsInFlight,
    maxSubscriptions: options.maxSubscriptions,
  })
  metrics.sources.districts = options.districts.all
  metrics.sources.now = clock.now
  metrics.sources.requestsInFlight = () => inFlight.queries.taken
  const callbacks = createCallbacks(options, answerer)
  const reading = {
    openDocument: createOpenDocument(new TrustedDocuments(options.trustedDocuments, metrics)),
    answer,
    isSubscription: (params: Params) => answerer.isSubscription(params),
    maskError,
    maxAnswerBytes,
  }
  // Plain requests do not need Yoga. Loading it makes the start an eighth slower.
  const loadYoga = async () => {
    const { createYogaAdapter } = await import('./http/yoga.ts')
    return createYogaAdapter({ ...reading, inFlight, onOverload: countOverload(options) })
  }
  const graphql = createGraphqlRoute({ ...reading, callbacks, loadYoga })
  return createListener({ ...options, graphiql, graphql, inFlight })
}

/** A subscription by callback does not end with the request that opened it. */
function createCallbacks(options: GatewayOptions, answerer: Answerer): Callbacks | undefined {
  const { callbackTargets: targets, clock, requestTimeout } = options
  if (targets === undefined) return undefined
  return new Callbacks({
    ...options,
    targets,
    subscribe: (params, incoming, over) => {
      const context = requestContextOf(incoming, clock.now() + requestTimeout)
      return answerer.answer(params, { ...context, exchange: { hasHungUp: false, gone: NEVER, over } })
    },
  })
}

function createOperations(
  contract: GraphQLSchema,
  { compilation, trustedDocuments, metrics }: GatewayOptions,
): Operations {
  const resolvable = limitResolvers(inlineExposedFields(contract))
  const operations = new Operations(resolvable, compilation, countExecutions(metrics))
  trustAll(operations, trustedDocuments.documents)
  return operations
}

function countExecutions({ executions }: Metrics): (way: Way) => void {
  const counters = { compiled: executions.labels('compiled'), interpreted: executions.labels('interpreted') }
  return (way) => counters[way].inc()
}

const NEVER = new AbortController().signal

/** A principal that reaches no district and has no scope. */
const ANONYMOUS = {
  kind: 'SERVICE',
  client: '',
  scopes: new Set<string>(),
  districtIds: new Set<never>(),
} as const

function requestContextOf(
  { exchange, principal, expiresAt, isRevoked, isFromRouter }: Incoming,
  deadline: number,
): RequestContext {
  return {
    requestId: exchange.requestId,
    principal: principal ?? ANONYMOUS,
    summary: exchange.summary,
    trace: exchange.trace,
    isAnonymous: principal === undefined,
    isFromRouter,
    expiresAt,
    isRevoked,
    allowance: exchange.allowance,
    lastEventId: exchange.lastEventId,
    exchange,
    deadline,
    priority: 'INTERACTIVE',
  }
}
