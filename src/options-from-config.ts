import { availableParallelism } from 'node:os'
import { issuersFile } from './auth/issuers-file.ts'
import type { RouterTrust } from './auth/router-trust.ts'
import { MAX_LIMIT } from './clever/rate-limiter.ts'
import type { Config } from './config.ts'
import { CallbackTargets } from './http/callback-targets.ts'
import { isLoopback } from './loopback.ts'
import type { AccessSettings } from './open-access.ts'
import type { Replicas } from './replicas/replicas.ts'
import type { SchedulerOptions } from './sync/scheduler.ts'

/** `ofSandbox` is the issuer of the sandbox, where it runs and no AUTH_FILE is set. */
export function accessSettings(
  config: Config,
  ofSandbox: object | undefined,
  revocations?: Replicas['revocations'],
): AccessSettings {
  return {
    issuers: issuersOf(config, ofSandbox),
    leeway: config.TOKEN_LEEWAY_MS,
    proxies: proxiesOf(config),
    policy: config.POLICY_FILE,
    overrides: config.OVERRIDES_FILE,
    watchRevocation: revocations && ((...signIn) => revocations.watch(...signIn)),
  }
}

function issuersOf(config: Config, ofSandbox: object | undefined): AccessSettings['issuers'] {
  if (config.AUTHENTICATION === 'everybody-may-read-everything') return 'EVERYBODY'
  return config.AUTH_FILE ?? issuersFile.parse({ issuers: [ofSandbox] }).issuers
}

/** Undefined if no URL is listed. */
export function openCallbackTargets(config: Config): CallbackTargets | undefined {
  const { SUBSCRIPTION_CALLBACK_URLS: urls } = config
  return urls.length === 0 ? undefined : new CallbackTargets(urls, proxiesOf(config))
}

/** The limits of a token: shared with the other replicas over Redis, or a fixed share of Clever's limit. */
export function limitsOf({ REPLICAS }: Config, replicas: Replicas | undefined) {
  return (token: string) =>
    replicas === undefined
      ? { maxLimit: Math.floor(MAX_LIMIT / REPLICAS) }
      : { sharedWindow: replicas.windowOf(token) }
}

/** What the replicas must know of each other. `secret`: the Clever credentials. */
export function replicasSettings(config: Config, secret: string) {
  return {
    replicas: config.REPLICAS,
    secret: config.REPLICAS_SECRET ?? secret,
    lagMs: config.EVENTS_LAG_MS,
  }
}

export function proxiesOf(config: Config) {
  return { https: config.HTTPS_PROXY, http: config.HTTP_PROXY, none: config.NO_PROXY }
}

/** The data that is held of all districts. */
export function knownSettings(config: Config) {
  return {
    lagMs: config.EVENTS_LAG_MS,
    ages: {
      displayMs: config.DISPLAY_MAX_AGE_MS,
      displayMaxMs: config.DISPLAY_HARD_MAX_AGE_MS,
      decisionMs: config.RELATIONSHIP_MAX_AGE_MS,
    },
    maxBytes: config.DIRECTORY_MAX_BYTES,
  }
}

export function serverSettings({ REQUEST_TIMEOUT_MS, KEEP_ALIVE_MS }: Config) {
  return { requestTimeout: REQUEST_TIMEOUT_MS, keepAlive: KEEP_ALIVE_MS }
}

/** The settings that apply to each request. */
export function requestSettings(config: Config, replicas: Replicas | undefined) {
  return {
    metricsPath: config.METRICS_PORT === undefined ? config.METRICS_PATH : undefined,
    federationVersion: config.FEDERATION_VERSION,
    isSandbox: config.source.kind === 'sandbox',
    phoneCountry: config.PHONE_COUNTRY,
    requiredFields: config.REQUIRED_CONTACT_FIELDS,
    requestTimeout: config.REQUEST_TIMEOUT_MS,
    maxCalls: config.MAX_CALLS_PER_REQUEST,
    maxBodyBytes: config.MAX_BODY_BYTES,
    maxRequestsInFlight: config.MAX_REQUESTS_IN_FLIGHT,
    maxAnswerBytes: config.MAX_ANSWER_BYTES,
    maxSubscriptions: config.MAX_SUBSCRIPTIONS,
    disclosureQuota: config.DISCLOSURE_QUOTA,
    costQuota: config.COST_QUOTA,
    shareQuotas: replicas?.shareQuotas,
    corsOrigins: config.CORS_ORIGINS,
    names:
      isLoopback(config.HOST) || config.ALLOWED_HOSTS.length > 0 ? config.ALLOWED_HOSTS : ('any' as const),
  }
}

/** The secrets in use, which change with their files. */
export class SecretsInUse {
  #config: Config
  #routerSecrets: readonly string[]
  /** Undefined if the router has no secret. */
  readonly router: RouterTrust | undefined

  constructor(config: Config) {
    this.#config = config
    this.#routerSecrets = routerSecretsOf(config)
    const secrets = () => this.#routerSecrets
    this.router = config.ROUTER_SECRET === undefined ? undefined : trust(secrets, config.ROUTER_ONLY)
  }

  get source(): Config['source'] {
    return this.#config.source
  }

  use(config: Config) {
    this.#config = config
    this.#routerSecrets = routerSecretsOf(config)
  }
}

function routerSecretsOf({ ROUTER_SECRET, ROUTER_SECRET_PREVIOUS }: Config): readonly string[] {
  return [ROUTER_SECRET, ROUTER_SECRET_PREVIOUS].filter((secret) => secret !== undefined)
}

function trust(secrets: () => readonly string[], isOnly: boolean): RouterTrust {
  return {
    get secrets() {
      return secrets()
    },
    others: isOnly ? 'REFUSED' : 'ALLOWED',
  }
}

/** ms */
const DRAIN_MS = 5_000
/** The time for the last requests, after the drain. ms */
const FINISH_MS = 3_000

/** How long requests are accepted after the first signal. Nothing balances the load of a sandbox. ms */
export function drainMsOf({ SHUTDOWN_DRAIN_MS, SHUTDOWN_GRACE_MS, source }: Config): number {
  if (SHUTDOWN_DRAIN_MS !== undefined) return SHUTDOWN_DRAIN_MS
  return source.kind === 'sandbox' ? 0 : Math.max(Math.min(DRAIN_MS, SHUTDOWN_GRACE_MS - FINISH_MS), 0)
}

/** While one load waits for Clever, another can use the processor. */
const MIN_LOADS_AT_ONCE = 2

type KeepingSettings = Pick<SchedulerOptions, 'warm' | 'intervalMs' | 'lagMs' | 'loadsAtOnce'>

/** How districts are kept ready in the background. */
export function keepingSettings(config: Config): KeepingSettings {
  return {
    warm: config.WARM,
    intervalMs: config.EVENTS_INTERVAL_MS,
    lagMs: config.EVENTS_LAG_MS,
    loadsAtOnce: Math.max(availableParallelism(), MIN_LOADS_AT_ONCE),
  }
}
