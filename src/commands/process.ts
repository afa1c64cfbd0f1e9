import type { Tracer } from '@opentelemetry/api'
import { connectClever } from '../clever/connect.ts'
import { systemClock } from '../clock.ts'
import { type Config, ConfigError, type Purpose, readConfig } from '../config.ts'
import type { SandboxAddress, SandboxToken } from '../greeting.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { AccessFileError } from '../open-access.ts'
import { limitsOf, proxiesOf } from '../options-from-config.ts'
import type { Replicas } from '../replicas/replicas.ts'

/** The sandbox as `main.ts` opens it. */
export interface Sandbox extends SandboxAddress {
  /** An issuer of the sandbox, and tokens from it. */
  signIn(): Promise<{ readonly issuer: object; readonly tokens: readonly SandboxToken[] }>
  close(): Promise<void>
}

export type OpenSandbox = (config: Config) => Promise<Sandbox>

export const [, , command, ...options] = process.argv

/** Read once. Secrets in files may change later: see `followSecretFiles`. */
export const config = configOrExit(purposeOf(command))

export function isSandbox(): boolean {
  return config.source.kind === 'sandbox'
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

/** Where Clever is, and the credentials for it: those of the settings, or of the sandbox. */
export function upstream(sandbox: Sandbox | undefined, source = config.source) {
  const { CLEVER_API_URL, CLEVER_OAUTH_URL } = config
  if (source.kind !== 'sandbox') return { source, apiUrl: CLEVER_API_URL, oauthUrl: CLEVER_OAUTH_URL }
  if (sandbox === undefined) throw new Error('the sandbox has not been started')
  const { clientId, clientSecret, url } = sandbox
  return { source: { kind: 'client' as const, clientId, clientSecret }, apiUrl: url, oauthUrl: url }
}

export function connect(
  sandbox: Sandbox | undefined,
  log: Logger,
  metrics: Metrics,
  { tracer, replicas }: { tracer?: Tracer | undefined; replicas?: Replicas | undefined } = {},
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

export function exitUnlessFile(error: unknown): never {
  if (error instanceof AccessFileError) return exit(error.message)
  throw error
}

export function exitUnlessListening(settings: string) {
  return (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === undefined) throw error
    return exit(`Cannot listen (${code}): set ${settings} to something else.`)
  }
}

/** The process that reads stdout may end before the output does. */
export function ignoreClosedStdout() {
  process.stdout.on('error', () => {})
}

export function exit(message: string): never {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
