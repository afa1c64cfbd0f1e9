import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { PRINCIPAL_KINDS } from './access/kind-limits.ts'
import { createDistrictLabels, districtMetrics } from './district-metrics.ts'
import type { District } from './districts.ts'
import type { LoadState } from './sync/load-queue.ts'

export type Metrics = ReturnType<typeof createMetrics>

/** The parts whose state is read when the metrics are. Set by `createGateway` unless noted. */
export interface Sources {
  /** Those that were opened so far. */
  districts: () => readonly District[]
  requestsInFlight: () => number
  /** Set by `runSync`. Undefined if nothing of the district is to be loaded. Times are ms since the epoch. */
  loadState: (district: District) => LoadState | undefined
  /** ms since the epoch */
  now: () => number
}

/**
 * A counter whose first value is 1 has no increase for Prometheus, so an alert would miss what happens once. Counters
 * that alerts watch begin at 0.
 */
function startAtZero(metrics: CountersFromZero) {
  for (const outcome of ['written', 'failed']) metrics.auditLines.inc({ outcome }, 0)
  for (const where of ['process', 'connection']) metrics.requestsOverloaded.inc({ where }, 0)
  for (const outcome of ['used', 'refused']) metrics.secretFiles.inc({ outcome }, 0)
  for (const outcome of ['known', 'missing', 'invalid', 'unavailable']) metrics.signIns.inc({ outcome }, 0)
  for (const code of WATCHED_CODES) metrics.requestErrors.inc({ code }, 0)
  for (const kind of PRINCIPAL_KINDS)
    for (const [quota, outcome] of WATCHED_QUOTAS) metrics.quotas.inc({ quota, kind, outcome }, 0)
}

const WATCHED_CODES = ['INTERNAL_SERVER_ERROR', 'UPSTREAM_UNAUTHORIZED', 'AUDIT_UNAVAILABLE']
const WATCHED_QUOTAS = [
  ['disclosure', 'near'],
  ['disclosure', 'refused'],
  ['cost', 'refused'],
] as const
type CountersFromZero = ReturnType<typeof outputMetrics> &
  ReturnType<typeof gatewayMetrics> &
  ReturnType<typeof accessMetrics>

/** Adds the metrics of the process: event loop, heap, garbage collection, processor time. Call it once a process. */
export function observeProcess({ registry }: Metrics) {
  collectDefaultMetrics({ register: registry })
}

/**
 * Labels come from fixed sets (routes, statuses, field names), never from data, so a metric has no personal
 * data.
 */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  const sources: Sources = {
    districts: () => [],
    requestsInFlight: () => 0,
    loadState: () => undefined,
    now: Date.now,
  }
  const districtLabel = createDistrictLabels()
  const metrics = {
    registry,
    sources,
    districtLabel,
    ...districtMetrics({ registers, sources, label: districtLabel }),
    ...loadMetrics(registers, sources),
    ...cleverMetrics(registers),
    ...directoryMetrics(registers),
    ...accessMetrics(registers),
    ...gatewayMetrics(registers),
    ...outputMetrics(registers),
    ...replicaMetrics(registers),
  }
  startAtZero(metrics)
  return metrics
}

/** Calls to Clever and the answers to them. */
function cleverMetrics(registers: Registry[]) {
  return {
    cleverCalls: new Histogram({
      name: 'clever_call_seconds',
      help: 'Calls to Clever until the answer has been read, by route and status; "lost" without an answer, "not sent" without a connection.',
      labelNames: ['route', 'status'] as const,
      registers,
    }),
    cleverClockSkew: new Gauge({
      name: 'clever_clock_skew_seconds',
      help: "Clever's clock minus ours, by the date headers of its answers; 0 while the two may agree.",
      registers,
    }),
    recordsSkipped: new Counter({
      name: 'clever_records_set_aside_total',
      help: 'Records from Clever that could not be read and were left out of a page.',
      labelNames: ['route'] as const,
      registers,
    }),
    unknownValues: new Counter({
      name: 'clever_unknown_values_total',
      help: 'Values outside the vocabulary that Clever documents, by field.',
      labelNames: ['field'] as const,
      registers,
    }),
    valuesTruncated: new Counter({
      name: 'clever_values_cut_total',
      help: 'Texts, lists and records from Clever that were longer than the gateway keeps, by field. The rest was removed.',
      labelNames: ['field'] as const,
      registers,
    }),
    rangesBroken: new Counter({
      name: 'clever_ranges_broken_total',
      help: 'Pages from Clever that were out of order, out of range or contradicted by another; ranges are then paused.',
      registers,
    }),
  }
}

/** The records that are held, and the events that change them. */
function directoryMetrics(registers: Registry[]) {
  return {
    events: new Counter({
      name: 'directory_events_total',
      help: 'Events of users that were applied, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    feed: new Counter({
      name: 'directory_feed_total',
      help: 'What became of the polls for events, by district: ok, failed, off (the district has none), lost (a gap that needs a new full load).',
      labelNames: ['district', 'outcome'] as const,
      registers,
    }),
    feedPolledAt: new Gauge({
      name: 'directory_feed_polled_timestamp_seconds',
      help: 'Time of the last good poll for events, by district; absent while the district is not polled.',
      labelNames: ['district'] as const,
      registers,
    }),
    eventsOff: new Gauge({
      name: 'directory_events_off',
      help: '1 while Clever gives no events of the district, otherwise 0.',
      labelNames: ['district'] as const,
      registers,
    }),
    massChanges: new Counter({
      name: 'directory_mass_changes_total',
      help: 'Polls and full loads that found a tenth of a district deleted: look whether that was meant.',
      registers,
    }),
    eventsAhead: new Counter({
      name: 'directory_events_ahead_total',
      help: "Events whose ids lie more than a day ahead of Clever's clock: they were not applied, and their users are read again.",
      registers,
    }),
    loadedRows: new Counter({
      name: 'directory_swept_rows_total',
      help: 'Rows read in the background, by district and role.',
      labelNames: ['district', 'role'] as const,
      registers,
    }),
  }
}

/** Tokens, the overrides file and decisions that need attention. */
function accessMetrics(registers: Registry[]) {
  return {
    uncertainDenials: new Counter({
      name: 'access_doubtful_denials_total',
      help: 'Decisions denied by an override that may mean another person: check the file.',
      registers,
    }),
    quotas: new Counter({
      name: 'access_quotas_total',
      help: 'Principals that came near their quota of disclosures, and answers that were refused because of a quota, by kind of principal.',
      labelNames: ['quota', 'kind', 'outcome'] as const,
      registers,
    }),
    collisionDenials: new Counter({
      name: 'access_collision_denials_total',
      help: 'Decisions denied because the contact may be two people of one name: the district should give them ids, e-mails or phones.',
      registers,
    }),
    restrictionDenials: new Counter({
      name: 'access_restriction_denials_total',
      help: 'Decisions denied because of a restriction note, such as "NO CONTACT", or of a truncated record.',
      registers,
    }),
    overridesCurrent: new Gauge({
      name: 'access_overrides_current',
      help: '1 while the overrides in force are those on disk, 0 while the file cannot be read and older ones hold.',
      registers,
    }),
    signIns: new Counter({
      name: 'access_sign_ins_total',
      help: 'Checks of the token of a request, by outcome: known, missing, invalid, unavailable (the keys of the issuer are not known).',
      labelNames: ['outcome'] as const,
      registers,
    }),
    requestsRefused: new Counter({
      name: 'access_requests_refused_total',
      help: 'Requests that were not let in, by what is wrong with their token.',
      labelNames: ['reason'] as const,
      registers,
    }),
    issuerKeyFetches: new Counter({
      name: 'access_issuer_key_fetches_total',
      help: 'Requests for the keys of an issuer, by issuer and outcome: ok, or why the answer counts as none.',
      labelNames: ['issuer', 'outcome'] as const,
      registers,
    }),
    issuerKeysReadAt: new Gauge({
      name: 'access_issuer_keys_read_timestamp_seconds',
      help: 'Time of the last good answer of an issuer to a request for its keys.',
      labelNames: ['issuer'] as const,
      registers,
    }),
    overridesRefused: new Counter({
      name: 'access_overrides_refused_total',
      help: 'Changes of the overrides file that were refused, by reason; the log says where in the file.',
      labelNames: ['reason'] as const,
      registers,
    }),
  }
}

/** GraphQL requests and subscriptions. */
function gatewayMetrics(registers: Registry[]) {
  return {
    requestsOverloaded: new Counter({
      name: 'gateway_requests_overloaded_total',
      help: 'GraphQL requests that were refused with OVERLOADED: too many in flight in the process, or on their connection.',
      labelNames: ['where'] as const,
      registers,
    }),
    documentsRefused: new Counter({
      name: 'gateway_documents_refused_total',
      help: 'Requests with the id of a document that is not in the manifest (not_found), or with a document that is not trusted (not_trusted).',
      labelNames: ['reason'] as const,
      registers,
    }),
    subscriptions: new Gauge({
      name: 'gateway_subscriptions',
      help: 'Subscriptions that are open.',
      registers,
    }),
    callbackMessages: new Counter({
      name: 'gateway_callback_messages_total',
      help: 'Messages of subscriptions by callback, by action (check, next, complete) and outcome: ok, gone (the router has ended the subscription), refused, or failed.',
      labelNames: ['action', 'outcome'] as const,
      registers,
    }),
    changesDelivered: new Counter({
      name: 'gateway_changes_told_total',
      help: 'Changes of contacts that were sent to subscribers, each counted once a subscriber, by kind.',
      labelNames: ['kind'] as const,
      registers,
    }),
    subscriptionsDropped: new Counter({
      name: 'gateway_subscriptions_dropped_total',
      help: 'Subscriptions that the gateway ended with an error, by its code.',
      labelNames: ['reason'] as const,
      registers,
    }),
    requests: new Histogram({
      name: 'gateway_request_seconds',
      help: 'GraphQL requests, by HTTP status and outcome: ok, partial (data and errors), error (no data), refused (not executed), unfinished (the client did not receive the answer).',
      labelNames: ['status', 'outcome'] as const,
      registers,
    }),
    requestErrors: new Counter({
      name: 'gateway_request_errors_total',
      help: 'GraphQL requests with an error, by its code. A request with several codes counts once for each.',
      labelNames: ['code'] as const,
      registers,
    }),
    requestRounds: new Histogram({
      name: 'gateway_request_rounds',
      help: 'Rounds of each executed request. 0: the stores knew everything.',
      buckets: [0, 1, 2, 3, 4, 6, 10, 20],
      registers,
    }),
    roundValues: new Histogram({
      name: 'gateway_round_values',
      help: 'Missing values that one round fetched as a batch.',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 1_000],
      registers,
    }),
    executions: new Counter({
      name: 'gateway_executions_total',
      help: 'Operations that were executed, by the way: compiled or interpreted.',
      labelNames: ['way'] as const,
      registers,
    }),
  }
}

/** The load at the moment of the reading. */
function loadMetrics(registers: Registry[], sources: Sources) {
  return {
    requestsInFlight: new Gauge({
      name: 'gateway_requests_in_flight',
      help: 'GraphQL requests that are being answered, without subscriptions.',
      registers,
      collect() {
        this.set(sources.requestsInFlight())
      },
    }),
  }
}

/** Lines of the audit and of the log. */
function outputMetrics(registers: Registry[]) {
  return {
    auditLines: new Counter({
      name: 'audit_lines_total',
      help: 'Lines of the audit, by outcome: written, or failed (withheld answers, or unaudited ones if the audit is not required).',
      labelNames: ['outcome'] as const,
      registers,
    }),
    secretFiles: new Counter({
      name: 'secret_file_changes_total',
      help: 'Changes of files with secrets, by outcome: used, or refused (the last good secrets stay in use).',
      labelNames: ['outcome'] as const,
      registers,
    }),
    logLinesDropped: new Counter({
      name: 'log_lines_dropped_total',
      help: 'Log lines that were dropped because stdout took no more.',
      registers,
    }),
  }
}

/** What the replicas share over Redis. */
function replicaMetrics(registers: Registry[]) {
  const redisUp = new Gauge({
    name: 'replicas_redis_up',
    help: '1 while Redis answers or none is set, 0 while it is away and this replica goes on alone.',
    registers,
  })
  redisUp.set(1)
  return {
    redisUp,
    turns: new Counter({
      name: 'replicas_turns_total',
      help: 'Looks for events, by turn: poll (this replica asked Clever), follow (another one did), alone (without Redis).',
      labelNames: ['turn'] as const,
      registers,
    }),
    revoked: new Counter({
      name: 'replicas_revocations_total',
      help: 'Revocations of tokens and principals that this replica has learned of, by what they revoke.',
      labelNames: ['what'] as const,
      registers,
    }),
  }
}
