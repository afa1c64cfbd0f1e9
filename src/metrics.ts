import { Counter, Gauge, Histogram, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

/** Labels come from fixed sets (routes, statuses, field names), never from data: no person shows up in a metric. */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    cleverCalls: new Histogram({
      name: 'clever_call_seconds',
      help: 'Calls to Clever until the answer has been read, by route and status; "lost" without an answer.',
      labelNames: ['route', 'status'] as const,
      registers,
    }),
    recordsSetAside: new Counter({
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
    doubtfulDenials: new Counter({
      name: 'access_doubtful_denials_total',
      help: 'Decisions denied by an override that may mean somebody else: look at the file.',
      registers,
    }),
    overridesCurrent: new Gauge({
      name: 'access_overrides_current',
      help: '1 while the overrides in force are those on disk, 0 while the file cannot be read and older ones hold.',
      registers,
    }),
    requests: new Histogram({
      name: 'gateway_request_seconds',
      help: 'GraphQL requests, by HTTP status.',
      labelNames: ['status'] as const,
      registers,
    }),
  }
}
