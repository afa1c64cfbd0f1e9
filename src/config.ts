import type { TokenSource } from './clever/connect.ts'
import { readSecretText, SecretFileError } from './files/secret-text.ts'
import { isLoopback } from './loopback.ts'
import { CHANGING_SECRETS, SECRETS, SETTINGS, type Settings, settings } from './settings.ts'

/** Where the districts come from. */
export type Source = TokenSource | { readonly kind: 'sandbox' }

export type Config = Settings & { readonly source: Source }

/** Names the settings that are wrong and says which values they take, but never quotes a value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Other programs read these variables in lower case, and some systems set both. */
const LOWER_CASE_TOO = new Set(['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'])

/** Takes the secrets that are in files into `given`. Returns what is wrong with the files. */
function takeFromFiles(given: Record<string, string | undefined>): string[] {
  return SECRETS.flatMap((name) => {
    const path = given[`${name}_FILE`]
    if (path === undefined) return []
    if (given[name] !== undefined) return [`${name} and ${name}_FILE exclude each other: set one`]
    try {
      given[name] = readSecretText(path)
      return []
    } catch (error) {
      // Only while the router changes from one secret to another there is a previous one.
      if (error instanceof SecretFileError && error.isEmpty && name === 'ROUTER_SECRET_PREVIOUS') return []
      if (error instanceof SecretFileError) return [`${name}_FILE: the file ${error.message}`]
      throw error
    }
  })
}

/** The files whose secrets may change while the gateway runs. */
export function changingFiles(config: Settings): readonly string[] {
  return CHANGING_SECRETS.map((name) => config[`${name}_FILE`]).filter((path) => path !== undefined)
}

/** What the settings are for: `ask` only calls Clever, and `audit` only reads the audit. */
export type Purpose = 'serve' | 'ask' | 'audit' | 'sandbox'

/** Throws ConfigError with all problems at once. A command that only calls Clever serves no requests, so it needs no AUTH_FILE. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  purpose: Purpose = 'serve',
): Config {
  const read = (name: string) => environment[name]?.trim() || undefined
  const given: Record<string, string | undefined> = Object.fromEntries(
    SETTINGS.map(({ name }) => {
      const lower = LOWER_CASE_TOO.has(name) ? read(name.toLowerCase()) : undefined
      return [name, lower ?? read(name)] as const
    }),
  )
  const fileProblems = takeFromFiles(given)
  const parsed = settings.safeParse(given)
  const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0]))
  const problems = SETTINGS.filter(({ name }) => wrong.has(name)).map(
    ({ name, must }) => `${name} must be ${must}`,
  )
  problems.push(...fileProblems, ...conflicts(given))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const source = sourceOf(parsed.data)
  const unsafe = purpose === 'serve' ? dangers(parsed.data, source) : []
  if (purpose === 'serve' || purpose === 'ask')
    unsafe.push(...sandboxProblems(parsed.data, source, environment.NODE_ENV))
  if (unsafe.length > 0) throw new ConfigError(unsafe)
  return { ...parsed.data, source }
}

/** Settings that are not safe with real districts. */
function dangers({ AUTH_FILE, AUTHENTICATION, HOST }: Settings, source: Source): string[] {
  if (source.kind === 'sandbox') return []
  if (AUTHENTICATION === 'required') {
    return AUTH_FILE === undefined
      ? ['AUTH_FILE must be set for real districts: each request needs a token']
      : []
  }
  return isLoopback(HOST)
    ? []
    : [
        'HOST must be a loopback address while AUTHENTICATION=everybody-may-read-everything with real districts',
      ]
}

/** An installation whose credentials are missing must not pass for one that works. */
function sandboxProblems({ SANDBOX }: Settings, source: Source, nodeEnv: string | undefined): string[] {
  if (source.kind !== 'sandbox')
    return SANDBOX ? ['SANDBOX=true and the credentials of Clever exclude each other: remove one'] : []
  if (SANDBOX ?? nodeEnv?.trim() !== 'production') return []
  return [
    'CLEVER_TOKEN, CLEVER_DISTRICT_TOKENS, or CLEVER_CLIENT_ID with CLEVER_CLIENT_SECRET must be set. For the sandbox, with invented people, set SANDBOX=true',
  ]
}

function conflicts(given: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = []
  const sources = ['CLEVER_TOKEN', 'CLEVER_DISTRICT_TOKENS', 'CLEVER_CLIENT_ID'].filter((name) => given[name])
  if (sources.length > 1) problems.push(`${sources.join(' and ')} exclude each other: set one`)
  if (Boolean(given.CLEVER_CLIENT_ID) !== Boolean(given.CLEVER_CLIENT_SECRET)) {
    problems.push('CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET go together: set both')
  }
  const elsewhere = ['CLEVER_API_URL', 'CLEVER_OAUTH_URL'].filter((name) => given[name])
  if (sources.length === 0 && elsewhere.length > 0)
    problems.push(`${elsewhere.join(' and ')} need a token: without one the sandbox is started`)
  if (given.AUTH_FILE && given.AUTHENTICATION === 'everybody-may-read-everything') {
    problems.push('AUTH_FILE and AUTHENTICATION=everybody-may-read-everything exclude each other')
  }
  const { DISPLAY_MAX_AGE_MS = 300_000, DISPLAY_HARD_MAX_AGE_MS = 86_400_000 } = given
  if (Number(DISPLAY_HARD_MAX_AGE_MS) < Number(DISPLAY_MAX_AGE_MS))
    problems.push('DISPLAY_HARD_MAX_AGE_MS must not be less than DISPLAY_MAX_AGE_MS')
  if (given.METRICS_PORT && given.METRICS_PORT !== '0' && given.METRICS_PORT === (given.PORT ?? '4000'))
    problems.push('METRICS_PORT must differ from PORT: leave it out to serve the metrics on PORT')
  if (given.METRICS_HOST && !given.METRICS_PORT) problems.push('METRICS_HOST needs METRICS_PORT')
  const { SHUTDOWN_DRAIN_MS, SHUTDOWN_GRACE_MS = 8_000 } = given
  if (Number(SHUTDOWN_DRAIN_MS) > 0 && Number(SHUTDOWN_DRAIN_MS) >= Number(SHUTDOWN_GRACE_MS))
    problems.push('SHUTDOWN_DRAIN_MS must be less than SHUTDOWN_GRACE_MS')
  if (given.REDIS_URL && !given.REPLICAS)
    problems.push('REDIS_URL needs REPLICAS: the most replicas that run at one time')
  problems.push(...routerConflicts(given), ...documentConflicts(given))
  return problems
}

function documentConflicts(given: Readonly<Record<string, string | undefined>>): string[] {
  if (given.TRUSTED_DOCUMENTS_ONLY !== 'true') return []
  return [
    ...(given.TRUSTED_DOCUMENTS ? [] : ['TRUSTED_DOCUMENTS_ONLY needs TRUSTED_DOCUMENTS']),
    ...(given.GRAPHIQL === 'true'
      ? [
          'GRAPHIQL=true and TRUSTED_DOCUMENTS_ONLY=true exclude each other: GraphiQL sends documents of its own',
        ]
      : []),
  ]
}

function routerConflicts(given: Readonly<Record<string, string | undefined>>): string[] {
  const { ROUTER_SECRET, ROUTER_SECRET_PREVIOUS, ROUTER_ONLY } = given
  const problems: string[] = []
  if (given.SUBSCRIPTION_CALLBACK_URLS && !ROUTER_SECRET)
    problems.push('SUBSCRIPTION_CALLBACK_URLS needs ROUTER_SECRET: only a proven router may name a URL')
  if (ROUTER_ONLY === 'true' && !ROUTER_SECRET) problems.push('ROUTER_ONLY needs ROUTER_SECRET')
  if (ROUTER_SECRET_PREVIOUS && !ROUTER_SECRET)
    problems.push('ROUTER_SECRET_PREVIOUS needs ROUTER_SECRET: with one secret, set ROUTER_SECRET')
  else if (ROUTER_SECRET_PREVIOUS && ROUTER_SECRET_PREVIOUS === ROUTER_SECRET)
    problems.push('ROUTER_SECRET_PREVIOUS must differ from ROUTER_SECRET: remove it after the change')
  for (const name of ['ROUTER_SECRET', 'ROUTER_SECRET_PREVIOUS'])
    for (const other of ['CLEVER_TOKEN', 'CLEVER_CLIENT_SECRET'])
      if (given[name] && given[name] === given[other])
        problems.push(`${name} must differ from ${other}: the router must not know a secret of Clever`)
  return problems
}

function sourceOf({
  CLEVER_TOKEN,
  CLEVER_DISTRICT_TOKENS,
  CLEVER_CLIENT_ID,
  CLEVER_CLIENT_SECRET,
}: Settings): Source {
  if (CLEVER_TOKEN !== undefined) return { kind: 'single-token', token: CLEVER_TOKEN }
  if (CLEVER_DISTRICT_TOKENS !== undefined) return { kind: 'district-tokens', tokens: CLEVER_DISTRICT_TOKENS }
  if (CLEVER_CLIENT_ID !== undefined && CLEVER_CLIENT_SECRET !== undefined) {
    return { kind: 'client', clientId: CLEVER_CLIENT_ID, clientSecret: CLEVER_CLIENT_SECRET }
  }
  return { kind: 'sandbox' }
}
