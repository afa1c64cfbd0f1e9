import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Tracer } from '@opentelemetry/api'
import { createGateway, type GatewayOptions } from './app.ts'
import { openAudit } from './audit/open-audit.ts'
import { WatchedSink } from './audit/watched-sink.ts'
import { searchAudit } from './audit-command.ts'
import { type Clever, connectClever, secretOf } from './clever/connect.ts'
import { reachClever } from './clever/first-contact.ts'
import { systemClock } from './clock.ts'
import { type Config, ConfigError, changingFiles, type Purpose, readConfig } from './config.ts'
import { createDistrictRegistry } from './districts.ts'
import { examineDistricts } from './doctor/examine-districts.ts'
import { drawProgress } from './doctor/progress.ts'
import { watchEventLoop } from './event-loop-watch.ts'
import { UnfitDocuments } from './execution/trusted-documents.ts'
import { gatewayGreeting, type SandboxAddress, type SandboxToken, sandboxGreeting } from './greeting.ts'
import { graphiqlTabs } from './http/graphiql-tabs.ts'
import { createMetricsServer } from './http/metrics-server.ts'
import { createHttpServer } from './http/server.ts'
import { LineWriter } from './line-writer.ts'
import { createLog, type Logger } from './log.ts'
import { createMetrics, type Metrics, observeProcess } from './metrics.ts'
import { type Access, AccessFileError, openAccess } from './open-access.ts'
import { openDocuments } from './open-documents.ts'
import {
  accessSettings,
  drainMsOf,
  keepingSettings,
  knownSettings,
  limitsOf,
  openCallbackTargets,
  proxiesOf,
  replicasSettings,
  requestSettings,
  SecretsInUse,
  serverSettings,
} from './options-from-config.ts'
import { Readiness } from './readiness.ts'
import type { Replicas } from './replicas/replicas.ts'
import { followSecretFiles } from './secret-files.ts'
import { finish, onHangUp, onStop } from './shutdown.ts'
import { openStdout, STDOUT } from './stdout.ts'
import { runSync } from './sync/scheduler.ts'
import { flushSpans, registeredTracer } from './tracing/tracer.ts'

/** The sandbox as `main.ts` opens it. */
interface Sandbox extends SandboxAddress {
  /** An issuer of the sandbox, and tokens from it. */
  signIn(): Promise<{ readonly issuer: object; readonly tokens: readonly SandboxToken[] }>
  close(): Promise<void>
}

type OpenSandbox = (config: Config) => Promise<Sandbox>

const [, , command, ...options] = process.argv
const config = configOrExit(purposeOf(command))

/** Runs the command that the arguments of the process name. */
export async function runCommand(openSandbox: OpenSandbox): Promise<void> {
  const open: OpenSandbox = (config) => openSandbox(config).catch(exitUnlessListening('SANDBOX_PORT'))
  if (command === undefined) await runGateway(open)
  else if (command === 'sandbox') await runSandbox(open)
  else if (command === 'doctor') await runDoctor(open)
  else if (command === 'audit') await runAudit()
  else if (command === 'revoke') await runRevoke()
  else
    exit(
      'Only `sandbox` may follow, which starts the sandbox alone, `doctor`, which checks what Clever gives, `audit`, which searches the audit, or `revoke`, which refuses a token or principal.',
    )
}

async function runGateway(openSandbox: OpenSandbox) {
  const { metrics, stdout, log } = observedProcess()
  const sandbox = isSandbox() ? await openSandbox(config) : undefined
  const signIn = config.AUTH_FILE === undefined ? await sandbox?.signIn() : undefined
  const replicas = await openShared(sandbox, log, metrics)
  const settings = accessSettings(config, signIn?.issuer, replicas?.revocations)
  const access = await openAccess(settings, systemClock, log, metrics).catch(exitUnlessFile)
  const trustedDocuments = await openDocuments(config).catch(exitUnlessFile)
  const audit = await openAudit(config.AUDIT, stdout, config.REQUEST_TIMEOUT_MS).catch(exitUnlessFile)
  const sink = audit.sink && new WatchedSink(audit.sink)
  const tracer = registeredTracer()
  const clever = connect(sandbox, log, metrics, { tracer, replicas })
  const secrets = new SecretsInUse(config)
  const readiness = readinessOf({ access, sink, clever }, log)
  const districts = createDistrictRegistry({ ...knownSettings(config), clock: systemClock, log, metrics })

  const ending = new AbortController()
  const parts = { clients: clever.clients, districts, clock: systemClock, log, metrics }
  const callbackTargets = openCallbackTargets(config)
  const listener = gatewayOrExit({
    callbackTargets,
    ...parts,
    ...requestSettings(config),
    tracer,
    router: secrets.router,
    ending: ending.signal,
    authenticate: access.authenticate,
    policy: access.policy,
    overrides: access.overrides.current,
    overridesProblems: access.overrides.problems,
    readiness,
    trustedDocuments,
    audit: { sink, isRequired: config.AUDIT_REQUIRED },
    cursorSecret: () => secretOf(upstream(sandbox, secrets.source).source),
    graphiqlTabs: hasGraphiql() ? graphiqlTabs(signIn?.tokens ?? []) : undefined,
  })
  const server = createHttpServer({ ...serverSettings(config), listener, log })
  const { port } = await listen(server)
  log.info({ port }, 'listening')
  // Loading the modules blocks the event loop, and no request waits for that.
  watchEventLoop(log)
  const metricsServer = await serveMetrics(metrics, log)
  if (sandbox !== undefined) stdout.offer(greeting(port, sandbox, signIn?.tokens))

  const kept = new AbortController()
  const keeping = Promise.all([
    runSync({ ...parts, ...keepingSettings(config, log), ending: kept.signal, logOf: replicas?.logOf }),
    reachClever(clever, systemClock, kept.signal),
    followSecrets({ secrets, clever, log, metrics }, kept.signal),
  ])

  if (audit.reopen !== undefined) onHangUp(audit.reopen, log)
  stopAtSignal({ server, readiness, ending, kept, keeping, log }, async () => {
    metricsServer?.closeAllConnections()
    metricsServer?.close()
    await Promise.all([
      callbackTargets?.close(),
      clever.close(),
      access.close(),
      audit.close(),
      replicas?.close(),
      sandbox?.close(),
    ])
    const isFlushed = await flushSpans()
    await stdout.close()
    // An exporter that tries again would keep the process alive.
    if (!isFlushed) process.exit(0)
  })
}

interface Running {
  readonly server: Server
  readonly readiness: Readiness
  /** Ends the requests that wait for Clever. */
  readonly ending: AbortController
  /** Ends the work in the background, which `keeping` waits for. */
  readonly kept: AbortController
  readonly keeping: Promise<unknown>
  readonly log: Logger
}

function stopAtSignal(
  { server, readiness, ending, kept, keeping, log }: Running,
  close: () => Promise<void>,
) {
  onStop(config.SHUTDOWN_GRACE_MS, async ({ signal, graceMs, answered }) => {
    log.info({ signal }, 'shutting down')
    readiness.drain()
    // A terminal sends SIGINT, and no balancer waits for it.
    const drainMs = signal === 'SIGTERM' ? drainMsOf(config) : 0
    await delay(drainMs)
    kept.abort()
    await Promise.all([keeping, finish(server, ending, graceMs - drainMs)])
    answered()
    await close()
  })
}

function greeting(port: number, sandbox: SandboxAddress, tokens: readonly SandboxToken[] = []): string {
  const isTrustedOnly = config.TRUSTED_DOCUMENTS_ONLY
  return gatewayGreeting(port, sandbox, tokens, { hasGraphiql: hasGraphiql(), isTrustedOnly })
}

function observedProcess() {
  const metrics = createMetrics()
  observeProcess(metrics)
  return { metrics, ...openOutput(metrics) }
}

function isSandbox(): boolean {
  return config.source.kind === 'sandbox'
}

/** In the sandbox, GraphiQL is on unless only trusted documents are run: GraphiQL sends documents of its own. */
function hasGraphiql(): boolean {
  return config.GRAPHIQL ?? (isSandbox() && !config.TRUSTED_DOCUMENTS_ONLY)
}

function followSecrets(
  parts: { secrets: SecretsInUse; clever: Clever; log: Logger; metrics: Metrics },
  ending: AbortSignal,
): Promise<void> {
  const { secrets, clever, log, metrics } = parts
  const options = {
    paths: changingFiles(config),
    read: () => readConfig(process.env),
    onChange(changed: Config) {
      secrets.use(changed)
      if (changed.source.kind !== 'sandbox') clever.useSource(changed.source)
    },
  }
  return followSecretFiles({ ...options, clock: systemClock, log, metrics }, ending)
}

function readinessOf(
  parts: { access: Access; sink: WatchedSink | undefined; clever: Clever },
  log: Logger,
): Readiness {
  const { access, sink, clever } = parts
  const { OVERRIDES_REQUIRED, AUDIT_REQUIRED } = config
  return new Readiness(
    {
      overrides_refused: () => OVERRIDES_REQUIRED && access.overrides.problems().length > 0,
      no_issuer_keys: () => !access.hasKeys(),
      audit_unwritable: () => AUDIT_REQUIRED && sink?.isWritable() === false,
      clever_failing: () => !clever.hasAnswered(),
    },
    log,
  )
}

function gatewayOrExit(options: GatewayOptions) {
  try {
    return createGateway(options)
  } catch (error) {
    if (!(error instanceof UnfitDocuments)) throw error
    return exit(error.problems.map((problem) => `TRUSTED_DOCUMENTS: ${problem}`).join('\n'))
  }
}

/** Lines are dropped and counted while stdout accepts none. */
function openOutput(metrics: Metrics) {
  const stdout = new LineWriter(openStdout(), {
    stuckAfterMs: config.REQUEST_TIMEOUT_MS,
    onDropped: (lines) => metrics.logLinesDropped.inc(lines),
    onRecovered: (dropped) => log.warn({ dropped }, 'log lines were dropped while stdout took none'),
  })
  process.on('exit', () => stdout.flushSync(STDOUT))
  const log = createLog(config.LOG_LEVEL, { write: (line) => stdout.offer(line) })
  return { stdout, log }
}

/** Redis is loaded only where it is set. */
async function openShared(sandbox: Sandbox | undefined, log: Logger, metrics: Metrics) {
  if (config.REDIS_URL === undefined) return undefined
  const { openReplicas } = await import('./replicas/replicas.ts')
  const settings = replicasSettings(config, secretOf(upstream(sandbox).source))
  return openReplicas({ ...settings, url: config.REDIS_URL, clock: systemClock, log, metrics })
}

/** Exits with 1 if nothing was revoked. */
async function runRevoke() {
  const { REDIS_URL, REPLICAS_SECRET, source } = config
  if (REDIS_URL === undefined || source.kind === 'sandbox')
    return exit(
      'Set REDIS_URL and the Clever credentials as for the replicas: they learn of a revocation over Redis.',
    )
  const { connectRedis } = await import('./replicas/redis.ts')
  const { revoke } = await import('./replicas/revoke-command.ts')
  const redis = await connectRedis({
    url: REDIS_URL,
    log: createLog('silent', process.stderr),
    metrics: createMetrics(),
  })
  const secret = REPLICAS_SECRET ?? secretOf(source)
  try {
    const problem = await revoke({ args: options, stdin: process.stdin, redis, secret, now: Date.now() })
    if (problem !== undefined) exit(problem)
    process.stdout.write('Revoked: all replicas refuse it within a second.\n')
  } catch {
    exit('Nothing is revoked: Redis does not answer. Check REDIS_URL and Redis.')
  } finally {
    await redis.close()
  }
}

function connect(
  sandbox: Sandbox | undefined,
  log: Logger,
  metrics: Metrics,
  {
    tracer,
    replicas,
  }: { readonly tracer?: Tracer | undefined; readonly replicas?: Replicas | undefined } = {},
) {
  return connectClever({
    ...upstream(sandbox),
    version: config.CLEVER_API_VERSION,
    connections: config.CLEVER_CONNECTIONS,
    keptFields: new Set(config.OPTIONAL_STUDENT_FIELDS),
    proxies: proxiesOf(config),
    limitsOf: limitsOf(config, replicas),
    clock: systemClock,
    log,
    metrics,
    tracer,
  })
}

/** Exits with 1 if a check fails, or with `--strict` also if one warns. */
async function runDoctor(openSandbox: OpenSandbox) {
  ignoreClosedStdout()
  const isStrict = options.includes('--strict')
  if (options.some((option) => option !== '--strict')) exit('Only `--strict` may follow `doctor`.')
  const log = createLog(config.LOG_LEVEL, process.stderr)
  const metrics = createMetrics()
  const sandbox = config.source.kind === 'sandbox' ? await openSandbox(config) : undefined
  const clever = connect(sandbox, log, metrics)
  if (sandbox !== undefined)
    process.stdout.write('No Clever credentials are set: this is the sandbox, and no person in it is real.\n')
  const diagnosis = await examineDistricts({
    clients: clever.clients,
    credentials: config.source.kind === 'sandbox' ? 'client' : config.source.kind,
    maxBytes: config.DIRECTORY_MAX_BYTES,
    phoneCountry: config.PHONE_COUNTRY,
    requiredFields: config.REQUIRED_CONTACT_FIELDS,
    clock: systemClock,
    log,
    metrics,
    print: (line) => process.stdout.write(`${line}\n`),
    progress: drawProgress,
  })
  await clever.close()
  await sandbox?.close()
  const isRefused = isStrict && diagnosis === 'warn'
  if (isRefused) process.stdout.write('After --strict, what warns fails.\n')
  process.exitCode = diagnosis === 'fail' || isRefused ? 1 : 0
}

/** Exits with 1 if the arguments or a file cannot be used. */
async function runAudit() {
  const gone = new AbortController()
  process.stdout.on('error', () => gone.abort())
  process.exitCode = await searchAudit({
    args: options,
    audit: config.AUDIT,
    stdin: process.stdin,
    async print(text) {
      if (!process.stdout.write(text) && !gone.signal.aborted)
        await once(process.stdout, 'drain', { signal: gone.signal }).catch(() => {})
      return !gone.signal.aborted
    },
    warn: (line) => process.stderr.write(`${line}\n`),
  })
}

/** The process that reads stdout may end before the output does. */
function ignoreClosedStdout() {
  process.stdout.on('error', () => {})
}

/** The sandbox alone, for gateways in other processes. */
async function runSandbox(openSandbox: OpenSandbox) {
  const sandbox = await openSandbox(config)
  ignoreClosedStdout()
  process.stdout.write(sandboxGreeting(sandbox))
  onStop(config.SHUTDOWN_GRACE_MS, () => sandbox.close())
}

function upstream(sandbox: Sandbox | undefined, source = config.source) {
  const { CLEVER_API_URL, CLEVER_OAUTH_URL } = config
  if (source.kind !== 'sandbox') return { source, apiUrl: CLEVER_API_URL, oauthUrl: CLEVER_OAUTH_URL }
  if (sandbox === undefined) throw new Error('the sandbox has not been started')
  const { clientId, clientSecret, url } = sandbox
  return { source: { kind: 'client' as const, clientId, clientSecret }, apiUrl: url, oauthUrl: url }
}

/** The metrics on a port of their own, if one is set. */
async function serveMetrics(metrics: Metrics, log: Logger): Promise<Server | undefined> {
  const { METRICS_PORT, METRICS_HOST = config.HOST, METRICS_PATH } = config
  if (METRICS_PORT === undefined) return undefined
  const server = createMetricsServer(metrics, METRICS_PATH).listen(METRICS_PORT, METRICS_HOST)
  await once(server, 'listening').catch(exitUnlessListening('METRICS_HOST or METRICS_PORT'))
  log.info({ port: (server.address() as AddressInfo).port }, 'serving metrics')
  return server
}

async function listen(server: Server): Promise<AddressInfo> {
  server.listen(config.PORT, config.HOST)
  await once(server, 'listening')
    .catch((error: unknown) => listenWithoutIpv6(server, error))
    .catch(exitUnlessListening('HOST or PORT'))
  return server.address() as AddressInfo
}

/** A host without IPv6 has no address `::`; every address is then 0.0.0.0. */
async function listenWithoutIpv6(server: Server, error: unknown) {
  const isWithout = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '')
  if (config.HOST !== '::' || !isWithout) throw error
  server.listen(config.PORT, '0.0.0.0')
  await once(server, 'listening')
}

function purposeOf(command: string | undefined): Purpose {
  if (command === 'sandbox' || command === 'audit') return command
  return command === 'doctor' || command === 'revoke' ? 'ask' : 'serve'
}

function configOrExit(purpose: Purpose): Config {
  try {
    return readConfig(process.env, purpose)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return exit(error.message)
  }
}

function exitUnlessFile(error: unknown): never {
  if (error instanceof AccessFileError) return exit(error.message)
  throw error
}

function exitUnlessListening(settings: string) {
  return (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === undefined) throw error
    return exit(`Cannot listen (${code}): set ${settings} to something else.`)
  }
}

function exit(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
