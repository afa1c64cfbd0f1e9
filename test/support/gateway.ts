import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connectClever, type TokenSource } from '../../src/clever/connect.ts'
import { parseDistrictId } from '../../src/clever/ids.ts'
import { systemClock } from '../../src/clock.ts'
import { createGateway, type GatewayOptions } from '../../src/gateway.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'

interface Reply {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for
  readonly data: any
  readonly errors: readonly {
    message: string
    path?: (string | number)[]
    extensions: Record<string, unknown>
  }[]
  /** The paths that Clever was asked for, without version, in order. */
  readonly calls: readonly string[]
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string
  readonly sandbox: Sandbox
  /** The log lines so far. */
  readonly lines: readonly string[]
  readonly metrics: ReturnType<typeof createMetrics>
  ask(query: string, variables?: Record<string, unknown>): Promise<Reply>
}

export interface TestOptions extends Partial<Omit<GatewayOptions, 'districts' | 'log' | 'metrics'>> {
  readonly sandbox?: SandboxOptions
  /** Where the district tokens come from: the settings unless told. */
  readonly source?: 'district-tokens' | 'client' | 'single-token'
}

/** The whole gateway on real HTTP, over a sandbox of its own. */
export async function startGateway(options: TestOptions = {}): Promise<TestGateway> {
  const { sandbox: sandboxOptions, source = 'district-tokens', clock = systemClock, ...settings } = options
  const sandbox = await startSandbox(sandboxOptions)
  const lines: string[] = []
  const log = createLog('debug', { write: (line: string) => void lines.push(line) })
  const metrics = createMetrics()
  const clever = connectClever({
    source: tokenSource(sandbox, source),
    apiUrl: sandbox.url,
    oauthUrl: sandbox.url,
    version: 'v3.1',
    connections: 64,
    clock,
    log,
    metrics,
  })
  const server = createServer(
    createGateway({
      isAccepting: () => true,
      requestTimeout: 10_000,
      mostCalls: 600,
      mostBodyBytes: 102_400,
      corsOrigins: [],
      graphiql: undefined,
      names: 'loopback',
      ...settings,
      clock,
      districts: clever.districts,
      log,
      metrics,
    }),
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  return {
    url,
    sandbox,
    lines,
    metrics,
    async ask(query, variables = {}) {
      const before = sandbox.calls.all().length
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors = [] } = (await response.json()) as Reply
      const calls = sandbox.calls.all().slice(before)
      return {
        status: response.status,
        headers: response.headers,
        data,
        errors,
        calls: calls.map((call) => call.path.replace(/^\/v3\.\d/, '') + (call.query && `?${call.query}`)),
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await clever.close()
      await sandbox.close()
    },
  }
}

function tokenSource(sandbox: Sandbox, kind: NonNullable<TestOptions['source']>): TokenSource {
  const { districts, clientId, clientSecret } = sandbox
  if (kind === 'client') return { kind, clientId, clientSecret }
  if (kind === 'single-token') return { kind, token: districts[0]?.token ?? '' }
  return namedSource(sandbox)
}

/** The tokens as settings would name them: reading them costs no call. */
export function namedSource({ districts }: Sandbox): TokenSource {
  const tokens = new Map(districts.map(({ id, token }) => [parseDistrictId(id) ?? failing(id), token]))
  return { kind: 'district-tokens', tokens }
}

function failing(id: string): never {
  throw new Error(`the sandbox has a district with the id ${id}`)
}
