import { isSupportedCountry } from 'libphonenumber-js/min'
import { z } from 'zod'
import { DEFAULT_FEDERATION_VERSION, FEDERATION_VERSIONS } from '../schema/federation-version.ts'
import { KindLimits } from './access/kind-limits.ts'
import { isLoopback } from './loopback.ts'
import { type DistrictId, parseDistrictId } from './model/ids.ts'
import { OPTIONAL_STUDENT_FIELDS } from './model/optional-fields.ts'
import type { Country } from './quality/phones.ts'
import { REQUIRABLE, type Requirable } from './quality/report.ts'

/** The values of SANDBOX_SIS. Only main.ts may import the sandbox, so the list is repeated here. */
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

const whole = (least: number, max: number) => z.coerce.number().int().min(least).max(max)
const yesOrNo = z.enum(['true', 'false']).transform((word) => word === 'true')
const token = z.string().regex(TOKEN)

/**
 * The router sends it in a header, so it has only characters that HTTP, files and shells leave as they are. A list, quotes, an
 * unfilled template and one repeated character are mistakes. Source of the characters: token68 of RFC 9110.
 */
const routerSecret = z
  .string()
  .regex(/^[A-Za-z0-9._~+/=-]{32,}$/)
  .refine((secret) => new Set(secret).size >= 8)
const ROUTER_SECRET_MUST =
  'one secret of at least 32 letters, digits and . _ ~ + / = -, at least 8 of them different, such as from `openssl rand -hex 32`'

const cleverUrl = z
  .string()
  .refine(isSafeForTokens)
  .transform((url) => new URL(url).origin)

const origins = z
  .string()
  .transform((list) => list.split(',').map((origin) => origin.trim()))
  .refine((list) => list.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin))

const callbackUrls = z
  .string()
  .transform((list) => list.split(',').map((url) => url.trim()))
  .refine((list) => list.every(isPlainUrl))

/** A proxy may be written without its scheme, as for curl. */
const proxy = z
  .string()
  .transform((text) => (text.includes('://') ? text : `http://${text}`))
  .refine((text) => URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol))

const METRICS_PATH = /^(?:\/[A-Za-z0-9_.-]+)+$/
const TAKEN_PATHS = ['/graphql', '/health', '/ready', '/.well-known/apollo/server-health']
const DISCLOSURES =
  'guardian=100,student=20,teacher=1000,school_staff=5000,district_admin=20000,service=100000'
const COSTS =
  'guardian=250000,student=250000,teacher=500000,school_staff=1000000,district_admin=1000000,service=unlimited'

/** `defaults` names all kinds, and the setting may name some. */
function kindLimits(defaults: string, min: number, max: number) {
  const known = KindLimits.parse(defaults, { min, max })
  return z
    .string()
    .default(defaults)
    .transform((text, context) => {
      const limits = KindLimits.parse(text, { min, max }, known)
      if (limits === undefined) context.addIssue('unreadable')
      return limits ?? z.NEVER
    })
}

/** A host name, without a port. */
const NAME = /^(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*$/

const names = z
  .string()
  .transform((list) => list.split(',').map((name) => name.trim().toLowerCase().replace(/\.$/, '')))
  .refine((list) => list.every((name) => NAME.test(name)))

const districtTokens = z.string().transform((list, context) => {
  const tokens = new Map<DistrictId, string>()
  for (const pair of list.split(/[,\n]/)) {
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

/** Settings that hold a secret, and that stay as they are while the gateway runs. */
const FIXED_SECRETS = ['HTTPS_PROXY', 'HTTP_PROXY', 'REDIS_URL', 'REPLICAS_SECRET'] as const
/** Settings that hold a secret, and that are read again when their file changes. */
export const CHANGING_SECRETS = [
  'CLEVER_TOKEN',
  'CLEVER_DISTRICT_TOKENS',
  'CLEVER_CLIENT_SECRET',
  'ROUTER_SECRET',
  'ROUTER_SECRET_PREVIOUS',
] as const
export const SECRETS = [...CHANGING_SECRETS, ...FIXED_SECRETS]
type SecretFile = `${(typeof SECRETS)[number]}_FILE`

/** For each secret, a setting with the path of a file that holds it. */
function secretFiles() {
  const entries = SECRETS.map((name) => {
    const isChanging = CHANGING_SECRETS.some((each) => each === name)
    const when = isChanging ? 'It is read again within seconds of a change.' : 'It is read at the start.'
    const description = `A file that holds \`${name}\`, such as a mounted secret. ${when}`
    return [`${name}_FILE`, z.string().optional().meta({ description, must: 'the path of a file' })]
  })
  return Object.fromEntries(entries) as Record<SecretFile, z.ZodOptional<z.ZodString>>
}

/**
 * All settings. `description` says what a setting does, and `must` which values it takes; docs/settings.md shows both.
 * An empty value counts as not set.
 */
export const settings = z.object({
  ...secretFiles(),
  CLEVER_TOKEN: token
    .optional()
    .meta({ description: 'The token of one district.', must: 'a token, without spaces' }),
  CLEVER_DISTRICT_TOKENS: districtTokens.optional().meta({
    description: 'The tokens of several districts: `districtId=token`, separated by commas.',
    must: 'a list of districtId=token, separated by commas, each district once',
  }),
  CLEVER_CLIENT_ID: token.optional().meta({
    description:
      'The id of your Clever application. With the secret, the gateway finds the tokens of all districts that have authorized the application.',
    must: 'the id of a Clever application',
  }),
  CLEVER_CLIENT_SECRET: token.optional().meta({
    description: 'The secret of your Clever application.',
    must: 'the secret of a Clever application',
  }),
  CLEVER_API_VERSION: z
    .string()
    .regex(/^v3\.\d+$/)
    .default('v3.1')
    .meta({ description: "The version of Clever's Data API.", must: 'v3.0, v3.1 or a later v3' }),
  CLEVER_API_URL: cleverUrl.default('https://api.clever.com').meta({
    description: "The origin of Clever's Data API.",
    must: 'an https URL, or http on loopback',
  }),
  CLEVER_OAUTH_URL: cleverUrl.default('https://clever.com').meta({
    description: "The origin of Clever's OAuth API.",
    must: 'an https URL, or http on loopback',
  }),
  CLEVER_CONNECTIONS: whole(1, 1_000).default(64).meta({
    description: 'The maximum number of open connections to Clever.',
    must: 'a whole number from 1 to 1000',
  }),
  HTTPS_PROXY: proxy.optional().meta({
    description:
      'The proxy for https calls to Clever, issuers and routers. `https_proxy` wins if both are set. Loopback is never proxied.',
    must: 'an http or https URL',
  }),
  HTTP_PROXY: proxy.optional().meta({
    description: 'The proxy for http calls. `http_proxy` wins if both are set.',
    must: 'an http or https URL',
  }),
  NO_PROXY: z.string().optional().meta({
    description:
      'Hosts that the gateway calls without a proxy: names (with their subdomains), addresses or subnets, separated by commas. `no_proxy` wins if both are set.',
    must: 'a list of hosts, separated by commas',
  }),
  AUTH_FILE: z.string().optional().meta({
    description:
      'The file of the issuers whose tokens are accepted. Required for real districts; the sandbox has its own issuer.',
    must: 'the path of a file',
  }),
  AUTHENTICATION: z.enum(['required', 'everybody-may-read-everything']).default('required').meta({
    description:
      'Whether a request needs a token. `everybody-may-read-everything` gives every client all data without a token, and works on loopback only.',
    must: 'required or everybody-may-read-everything',
  }),
  TOKEN_LEEWAY_MS: whole(0, 300_000).default(5_000).meta({
    description:
      "The tolerated difference between an issuer's clock and this one, for `exp` and `nbf` of a token.",
    must: 'a whole number of milliseconds from 0 to 300000',
  }),
  POLICY_FILE: z.string().optional().meta({
    description:
      'The file that says which relationship grants which privileges. Default: the policy that ships with the gateway.',
    must: 'the path of a file',
  }),
  OVERRIDES_FILE: z.string().optional().meta({
    description: 'The file of denials and grants for single pairs. It is read again when it changes.',
    must: 'the path of a file',
  }),
  OVERRIDES_REQUIRED: yesOrNo.default(true).meta({
    description:
      'Whether the gateway is not ready while the file of overrides is refused. The last good overrides stay in force either way.',
    must: 'true or false',
  }),
  RELATIONSHIP_MAX_AGE_MS: whole(0, 600_000).default(60_000).meta({
    description: 'The maximum age of the facts that an access decision rests on. Older facts are read again.',
    must: 'a whole number of milliseconds from 0 to 600000',
  }),
  DISPLAY_MAX_AGE_MS: whole(0, 86_400_000).default(300_000).meta({
    description: 'The maximum age of displayed data. Older data is read again.',
    must: 'a whole number of milliseconds from 0 to 86400000',
  }),
  DISPLAY_HARD_MAX_AGE_MS: whole(0, 604_800_000).default(86_400_000).meta({
    description: 'The maximum age of displayed data while Clever is down. Nothing older is kept.',
    must: 'a whole number of milliseconds from 0 to 604800000, and not less than DISPLAY_MAX_AGE_MS',
  }),
  DIRECTORY_MAX_BYTES: whole(1_000_000, 64_000_000_000).default(512_000_000).meta({
    description:
      'The maximum memory for the records of all districts. A student or contact takes about 400 bytes.',
    must: 'a whole number of bytes from 1000000 to 64000000000',
  }),
  WARM: z.enum(['off', 'lazy', 'eager']).default('lazy').meta({
    description:
      'Which districts are loaded in full in the background: none, those with more than three requests, or all from the start.',
    must: 'off, lazy or eager',
  }),
  EVENTS_INTERVAL_MS: whole(1_000, 3_600_000).default(30_000).meta({
    description: 'The time between two polls for events, for each district that is loaded in full.',
    must: 'a whole number of milliseconds from 1000 to 3600000',
  }),
  EVENTS_LAG_MS: whole(0, 3_600_000).default(90_000).meta({
    description:
      'How late an event may arrive; 66 s were observed. A poll confirms data as of this long before the poll.',
    must: 'a whole number of milliseconds from 0 to 3600000',
  }),
  PHONE_COUNTRY: z
    .string()
    .toUpperCase()
    .refine((code) => isSupportedCountry(code))
    .transform((code) => code as Country)
    .default('US')
    .meta({
      description: 'The country of phone numbers that have no country code.',
      must: 'a code of two letters such as US or CA',
    }),
  REQUIRED_CONTACT_FIELDS: z
    .string()
    .default('email,phone,relationship')
    .transform((list) => list.split(',').map((field) => field.trim()))
    .pipe(z.array(z.enum(Object.keys(REQUIRABLE) as Requirable[])))
    .meta({
      description:
        'The fields that `contactReport` and the doctor require of each contact, separated by commas.',
      must: `some of ${Object.keys(REQUIRABLE).join(', ')}, separated by commas`,
    }),
  OPTIONAL_STUDENT_FIELDS: z
    .string()
    .default('')
    .transform((list) => (list === '' ? [] : list.split(',').map((field) => field.trim())))
    .pipe(z.array(z.enum(OPTIONAL_STUDENT_FIELDS)))
    .meta({
      description:
        "Optional fields of students that the gateway keeps and shows, separated by commas. They need Clever's API v3.1. Default: none.",
      must: `some of ${OPTIONAL_STUDENT_FIELDS.join(', ')}, separated by commas`,
    }),
  AUDIT: z.string().default('stdout').meta({
    description: 'Where disclosures are written: `stdout`, `off`, or the path of a file.',
    must: 'stdout, off, or the path of a file',
  }),
  AUDIT_REQUIRED: yesOrNo.default(true).meta({
    description: 'Whether an answer is withheld when its audit line cannot be written.',
    must: 'true or false',
  }),
  ROUTER_SECRET: routerSecret.optional().meta({
    description:
      'The secret that a supergraph router sends, or signs requests with. If set, only requests with it may use `_entities` and `_service`.',
    must: ROUTER_SECRET_MUST,
  }),
  ROUTER_SECRET_PREVIOUS: routerSecret.optional().meta({
    description:
      'A second secret, which is accepted like the first while the router changes from one to the other. Remove it afterward.',
    must: ROUTER_SECRET_MUST,
  }),
  ROUTER_ONLY: yesOrNo.default(false).meta({
    description: 'Whether every request without a secret or signature of the router is refused.',
    must: 'true or false',
  }),
  FEDERATION_VERSION: z
    .enum(FEDERATION_VERSIONS)
    .default(DEFAULT_FEDERATION_VERSION)
    .meta({
      description: 'The version of Apollo Federation that the SDL of `_service` names.',
      must: `one of ${FEDERATION_VERSIONS.join(', ')}`,
    }),
  SUBSCRIPTION_CALLBACK_URLS: callbackUrls.default([]).meta({
    description:
      'The URLs of routers to which subscriptions may be sent by callback, separated by commas: for Apollo Router its `public_url`. Default: none.',
    must: 'a list of http or https URLs such as http://router:4000/callback, without user, query and fragment, separated by commas',
  }),
  TRUSTED_DOCUMENTS: z.string().optional().meta({
    description:
      'The manifest of documents that clients may name by an id: the file of the client preset, gql.tada, Relay or Apollo. It is read at start.',
    must: 'the path of a file',
  }),
  TRUSTED_DOCUMENTS_ONLY: yesOrNo.default(false).meta({
    description:
      'Whether every document that is not in the manifest is refused, except from a proven router.',
    must: 'true or false',
  }),
  REDIS_URL: z
    .string()
    .refine((url) => URL.canParse(url) && ['redis:', 'rediss:'].includes(new URL(url).protocol))
    .optional()
    .meta({
      description:
        'The Redis or Valkey over which the replicas share calls, events and revocations. Default: each replica works for itself.',
      must: 'a redis or rediss URL, such as redis://user:password@redis.example.com:6379/0',
    }),
  REPLICAS: whole(1, 100).default(1).meta({
    description:
      'The most replicas that run at one time with the same Clever credentials, also during an update. Without Redis, each may use this share of the calls.',
    must: 'a whole number from 1 to 100',
  }),
  REPLICAS_SECRET: z
    .string()
    .regex(/^\S{32,}$/)
    .optional()
    .meta({
      description:
        'The secret from which the names and keys of what Redis holds are derived. All replicas need the same. Default: derived from the Clever credentials. Set it if tokens change while replicas run.',
      must: 'at least 32 characters without spaces, such as from `openssl rand -hex 32`',
    }),
  HOST: z
    .string()
    .default('127.0.0.1')
    .transform((host) => host.replace(/^\[(.*)\]$/, '$1'))
    .meta({
      description: 'The address to listen on. `::` is every address, of IPv6 and of IPv4.',
      must: 'an address',
    }),
  PORT: whole(0, 65_535).default(4000).meta({
    description: 'The port to listen on. 0 picks a free port.',
    must: 'a whole number from 0 to 65535',
  }),
  ALLOWED_HOSTS: names.default([]).meta({
    description:
      'Host names that requests may use besides loopback names, separated by commas. Set it for a proxy on the same machine. Default: loopback names if `HOST` is loopback, otherwise all names.',
    must: 'a list of host names such as contacts.example.com, without ports, separated by commas',
  }),
  KEEP_ALIVE_MS: whole(1_000, 600_000).default(75_000).meta({
    description:
      'How long an idle connection stays open. Make it longer than the idle timeout of the proxy or load balancer in front, which is usually 60 s.',
    must: 'a whole number of milliseconds from 1000 to 600000',
  }),
  GRAPHIQL: yesOrNo
    .optional()
    .meta({ description: 'Whether to serve GraphiQL. Default: only in the sandbox.', must: 'true or false' }),
  CORS_ORIGINS: origins.default([]).meta({
    description: 'Origins whose pages may send requests, separated by commas. Default: none.',
    must: 'a list of origins such as https://app.example.com, separated by commas',
  }),
  REQUEST_TIMEOUT_MS: whole(100, 120_000).default(10_000).meta({
    description: 'The maximum time for one request. At the deadline the answer is sent with what is known.',
    must: 'a whole number of milliseconds from 100 to 120000',
  }),
  MAX_CALLS_PER_REQUEST: whole(1, 1_200).default(600).meta({
    description: 'The maximum number of calls to Clever for one request. Clever allows 1,200 a minute.',
    must: 'a whole number from 1 to 1200',
  }),
  MAX_BODY_BYTES: whole(1_024, 10_000_000).default(102_400).meta({
    description: 'The maximum size of a request body.',
    must: 'a whole number of bytes from 1024 to 10000000',
  }),
  MAX_REQUESTS_IN_FLIGHT: whole(1, 100_000).default(250).meta({
    description:
      'The maximum number of GraphQL requests at one time, without subscriptions. Further requests are refused with `OVERLOADED`.',
    must: 'a whole number from 1 to 100000',
  }),
  MAX_ANSWER_BYTES: whole(10_000, 100_000_000).default(16_000_000).meta({
    description:
      'The maximum size of an answer. A larger answer is replaced by the error `QUERY_TOO_COMPLEX`.',
    must: 'a whole number of bytes from 10000 to 100000000',
  }),
  MAX_SUBSCRIPTIONS: whole(0, 100_000).default(1_000).meta({
    description:
      'The maximum number of open subscriptions. Each is a connection, and one principal may hold a tenth of them.',
    must: 'a whole number from 0 to 100000',
  }),
  DISCLOSURE_QUOTA: kindLimits(DISCLOSURES, 1, 1_000_000).meta({
    description:
      'The maximum number of people that one principal is shown within an hour, by kind of principal: students, and contacts without a student. The log warns from 80 % on. A kind that is not named keeps its default.',
    must: 'a list such as teacher=500,service=unlimited, separated by commas: each kind once, with a whole number from 1 to 1000000 or unlimited',
  }),
  COST_QUOTA: kindLimits(COSTS, 25_000, 1_000_000_000).meta({
    description:
      'The maximum number of points that the queries of one principal cost within a minute, by kind of principal. A query costs its complexity. A kind that is not named keeps its default.',
    must: 'a list such as teacher=500000,service=unlimited, separated by commas: each kind once, with a whole number from 25000 to 1000000000 or unlimited',
  }),
  SHUTDOWN_GRACE_MS: whole(0, 600_000).default(8_000).meta({
    description:
      'The maximum time between SIGTERM and the end of the process. Requests in flight may finish in it.',
    must: 'a whole number of milliseconds from 0 to 600000',
  }),
  SHUTDOWN_DRAIN_MS: whole(0, 600_000).optional().meta({
    description:
      'The part of `SHUTDOWN_GRACE_MS` in which requests are still accepted after SIGTERM, while `/ready` is 503. Make it longer than a load balancer needs to notice. Default: 5000, but 3000 less than `SHUTDOWN_GRACE_MS` at most; 0 in the sandbox.',
    must: 'a whole number of milliseconds from 0 to 600000, and less than SHUTDOWN_GRACE_MS',
  }),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info').meta({
    description: 'The lowest level of the log lines that are written.',
    must: 'one of fatal, error, warn, info, debug, silent',
  }),
  METRICS_PORT: whole(0, 65_535).optional().meta({
    description:
      'A port of its own for the metrics, on `METRICS_HOST`. Without it they are on `PORT`. 0 picks a free port.',
    must: 'a whole number from 0 to 65535, and not that of PORT',
  }),
  METRICS_HOST: z.string().optional().meta({
    description: 'The address of `METRICS_PORT`. Default: `HOST`.',
    must: 'an address',
  }),
  METRICS_PATH: z
    .string()
    .regex(METRICS_PATH)
    .refine((path) => !TAKEN_PATHS.includes(path))
    .default('/metrics')
    .meta({
      description: 'The path of the metrics.',
      must: 'a path such as /metrics, of letters, digits, - _ . and /, that no other page has',
    }),
  SANDBOX: yesOrNo.optional().meta({
    description:
      'Whether the gateway runs on the sandbox. Default: if no credentials are set, unless `NODE_ENV` is `production`.',
    must: 'true or false',
  }),
  SANDBOX_PORT: whole(0, 65_535).default(0).meta({
    description: 'The port of the sandbox. 0 picks a free port.',
    must: 'a whole number from 0 to 65535',
  }),
  SANDBOX_SEED: whole(0, 2 ** 31 - 1)
    .default(1)
    .meta({
      description: 'The seed of the invented people. The same seed gives the same people.',
      must: 'a whole number from 0 to 2147483647',
    }),
  SANDBOX_STUDENTS: whole(1, 100_000).default(24).meta({
    description: 'The number of students in the first district of the sandbox.',
    must: 'a whole number from 1 to 100000',
  }),
  SANDBOX_CONTACTS: whole(4, 200_000).optional().meta({
    description:
      'The number of contacts in the first district of the sandbox. Default: as many as the families have.',
    must: 'a whole number from 4 to 200000',
  }),
  SANDBOX_DISTRICTS: whole(1, 50)
    .default(1)
    .meta({ description: 'The number of districts in the sandbox.', must: 'a whole number from 1 to 50' }),
  SANDBOX_SIS: z
    .enum(WAYS_OF_SYNCING)
    .optional()
    .meta({
      description:
        'How the first district of the sandbox syncs with Clever, with the data quality of that method.',
      must: `one of ${WAYS_OF_SYNCING.join(', ')}`,
    }),
  SANDBOX_LATENCY: z.enum(['none', 'clever']).default('none').meta({
    description: '`clever` gives the sandbox the response times that were observed at Clever.',
    must: 'none or clever',
  }),
})

export type Settings = z.infer<typeof settings>

/** The name of each setting, what it does, its values and its default. */
export const SETTINGS = Object.entries(settings.shape).map(([name, schema]) => {
  const { description = '', must } = schema.meta() ?? {}
  const fallback = schema.safeParse(undefined).data
  return { name, description, must: String(must), fallback: fallback === undefined ? '' : String(fallback) }
})

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, origin, pathname, href } = new URL(text)
  return (
    ['http:', 'https:'].includes(protocol) && [href, origin].includes(text) && href === `${origin}${pathname}`
  )
}

function isSafeForTokens(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { origin, protocol, hostname } = new URL(url)
  // Anything beyond the origin would be lost.
  if (![origin, `${origin}/`].includes(url)) return false
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
