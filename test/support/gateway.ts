import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { expect } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { KindLimits } from '../../src/access/kind-limits.ts'
import { NO_OVERRIDES } from '../../src/access/overrides.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { createGateway, type GatewayOptions } from '../../src/app.ts'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { connectIssuer } from '../../src/auth/fetch-keys.ts'
import { type Issuers, issuersFile } from '../../src/auth/issuers-file.ts'
import { connectClever, type TokenSource } from '../../src/clever/connect.ts'
import { systemClock } from '../../src/clock.ts'
import { createDistrictRegistry, type DistrictRegistry } from '../../src/districts.ts'
import { graphiqlTabs } from '../../src/http/graphiql-tabs.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import type { OptionalStudentField } from '../../src/model/optional-fields.ts'
import { Readiness } from '../../src/readiness.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'
import { createSignIn, type SignIn, tokensOf } from '../../src/sandbox/sign-in.ts'
import type { Ages } from '../../src/store/ages.ts'
import { runSync, type SchedulerOptions, type Warm } from '../../src/sync/scheduler.ts'

/** The suite runs with every operation compiled, or with none by GATEWAY_COMPILATION=NEVER: both must answer alike. */
const COMPILATION = process.env.GATEWAY_COMPILATION === 'NEVER' ? 'NEVER' : 'ALWAYS'

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>

export const SERVICE: Claims = {
  clever_kind: 'service',
  sub: 'test-service',
  scope: 'students:read contacts:read',
  clever_district_ids: '*',
}

export function guardian(...contactIds: string[]): Claims {
  return { clever_kind: 'guardian', clever_contact_ids: contactIds }
}

export const DEFAULT_POLICY = createPolicy(policyFile.parse(defaultPolicy))

/** No kind has a limit. */
const UNLIMITED = limitsFrom('service=unlimited')

export function limitsFrom(text: string): KindLimits {
  return KindLimits.parse(text, { min: 1, max: 1_000_000 }) ?? expect.unreachable(text)
}

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
  /** Undefined for a request that was refused before it was executed. */
  readonly extensions: ReplyExtensions | undefined
  /** The paths that Clever was asked for, without version, in order. */
  readonly calls: readonly string[]
}

export interface ReplyExtensions {
  readonly cost: { readonly calls: number; readonly callsLeft?: number }
  readonly freshness?: { readonly oldest: string; readonly seconds: number; readonly isStale: boolean }
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string
  readonly sandbox: Sandbox
  /** The log lines so far. */
  readonly lines: readonly string[]
  readonly metrics: ReturnType<typeof createMetrics>
  readonly districts: DistrictRegistry
  /** The lines of the audit so far. */
  readonly audited: readonly string[]
  readonly tokenFor: SignIn['tokenFor']
  /** The header of a service that sees everything, for a request of one's own making. */
  readonly authorization: string
  /** As a service that sees everything, by default who asks. */
  ask(query: string, variables?: Record<string, unknown>, as?: Claims): Promise<Reply>
  /** All that is known of students and contacts: what is asked next is a call again. */
  forget(): void
}

export interface TestOptions
  extends Partial<Omit<GatewayOptions, 'clients' | 'districts' | 'log' | 'metrics' | 'graphiqlTabs'>> {
  /** Not at all by default: then every call was made for a request. */
  readonly warm?: Warm
  readonly ages?: Partial<Ages>
  readonly maxBytes?: number
  readonly eventsInterval?: number
  /** Optional fields of students. */
  readonly keptFields?: readonly OptionalStudentField[]
  readonly eventsLag?: number
  /** Districts that are loaded in full at one time. */
  readonly loadsAtOnce?: number
  /** The log of polls that other replicas share. */
  readonly logOf?: SchedulerOptions['logOf']
  /** Of an idle connection. ms */
  readonly keepAlive?: number
  /** Whose tokens are accepted, checked by the gateway's clock; those of `tokenFor` unless given. */
  readonly issuers?: Issuers
  /** ms */
  readonly leeway?: number
  /** Whether to serve GraphiQL, with the people of the sandbox or, as for a real issuer, without people. */
  readonly graphiql?: 'on' | 'without people' | 'off'
  readonly sandbox?: SandboxOptions
  /** A sandbox that is there already, and stays. */
  readonly over?: Sandbox
  /** Where the district tokens come from: the settings by default. */
  readonly source?: 'district-tokens' | 'client' | 'single-token'
}

/** The whole gateway on real HTTP, over a sandbox of its own. */
export async function startGateway(options: TestOptions = {}): Promise<TestGateway> {
  const {
    sandbox: sandboxOptions,
    over,
    source = 'district-tokens',
    clock = systemClock,
    graphiql = 'off',
    warm,
    ages,
    maxBytes = 100_000_000,
    keptFields = [],
    eventsInterval = 30_000,
    eventsLag = 90_000,
    loadsAtOnce = 2,
    logOf,
    keepAlive = 75_000,
    issuers,
    leeway = 5_000,
    ...settings
  } = options
  const sandbox = over ?? (await startSandbox(sandboxOptions))
  const signIn = await createSignIn(clock.now)
  const everything = await signIn.tokenFor(SERVICE)
  const tokens = graphiql === 'on' ? await tokensOf(sandbox, signIn) : []
  const lines: string[] = []
  const audited: string[] = []
  const log = createLog('debug', { write: (line: string) => void lines.push(line) })
  const metrics = createMetrics()
  const clever = connectClever({
    source: tokenSource(sandbox, source),
    apiUrl: sandbox.url,
    oauthUrl: sandbox.url,
    version: 'v3.1',
    keptFields: new Set(keptFields),
    connections: 64,
    clock,
    log,
    metrics,
  })
  const districts = createDistrictRegistry({
    lagMs: eventsLag,
    ages: {
      displayMs: 300_000,
      displayMaxMs: 86_400_000,
      decisionMs: 60_000,
      ...ages,
    },
    maxBytes,
    clock,
    log,
    metrics,
  })
  const kept = new AbortController()
  const keeping =
    warm &&
    runSync({
      warm,
      intervalMs: eventsInterval,
      lagMs: eventsLag,
      clients: clever.clients,
      districts,
      clock,
      log,
      metrics,
      ending: kept.signal,
      loadsAtOnce,
      logOf,
    })
  const server = createHttpServer({
    requestTimeout: settings.requestTimeout ?? 10_000,
    keepAlive,
    log,
    listener: createGateway({
      ending: new AbortController().signal,
      phoneCountry: 'US',
      cursorSecret: () => 'a secret for tests',
      requiredFields: ['email', 'phone', 'relationship'],
      requestTimeout: 10_000,
      maxCalls: 600,
      maxBodyBytes: 102_400,
      maxRequestsInFlight: 250,
      maxAnswerBytes: 16_000_000,
      maxSubscriptions: 1_000,
      disclosureQuota: UNLIMITED,
      costQuota: UNLIMITED,
      corsOrigins: [],
      graphiqlTabs: graphiql === 'off' ? undefined : graphiqlTabs(tokens),
      names: [],
      trustedDocuments: { documents: [], isOnly: false },
      federationVersion: '2.5',
      compilation: COMPILATION,
      authenticate: createAuthenticate({
        issuers: issuers ?? issuersFile.parse({ issuers: [signIn.issuer] }).issuers,
        now: clock.now,
        leeway,
        connect: (origin) => connectIssuer(origin, {}),
        log,
        metrics,
      }),
      router: undefined,
      isSandbox: false,
      policy: DEFAULT_POLICY,
      overrides: () => NO_OVERRIDES,
      readiness: new Readiness(),
      overridesProblems: () => [],
      audit: {
        sink: {
          append: async (text) => void audited.push(...text.trim().split('\n')),
          close: async () => {},
        },
        isRequired: true,
      },
      ...settings,
      clock,
      clients: clever.clients,
      districts,
      log,
      metrics,
    }),
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const tokenOf = keepTokens(signIn, clock.now)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  // `fetch` needs several times the processor time of this.
  const client = new Pool(url)

  return {
    url,
    sandbox,
    lines,
    metrics,
    audited,
    tokenFor: signIn.tokenFor,
    authorization: `Bearer ${everything}`,
    async ask(query, variables = {}, as = SERVICE) {
      const token = as === SERVICE ? everything : await tokenOf(as)
      const before = sandbox.calls.all().length
      const response = await client.request({
        path: '/graphql',
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          authorization: `Bearer ${token}`,
        },
        body: JSON.stringify({ query, variables }),
      })
      const { data, errors = [], extensions } = (await response.body.json()) as Reply
      const calls = sandbox.calls.all().slice(before)
      return {
        status: response.statusCode,
        headers: new Headers(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
        data,
        errors,
        extensions,
        calls: calls.map((call) => call.path.replace(/^\/v3\.\d/, '') + (call.query && `?${call.query}`)),
      }
    },
    forget() {
      for (const { store } of districts.all()) store.clear()
    },
    districts,
    async [Symbol.asyncDispose]() {
      kept.abort()
      await keeping
      await client.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await clever.close()
      if (over === undefined) await sandbox.close()
    },
  }
}

/** One token for each hour and the same claims, as a client has. To sign and check one for each request took a tenth of a test's time. */
function keepTokens(signIn: SignIn, now: () => number): (claims: Claims) => Promise<string> {
  const kept = new Map<string, Promise<string>>()
  return (claims) => {
    const key = `${Math.floor(now() / 3_600_000)} ${JSON.stringify(claims)}`
    const token = kept.get(key) ?? signIn.tokenFor(claims)
    kept.set(key, token)
    return token
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
