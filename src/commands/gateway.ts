import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { createGateway, type GatewayOptions } from '../app.ts'
import { openAudit } from '../audit/open-audit.ts'
import { WatchedSink } from '../audit/watched-sink.ts'
import { type Clever, secretOf } from '../clever/connect.ts'
import { reachClever } from '../clever/first-contact.ts'
import { systemClock } from '../clock.ts'
import { type Config, changingFiles, readConfig } from '../config.ts'
import { createDistrictRegistry } from '../districts.ts'
import { watchEventLoop } from '../event-loop-watch.ts'
import { UnfitDocuments } from '../execution/trusted-documents.ts'
import { gatewayGreeting, type SandboxAddress, type SandboxToken } from '../greeting.ts'
import { graphiqlTabs } from '../http/graphiql-tabs.ts'
import { createHttpServer } from '../http/server.ts'
import { LineWriter } from '../line-writer.ts'
import { createLog, type Logger } from '../log.ts'
import { createMetrics, type Metrics, observeProcess } from '../metrics.ts'
import { type Access, openAccess } from '../open-access.ts'
import { openDocuments } from '../open-documents.ts'
import {
  accessSettings,
  drainMsOf,
  keepingSettings,
  knownSettings,
  openCallbackTargets,
  replicasSettings,
  requestSettings,
  SecretsInUse,
  serverSettings,
} from '../options-from-config.ts'
import { Readiness } from '../readiness.ts'
import { followSecretFiles } from '../secret-files.ts'
import { finish, onHangUp, onStop } from '../shutdown.ts'
import { openStdout, STDOUT } from '../stdout.ts'
import { runSync } from '../sync/scheduler.ts'
import { flushSpans, registeredTracer } from '../tracing/tracer.ts'
import { listen, serveMetrics } from './listen.ts'
import {
  config,
  connect,
  exit,
  exitUnlessFile,
  isSandbox,
  type OpenSandbox,
  type Sandbox,
  upstream,
} from './process.ts'

export async function runGateway(openSandbox: OpenSandbox) {
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
    ...requestSettings(config, replicas),
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
    runSync({ ...parts, ...keepingSettings(config), ending: kept.signal, logOf: replicas?.logOf }),
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
  const { openReplicas } = await import('../replicas/replicas.ts')
  const settings = replicasSettings(config, secretOf(upstream(sandbox).source))
  return openReplicas({ ...settings, url: config.REDIS_URL, clock: systemClock, log, metrics })
}
