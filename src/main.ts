import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Clever, connectClever } from './clever/connect.ts'
import { systemClock } from './clock.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { createGateway } from './gateway.ts'
import { graphiqlOptions } from './graphiql.ts'
import { greeting } from './greeting.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { type Sandbox, startSandbox } from './sandbox/sandbox.ts'

const config = configOrExit()
const log = createLog(config.LOG_LEVEL)
const metrics = createMetrics()
const sandbox = await sandboxFor(config)
const clever = connectClever({
  ...upstream(config, sandbox),
  version: config.CLEVER_API_VERSION,
  connections: config.CLEVER_CONNECTIONS,
  clock: systemClock,
  log,
  metrics,
})

let isAccepting = true
const hasGraphiql = config.GRAPHIQL ?? sandbox !== undefined
const listener = createGateway({
  districts: clever.districts,
  clock: systemClock,
  log,
  metrics,
  isAccepting: () => isAccepting,
  requestTimeout: config.REQUEST_TIMEOUT_MS,
  mostCalls: config.MAX_CALLS_PER_REQUEST,
  mostBodyBytes: config.MAX_BODY_BYTES,
  corsOrigins: config.CORS_ORIGINS,
  graphiql: hasGraphiql ? graphiqlOptions(sandbox !== undefined) : undefined,
})

// Whoever takes longer to send a request than we would take to answer it only holds a connection.
const server = createServer(
  { requestTimeout: config.REQUEST_TIMEOUT_MS, headersTimeout: config.REQUEST_TIMEOUT_MS },
  listener,
)
const { port } = await listen(server, config)
log.info({ port }, 'listening')
if (sandbox !== undefined) process.stdout.write(greeting(port, sandbox))

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'shutting down')
    isAccepting = false
    void shutDown(server, clever, sandbox)
  })
}

function configOrExit(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

async function sandboxFor({ source, ...settings }: Config): Promise<Sandbox | undefined> {
  if (source.kind !== 'sandbox') return undefined
  return startSandbox({
    port: settings.SANDBOX_PORT,
    seed: settings.SANDBOX_SEED,
    students: settings.SANDBOX_STUDENTS,
    districts: settings.SANDBOX_DISTRICTS,
    latency: settings.SANDBOX_LATENCY,
  })
}

function upstream({ source, CLEVER_API_URL, CLEVER_OAUTH_URL }: Config, sandbox: Sandbox | undefined) {
  if (source.kind !== 'sandbox') return { source, apiUrl: CLEVER_API_URL, oauthUrl: CLEVER_OAUTH_URL }
  if (sandbox === undefined) throw new Error('the sandbox has not been started')
  const { clientId, clientSecret, url } = sandbox
  return { source: { kind: 'client' as const, clientId, clientSecret }, apiUrl: url, oauthUrl: url }
}

async function listen(server: Server, { HOST, PORT }: Config): Promise<AddressInfo> {
  server.listen(PORT, HOST)
  try {
    await once(server, 'listening')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown'
    process.stderr.write(`Cannot listen on ${HOST}:${PORT} (${code}). Set HOST or PORT to something else.\n`)
    process.exit(1)
  }
  return server.address() as AddressInfo
}

/** Takes no new connections, lets requests in flight end for as long as the grace lasts, then lets go of Clever. */
async function shutDown(server: Server, clever: Clever, sandbox: Sandbox | undefined) {
  const late = setTimeout(() => server.closeAllConnections(), config.SHUTDOWN_GRACE_MS)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(late)
  await clever.close()
  await sandbox?.close()
}
