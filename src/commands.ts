import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGateway, type GatewayOptions } from './app.ts'
import { openAudit } from './audit/open-audit.ts'
import { searchAudit } from './audit-command.ts'
import { connectClever, secretOf } from './clever/connect.ts'
import { systemClock } from './clock.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createDistrictRegistry } from './districts.ts'
import { examineDistricts } from './doctor/examine-districts.ts'
import { drawProgress } from './doctor/progress.ts'
import { UnfitDocuments } from './execution/trusted-documents.ts'
import { gatewayGreeting, type SandboxAddress, type SandboxToken, sandboxGreeting } from './greeting.ts'
import { graphiqlTabs } from './http/graphiql-tabs.ts'
import { createHttpServer } from './http/server.ts'
import { LineWriter } from './line-writer.ts'
import { createLog, type Logger } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { AccessFileError, openAccess } from './open-access.ts'
import { openDocuments } from './open-documents.ts'
import {
  accessSettings,
  keepingSettings,
  knownSettings,
  openCallbackTargets,
  proxiesOf,
  requestSettings,
} from './options-from-config.ts'
import { finish, onHangUp, onStop } from './shutdown.ts'
import { openStdout, STDOUT } from './stdout.ts'
import { runSync } from './sync/scheduler.ts'

/** The sandbox as `main.ts` opens it. */
interface Sandbox extends SandboxAddress {
  /** An issuer of the sandbox, and tokens from it. */
  signIn(): Promise<{ readonly issuer: object; readonly tokens: readonly SandboxToken[] }>
  close(): Promise<void>
}

type OpenSandbox = (config: Config) => Promise<Sandbox>

const [, , command, ...options] = process.argv
const config = configOrExit(command === 'doctor' || command === 'audit' ? 'ask' : 'serve')

/** Runs the command that the arguments of the process name. */
export async function runCommand(openSandbox: OpenSandbox): Promise<void> {
  const open: OpenSandbox = (config) => openSandbox(config).catch(exitUnlessListening('SANDBOX_PORT'))
  if (command === undefined) await runGateway(open)
  else if (command === 'sandbox') await runSandbox(open)
  else if (command === 'doctor') await runDoctor(open)
  else if (command === 'audit') await runAudit()
  else
    exit(
      'Only `sandbox` may follow, which starts the sandbox alone, `doctor`, which checks what Clever gives, or `audit`, which searches the audit.',
    )
}

async function runGateway(openSandbox: OpenSandbox) {
  const metrics = createMetrics()
  const { stdout, log } = openOutput(metrics)
  const sandbox = config.source.kind === 'sandbox' ? await openSandbox(config) : undefined
  const signIn = config.AUTH_FILE === undefined ? await sandbox?.signIn() : undefined
  const tokens = signIn?.tokens ?? []
  const settings = accessSettings(config, signIn?.issuer)
  const access = await openAccess(settings, systemClock, log, metrics).catch(exitUnlessFile)
  const trustedDocuments = await openDocuments(config).catch(exitUnlessFile)
  const audit = await openAudit(config.AUDIT, stdout, config.REQUEST_TIMEOUT_MS).catch(exitUnlessFile)
  const clever = connect(sandbox, log, metrics)
  const districts = createDistrictRegistry({ ...knownSettings(config), clock: systemClock, log, metrics })

  const ending = new AbortController()
  const hasGraphiql = config.GRAPHIQL ?? (sandbox !== undefined && !config.TRUSTED_DOCUMENTS_ONLY)
  const parts = { clients: clever.clients, districts, clock: systemClock, log, metrics }
  const callbackTargets = openCallbackTargets(config)
  const listener = gatewayOrExit({
    callbackTargets,
    ...parts,
    ...requestSettings(config),
    ending: ending.signal,
    authenticate: access.authenticate,
    policy: access.policy,
    overrides: access.overrides.current,
    overridesProblems: access.overrides.problems,
    trustedDocuments,
    audit: { sink: audit.sink, isRequired: config.AUDIT_REQUIRED },
    cursorSecret: secretOf(upstream(sandbox).source),
    graphiqlTabs: hasGraphiql ? graphiqlTabs(tokens) : undefined,
  })
  const server = createHttpServer({
    listener,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    keepAlive: config.KEEP_ALIVE_MS,
    log,
  })
  const { port } = await listen(server)
  log.info({ port }, 'listening')
  if (sandbox !== undefined)
    stdout.offer(
      gatewayGreeting(port, sandbox, tokens, { hasGraphiql, isTrustedOnly: config.TRUSTED_DOCUMENTS_ONLY }),
    )

  const kept = new AbortController()
  const keeping = runSync({ ...parts, ...keepingSettings(config, log), ending: kept.signal })

  if (audit.reopen !== undefined) onHangUp(audit.reopen, log)
  onStop(config.SHUTDOWN_GRACE_MS, async (signal, grace) => {
    log.info({ signal }, 'shutting down')
    kept.abort()
    await Promise.all([keeping, finish(server, ending, grace)])
    await Promise.all([
      callbackTargets?.close(),
      clever.close(),
      access.close(),
      audit.close(),
      sandbox?.close(),
    ])
    await stdout.close()
  })
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

function connect(sandbox: Sandbox | undefined, log: Logger, metrics: Metrics) {
  return connectClever({
    ...upstream(sandbox),
    version: config.CLEVER_API_VERSION,
    connections: config.CLEVER_CONNECTIONS,
    keptFields: new Set(config.OPTIONAL_STUDENT_FIELDS),
    proxies: proxiesOf(config),
    clock: systemClock,
    log,
    metrics,
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

function upstream(sandbox: Sandbox | undefined) {
  const { source, CLEVER_API_URL, CLEVER_OAUTH_URL } = config
  if (source.kind !== 'sandbox') return { source, apiUrl: CLEVER_API_URL, oauthUrl: CLEVER_OAUTH_URL }
  if (sandbox === undefined) throw new Error('the sandbox has not been started')
  const { clientId, clientSecret, url } = sandbox
  return { source: { kind: 'client' as const, clientId, clientSecret }, apiUrl: url, oauthUrl: url }
}

async function listen(server: Server): Promise<AddressInfo> {
  server.listen(config.PORT, config.HOST)
  await once(server, 'listening').catch(exitUnlessListening('HOST or PORT'))
  return server.address() as AddressInfo
}

function configOrExit(purpose: 'serve' | 'ask'): Config {
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
