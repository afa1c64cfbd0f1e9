import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Metrics } from '../metrics.ts'
import type { Readiness } from '../readiness.ts'
import { answer } from './refuse.ts'

export interface Route {
  /** The methods in the format of the header `allow`. */
  readonly methods: string
  readonly handle: (request: IncomingMessage, response: ServerResponse, requestId: string) => unknown
}

export interface StatusOptions {
  readonly metrics: Metrics
  /** The path of the metrics; undefined where they have a port of their own. `/metrics` unless given. */
  readonly metricsPath?: string | undefined
  readonly readiness: Readiness
  /** Why the file of overrides is refused while older ones are in force, without its content; empty while it is in force. */
  readonly overridesProblems: () => readonly string[]
}

const methods = 'GET, HEAD, OPTIONS'

/** The routes for orchestrators and monitoring. They need no token. */
export function statusRoutes(options: StatusOptions): Readonly<Record<string, Route>> {
  const { metrics, readiness, overridesProblems } = options
  const metricsPath = 'metricsPath' in options ? options.metricsPath : '/metrics'
  const metricsRoute: Route = { methods, handle: (_request, response) => answerMetrics(metrics, response) }
  return {
    ...(metricsPath !== undefined && { [metricsPath]: metricsRoute }),
    '/health': { methods, handle: (_request, response) => answer(response, 200, { status: 'up' }) },
    '/ready': {
      methods,
      handle(_request, response) {
        const problems = overridesProblems()
        const overrides =
          problems.length === 0
            ? { overrides: 'current' }
            : { overrides: 'last good', overridesProblems: problems }
        const reasons = readiness.reasons()
        if (reasons.length === 0) answer(response, 200, { status: 'ready', ...overrides })
        else answer(response, 503, { status: 'not ready', reasons, ...overrides })
      },
    },
    // The path, status and type of Apollo's servers, which their tools expect.
    '/.well-known/apollo/server-health': {
      methods,
      handle: (_request, response) =>
        response.writeHead(200, { 'content-type': 'application/health+json' }).end('{"status":"pass"}'),
    },
  }
}

/** The scrapes that are under way. Some metrics are reset when they are read, so that two scrapes at once would spoil each other. */
const scrapes = new WeakMap<Metrics['registry'], Promise<string>>()

export async function answerMetrics({ registry }: Metrics, response: ServerResponse) {
  const scrape = scrapes.get(registry) ?? textOf(registry).finally(() => scrapes.delete(registry))
  scrapes.set(registry, scrape)
  const text = await scrape
  response.writeHead(200, { 'content-type': registry.contentType }).end(text)
}

/** Reads each metric in a turn of the event loop of its own. Those of 57 districts take 7 ms together. */
async function textOf(registry: Metrics['registry']): Promise<string> {
  const texts: string[] = []
  for (const { name } of registry.getMetricsAsArray()) {
    texts.push(await registry.getSingleMetricAsString(name))
    await nextTurn()
  }
  return `${texts.join('\n\n')}\n`
}
