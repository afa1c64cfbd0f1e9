import { issuersFile } from './auth/issuers-file.ts'
import type { RouterTrust } from './auth/router-trust.ts'
import type { Config } from './config.ts'
import { CallbackTargets } from './http/callback-targets.ts'
import type { Logger } from './log.ts'
import { isLoopback } from './loopback.ts'
import type { AccessSettings } from './open-access.ts'
import type { SchedulerOptions } from './sync/scheduler.ts'

/** `ofSandbox` is the issuer of the sandbox, where it runs and no AUTH_FILE is set. */
export function accessSettings(config: Config, ofSandbox: object | undefined): AccessSettings {
  return {
    issuers: issuersOf(config, ofSandbox),
    leeway: config.TOKEN_LEEWAY_MS,
    proxies: proxiesOf(config),
    policy: config.POLICY_FILE,
    overrides: config.OVERRIDES_FILE,
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

/** The settings that apply to each request. */
export function requestSettings(config: Config) {
  return {
    router: routerTrust(config),
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
    corsOrigins: config.CORS_ORIGINS,
    names:
      isLoopback(config.HOST) || config.ALLOWED_HOSTS.length > 0 ? config.ALLOWED_HOSTS : ('any' as const),
  }
}

function routerTrust({
  ROUTER_SECRET,
  ROUTER_SECRET_PREVIOUS,
  ROUTER_ONLY,
}: Config): RouterTrust | undefined {
  if (ROUTER_SECRET === undefined) return undefined
  const secrets = [ROUTER_SECRET, ROUTER_SECRET_PREVIOUS].filter((secret) => secret !== undefined)
  return { secrets, others: ROUTER_ONLY ? 'REFUSED' : 'ALLOWED' }
}

type KeepingSettings = Pick<SchedulerOptions, 'warm' | 'intervalMs' | 'lagMs' | 'onProgress'>

/** How districts are kept ready in the background. */
export function keepingSettings(config: Config, log: Logger): KeepingSettings {
  return {
    warm: config.WARM,
    intervalMs: config.EVENTS_INTERVAL_MS,
    lagMs: config.EVENTS_LAG_MS,
    onProgress({ district, role, rows }) {
      if (config.WARM === 'eager')
        log.info({ districtId: district.client.districtId, role, rows }, 'read ahead')
    },
  }
}
