import { isSupportedCountry } from 'libphonenumber-js/min'
import { z } from 'zod'
import type { TokenSource } from './clever/connect.ts'
import { type DistrictId, parseDistrictId } from './clever/ids.ts'
import { isLoopback } from './loopback.ts'
import type { Country } from './quality/phones.ts'
import { REQUIRABLE, type Requirable } from './quality/report.ts'

/** Where the districts come from. */
export type Source = TokenSource | { readonly kind: 'sandbox' }

export type Settings = z.infer<typeof settings>
export type Config = Settings & { readonly source: Source }

/** Tells which settings are wrong, by name and by what they must be, but never what was in them. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(`These settings are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** Of the sandbox, which only main.ts knows: there the two lists meet. */
const WAYS_OF_SYNCING = [
  'sftp',
  'auto-sync',
  'powerschool',
  'infinite-campus',
  'ic-oneroster',
  'skyward',
  'skyward-api',
  'inow',
  'aeries',
  'tyler',
  'illuminate',
  'schoolinsight',
] as const

const TOKEN = /^[\x21-\x7e]+$/

const whole = (least: number, most: number) => z.coerce.number().int().min(least).max(most)
const yesOrNo = z.enum(['true', 'false']).transform((word) => word === 'true')
const token = z.string().regex(TOKEN)

const cleverUrl = z
  .string()
  .refine(isSafeForTokens)
  .transform((url) => new URL(url).origin)

const origins = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .refine((list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin))

/** A proxy may be written without its scheme, as curl takes it. */
const proxy = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol))

/** A host name, without a port. */
const NAME = /^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

const names = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim().toLowerCase().replace(/\.$/, '')))
  .refine((list) => list.every((name) => NAME.test(name)))

const districtTokens = z.string().transform((list, context) => {
  const tokens = new Map<DistrictId, string>()
  for (const pair of list.split(',')) {
    const at = pair.indexOf('=')
    const districtId = parseDistrictId(pair.slice(0, at).trim())
    const token = pair.slice(at + 1).trim()
    if (districtId === undefined || !TOKEN.test(token) || tokens.has(districtId)) {
      context.addIssue('unreadable')
      return z.NEVER
    }
    tokens.set(districtId, token)
  }
  return tokens
})

/**
 * Every setting: `description` is what it does, `must` what it must be; README.md shows this table. An empty value
 * counts as none.
 */
const settings = z.object({
  CLEVER_TOKEN: token
    .optional()
    .meta({ description: 'The token of one district.', must: 'a token, without spaces' }),
  CLEVER_DISTRICT_TOKENS: districtTokens.optional().meta({
    description: 'The tokens of several districts: `districtId=token`, separated by commas.',
    must: 'a list of districtId=token, separated by commas, each district once',
  }),
  CLEVER_CLIENT_ID: token.optional().meta({
    description:
      'With the secret: the tokens of all districts that have authorized the application are found at Clever.',
    must: 'the id of a Clever application',
  }),
  CLEVER_CLIENT_SECRET: token
    .optional()
    .meta({ description: 'See `CLEVER_CLIENT_ID`.', must: 'the secret of a Clever application' }),
  CLEVER_API_VERSION: z
    .string()
    .regex(/^v3\.\d+$/)
    .default('v3.1')
    .meta({ description: "The version of Clever's Data API.", must: 'v3.0, v3.1 or a later v3' }),
  CLEVER_API_URL: cleverUrl.default('https://api.clever.com').meta({
    description: "Another origin of Clever's Data API; https, or http on loopback.",
    must: 'an https URL, or http on loopback',
  }),
  CLEVER_OAUTH_URL: cleverUrl.default('https://clever.com').meta({
    description: "Another origin of Clever's OAuth API; https, or http on loopback.",
    must: 'an https URL, or http on loopback',
  }),
  CLEVER_CONNECTIONS: whole(1, 1_000)
    .default(64)
    .meta({ description: 'Connections to Clever at once.', must: 'a whole number from 1 to 1000' }),
  HTTPS_PROXY: proxy.optional().meta({
    description:
      'The proxy for calls to Clever and to issuers over https; `https_proxy` is read first. Loopback is always called directly.',
    must: 'an http or https URL',
  }),
  HTTP_PROXY: proxy.optional().meta({
    description: 'The proxy for calls over http; `http_proxy` is read first.',
    must: 'an http or https URL',
  }),
  NO_PROXY: z.string().optional().meta({
    description:
      'Hosts that are called directly: names (with their subdomains), addresses or subnets, separated by commas; `no_proxy` is read first.',
    must: 'a list of hosts, separated by commas',
  }),
  AUTH_FILE: z.string().optional().meta({
    description:
      'A file of the issuers whose tokens count. Real districts need it; the sandbox has an issuer of its own.',
    must: 'the path of a file',
  }),
  AUTHENTICATION: z.enum(['required', 'everybody-may-read-everything']).default('required').meta({
    description: 'Whether who asks must have a token. The other value means what it says, on loopback only.',
    must: 'required or everybody-may-read-everything',
  }),
  TOKEN_LEEWAY_MS: whole(0, 300_000).default(5_000).meta({
    description: 'By how much the clock of an issuer may differ when `exp` and `nbf` of a token are checked.',
    must: 'a whole number of milliseconds from 0 to 300000',
  }),
  POLICY_FILE: z.string().optional().meta({
    description:
      'A file that says which relationship gives which privileges; the policy that ships unless set.',
    must: 'the path of a file',
  }),
  OVERRIDES_FILE: z.string().optional().meta({
    description: 'A file of denials and grants for single pairs, read again when it changes.',
    must: 'the path of a file',
  }),
  RELATIONSHIP_MAX_AGE_MS: whole(0, 600_000).default(60_000).meta({
    description: 'What a decision rests on is not older than this, or is read again.',
    must: 'a whole number of milliseconds from 0 to 600000',
  }),
  DISPLAY_MAX_AGE_MS: whole(0, 86_400_000).default(300_000).meta({
    description: 'What is shown is not older than this, or is read again.',
    must: 'a whole number of milliseconds from 0 to 86400000',
  }),
  DISPLAY_HARD_MAX_AGE_MS: whole(0, 604_800_000).default(86_400_000).meta({
    description: 'While Clever is down, what is shown may be as old as this. Nothing older is kept.',
    must: 'a whole number of milliseconds from 0 to 604800000, and not less than DISPLAY_MAX_AGE_MS',
  }),
  DIRECTORY_MAX_BYTES: whole(1_000_000, 64_000_000_000).default(512_000_000).meta({
    description: 'The memory for what is known of all districts; about 450 bytes a student or contact.',
    must: 'a whole number of bytes from 1000000 to 64000000000',
  }),
  WARM: z.enum(['off', 'lazy', 'eager']).default('lazy').meta({
    description:
      'Which districts are read as a whole in the background: none, those asked for more than three times, or all from the start.',
    must: 'off, lazy or eager',
  }),
  EVENTS_INTERVAL_MS: whole(1_000, 3_600_000).default(30_000).meta({
    description: 'How often Clever is asked for events of the districts that are known as a whole.',
    must: 'a whole number of milliseconds from 1000 to 3600000',
  }),
  EVENTS_LAG_MS: whole(0, 3_600_000).default(90_000).meta({
    description:
      'How late an event may be; 66 s were observed. A poll vouches for what is known as of so long before it.',
    must: 'a whole number of milliseconds from 0 to 3600000',
  }),
  PHONE_COUNTRY: z
    .string()
    .toUpperCase()
    .refine((code) => isSupportedCountry(code))
    .transform((code) => code as Country)
    .default('US')
    .meta({
      description: 'The country of phones that are written without one.',
      must: 'a code of two letters such as US or CA',
    }),
  REQUIRED_CONTACT_FIELDS: z
    .string()
    .default('email,phone,relationship')
    .transform((list) => list.split(',').map((field) => field.trim()))
    .pipe(z.array(z.enum(Object.keys(REQUIRABLE) as Requirable[])))
    .meta({
      description: 'What `contactReport` and the doctor expect of each contact, separated by commas.',
      must: `some of ${Object.keys(REQUIRABLE).join(', ')}, separated by commas`,
    }),
  AUDIT: z.string().default('stdout').meta({
    description: 'Where each disclosure is written down: `stdout`, `off`, or the path of a file.',
    must: 'stdout, off, or the path of a file',
  }),
  AUDIT_REQUIRED: yesOrNo.default(true).meta({
    description: 'Whether an answer is withheld when its audit cannot be written.',
    must: 'true or false',
  }),
  ROUTER_SECRET: z.string().min(32).optional().meta({
    description:
      'The secret that a supergraph router signs requests with; `_entities` and `_service` are then its alone.',
    must: 'a secret of at least 32 characters',
  }),
  ROUTER_ONLY: yesOrNo.default(false).meta({
    description: 'Whether requests without the signature of the router are refused altogether.',
    must: 'true or false',
  }),
  HOST: z
    .string()
    .default('127.0.0.1')
    .meta({ description: 'The address to listen on.', must: 'an address' }),
  PORT: whole(0, 65_535).default(4000).meta({
    description: 'The port to listen on; 0 for any that is free.',
    must: 'a whole number from 0 to 65535',
  }),
  ALLOWED_HOSTS: names.default([]).meta({
    description:
      'Names that requests may be sent to besides those of loopback, separated by commas: for a proxy on this machine. Unless set, a gateway on loopback answers under no other name, any other gateway under all.',
    must: 'a list of host names such as contacts.example.com, without ports, separated by commas',
  }),
  KEEP_ALIVE_MS: whole(1_000, 600_000).default(75_000).meta({
    description:
      'How long a connection stays open between two requests. It must be longer than the proxy or balancer in front keeps its own, which is mostly 60 s.',
    must: 'a whole number of milliseconds from 1000 to 600000',
  }),
  GRAPHIQL: yesOrNo
    .optional()
    .meta({ description: 'Whether to serve GraphiQL; on in the sandbox unless set.', must: 'true or false' }),
  CORS_ORIGINS: origins.default([]).meta({
    description: 'Origins whose pages may ask, separated by commas; none unless set.',
    must: 'a list of origins such as https://app.example.com, separated by commas',
  }),
  REQUEST_TIMEOUT_MS: whole(100, 120_000).default(10_000).meta({
    description: 'A request is answered within this time, in part if need be.',
    must: 'a whole number of milliseconds from 100 to 120000',
  }),
  MAX_CALLS_PER_REQUEST: whole(1, 1_200).default(600).meta({
    description: "The calls to Clever, of a minute's 1,200, that one request may cost.",
    must: 'a whole number from 1 to 1200',
  }),
  MAX_BODY_BYTES: whole(1_024, 10_000_000).default(102_400).meta({
    description: 'The largest request body.',
    must: 'a whole number of bytes from 1024 to 10000000',
  }),
  MAX_REQUESTS_IN_FLIGHT: whole(1, 100_000).default(250).meta({
    description:
      'GraphQL requests that are answered at once, subscriptions apart; beyond it requests are refused with `OVERLOADED`.',
    must: 'a whole number from 1 to 100000',
  }),
  MAX_ANSWER_BYTES: whole(10_000, 100_000_000).default(16_000_000).meta({
    description: 'The largest answer; a larger one is replaced by the error `QUERY_TOO_COMPLEX`.',
    must: 'a whole number of bytes from 10000 to 100000000',
  }),
  MAX_SUBSCRIPTIONS: whole(0, 100_000).default(1_000).meta({
    description:
      'Subscriptions that may be open at once, each a connection; one principal may hold a tenth of them.',
    must: 'a whole number from 0 to 100000',
  }),
  SHUTDOWN_GRACE_MS: whole(0, 600_000).default(8_000).meta({
    description: 'The process ends within this time after SIGTERM; requests in flight may end until then.',
    must: 'a whole number of milliseconds from 0 to 600000',
  }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .meta({ description: 'How much to log.', must: 'one of fatal, error, warn, info, debug, silent' }),
  SANDBOX_PORT: whole(0, 65_535).default(0).meta({
    description: 'The port of the sandbox; 0 for any that is free.',
    must: 'a whole number from 0 to 65535',
  }),
  SANDBOX_SEED: whole(0, 2 ** 31 - 1)
    .default(1)
    .meta({
      description: 'The same seed gives the same people.',
      must: 'a whole number from 0 to 2147483647',
    }),
  SANDBOX_STUDENTS: whole(1, 100_000).default(24).meta({
    description: 'Students in the first district of the sandbox.',
    must: 'a whole number from 1 to 100000',
  }),
  SANDBOX_CONTACTS: whole(4, 200_000).optional().meta({
    description: 'Contacts in the first district of the sandbox; as families have them unless set.',
    must: 'a whole number from 4 to 200000',
  }),
  SANDBOX_DISTRICTS: whole(1, 50)
    .default(1)
    .meta({ description: 'Districts in the sandbox.', must: 'a whole number from 1 to 50' }),
  SANDBOX_SIS: z
    .enum(WAYS_OF_SYNCING)
    .optional()
    .meta({
      description:
        'The way in which the first district of the sandbox brings its data to Clever, with the habits of that way.',
      must: `one of ${WAYS_OF_SYNCING.join(', ')}`,
    }),
  SANDBOX_LATENCY: z
    .enum(['none', 'clever'])
    .default('none')
    .meta({ description: '`clever` makes the sandbox as slow as Clever is.', must: 'none or clever' }),
})

export const SETTINGS = Object.entries(settings.shape).map(([name, schema]) => {
  const { description = '', must } = schema.meta() ?? {}
  const fallback = schema.safeParse(undefined).data
  return { name, description, must: String(must), fallback: fallback === undefined ? '' : String(fallback) }
})

/** Other programs read these in lower case, and some set both. */
const LOWER_CASE_TOO = new Set(['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'])

function isSafeForTokens(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { origin, protocol, hostname } = new URL(url)
  // Anything beyond the origin would be lost.
  if (![origin, `${origin}/`].includes(url)) return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}

/** Throws ConfigError with all problems at once. Whoever only asks Clever lets nobody in, and need not say who may come. */
export function readConfig(
  environment: Readonly<Record<string, string | undefined>>,
  purpose: 'serve' | 'ask' = 'serve',
): Config {
  const read = (name: string) => environment[name]?.trim() || undefined
  const given = Object.fromEntries(
    SETTINGS.map(({ name }) => {
      const lower = LOWER_CASE_TOO.has(name) ? read(name.toLowerCase()) : undefined
      return [name, lower ?? read(name)] as const
    }),
  )
  const parsed = settings.safeParse(given)
  const wrong = new Set(parsed.error?.issues.map(({ path }) => path[0]))
  const problems = SETTINGS.filter(({ name }) => wrong.has(name)).map(
    ({ name, must }) => `${name} must be ${must}`,
  )
  problems.push(...conflicts(given))
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems)

  const source = sourceOf(parsed.data)
  const unsafe = purpose === 'serve' ? dangers(parsed.data, source) : []
  if (unsafe.length > 0) throw new ConfigError(unsafe)
  return { ...parsed.data, source }
}

/** What must not be with real districts. */
function dangers({ AUTH_FILE, AUTHENTICATION, HOST }: Settings, source: Source): string[] {
  if (source.kind === 'sandbox') return []
  if (AUTHENTICATION === 'required') {
    return AUTH_FILE === undefined
      ? ['AUTH_FILE must be set while the districts are real: who asks must have a token']
      : []
  }
  return isLoopback(HOST)
    ? []
    : ['HOST must be a loopback address while everybody may read everything of real districts']
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
  if (given.ROUTER_ONLY === 'true' && !given.ROUTER_SECRET) problems.push('ROUTER_ONLY needs ROUTER_SECRET')
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
