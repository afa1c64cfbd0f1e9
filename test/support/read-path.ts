import { schema, withPrivileges } from '../../schema/schema.ts'
import type { Decision } from '../../src/access/decide.ts'
import { NO_OVERRIDES, type Overrides } from '../../src/access/overrides.ts'
import type { Principal } from '../../src/access/principal.ts'
import { connectClever } from '../../src/clever/connect.ts'
import { type Clock, systemClock } from '../../src/clock.ts'
import { createDistrictRegistry } from '../../src/districts.ts'
import { Answerer } from '../../src/execution/answer.ts'
import { inlineExposedFields } from '../../src/execution/inline-exposed.ts'
import { limitResolvers } from '../../src/execution/limit-resolvers.ts'
import { type Compilation, type Operation, Operations } from '../../src/execution/operations.ts'
import { createServices } from '../../src/execution/services.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CallAllowance } from '../../src/model/call-allowance.ts'
import { RequestSummary } from '../../src/model/request-summary.ts'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'
import { Request, type RequestContext, type SelectionTraits } from '../../src/view/request.ts'
import type { View } from '../../src/view/view.ts'
import { DEFAULT_POLICY, namedSource } from './gateway.ts'

export interface ReadPathOptions {
  readonly sandbox?: SandboxOptions
  readonly clock?: Clock
  readonly compilation?: Compilation
  readonly overrides?: () => Overrides
}

export const SERVICE_PRINCIPAL: Principal = {
  kind: 'SERVICE',
  client: 'test',
  scopes: new Set(['students:read', 'contacts:read']),
  districtIds: 'ALL',
}

const NEVER = new AbortController().signal

/**
 * The read path over a sandbox, without HTTP: for tests that count what no reply shows, such as decisions, rounds and
 * promises.
 */
export async function startReadPath({
  sandbox: sandboxOptions,
  clock = systemClock,
  compilation = 'ALWAYS',
  overrides = () => NO_OVERRIDES,
}: ReadPathOptions = {}) {
  const sandbox = await startSandbox(sandboxOptions)
  const log = createLog('silent', { write: () => {} })
  const metrics = createMetrics()
  const clever = connectClever({
    source: namedSource(sandbox),
    apiUrl: sandbox.url,
    oauthUrl: sandbox.url,
    version: 'v3.1',
    connections: 64,
    clock,
    log,
    metrics,
  })
  const districts = createDistrictRegistry({
    lagMs: 90_000,
    ages: { displayMs: 300_000, displayMaxMs: 86_400_000, decisionMs: 60_000 },
    maxBytes: 100_000_000,
    clock,
    log,
    metrics,
  })
  const decisions: Decision[] = []
  const { services } = createServices({
    clients: clever.clients,
    districts,
    clock,
    rules: () => ({ policy: DEFAULT_POLICY, overrides: overrides(), now: clock.now(), maxAge: 60_000 }),
    onDecision: (decision) => void decisions.push(decision),
    phoneCountry: 'US',
    cursorSecret: () => 'a secret for tests',
    requiredFields: [],
    ending: NEVER,
    requestTimeout: 10_000,
    report: { maxCalls: 200, timeoutMs: 10_000, keptMs: 0 },
  })
  const operations = new Operations(
    limitResolvers(inlineExposedFields(withPrivileges(schema, DEFAULT_POLICY))),
    compilation,
  )
  const views: View[] = []
  const answerer = new Answerer({
    services,
    operations,
    quotas: { charge: () => undefined, admit: () => undefined },
    writeAudit: (view) => void views.push(view),
    maskError: (error) => error,
    refusalOf: () => undefined,
    schemaFields: new Set(),
  })

  const requestOf = (principal: Principal, traits?: SelectionTraits) => {
    const context: RequestContext = {
      requestId: 'test',
      principal,
      summary: new RequestSummary(),
      isAnonymous: false,
      isFromRouter: true,
      allowance: new CallAllowance(600),
      exchange: { hasHungUp: false, gone: NEVER, over: NEVER },
      lastEventId: undefined,
      expiresAt: undefined,
      deadline: clock.now() + 10_000,
      priority: 'INTERACTIVE',
    }
    return new Request(services, context, traits)
  }

  // The tokens of the districts are known before the first request, as they are once the gateway is ready.
  await services.createFetch(requestOf(SERVICE_PRINCIPAL)).districts()

  function operationOf(query: string): Operation {
    const operation = operations.prepare(query, undefined)
    if ('errors' in operation) throw operation.errors[0]
    return operation
  }

  return {
    sandbox,
    district: sandbox.districts[0] ?? fail(),
    districts,
    services,
    operations,
    /** All decisions so far. */
    decisions,
    /** The last attempt of each answer so far. */
    views,
    requestOf,
    prepare: (query: string) => operationOf(query).run(false),
    async ask(query: string, principal: Principal = SERVICE_PRINCIPAL, variables = {}) {
      const operation = operationOf(query)
      const request = requestOf(principal, operation.traits)
      const result = await answerer.run(operation.run(false), variables, request)
      const { data, errors = [] } = JSON.parse(JSON.stringify(result))
      return { data, errors, rounds: request.rounds, calls: request.context.allowance.calls }
    },
    async [Symbol.asyncDispose]() {
      await clever.close()
      await sandbox.close()
    },
  }
}

function fail(): never {
  throw new Error('the sandbox has no district')
}
