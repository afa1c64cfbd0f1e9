import type { Tracer } from '@opentelemetry/api'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { DistrictId } from '../model/ids.ts'
import { type KeptFields, NO_OPTIONAL_FIELDS } from '../model/optional-fields.ts'
import { createOutbound, type OutboundLimits, type Proxies } from '../outbound.ts'
import { createCleverClock } from './clock-skew.ts'
import { createDistrictClients, type DistrictClients } from './district-clients.ts'
import { PageReader } from './page-reader.ts'
import { authorizedTokens, createTokens, namedTokens, type ReadTokens, singleToken } from './tokens.ts'
import { type CredentialLimits, createTransport, type Transport } from './transport.ts'

/** Where the tokens come from. */
export type TokenSource =
  | { readonly kind: 'single-token'; readonly token: string }
  | { readonly kind: 'district-tokens'; readonly tokens: ReadonlyMap<DistrictId, string> }
  | { readonly kind: 'client'; readonly clientId: string; readonly clientSecret: string }

/** The credentials as one text, which is a secret that all replicas of the gateway have. */
export function secretOf(source: TokenSource): string {
  if (source.kind === 'single-token') return source.token
  return source.kind === 'client' ? source.clientSecret : [...source.tokens.values()].sort().join()
}

export interface CleverOptions {
  readonly source: TokenSource
  readonly apiUrl: string
  readonly oauthUrl: string
  /** Such as v3.1. */
  readonly version: string
  /** The number of connections to each of the two origins. */
  readonly connections: number
  readonly proxies?: Proxies
  /** Optional fields of students to keep; none unless given. */
  readonly keptFields?: KeptFields
  /** The limits of a token that other replicas use too. */
  readonly limitsOf?: ((token: string) => CredentialLimits) | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Undefined where no SDK for traces is loaded. */
  readonly tracer?: Tracer | undefined
}

export interface Clever {
  readonly clients: DistrictClients
  /** Whether a call with the token of a district has succeeded since the start. */
  hasAnswered(): boolean
  /** Uses other credentials from now on, of the same kind. Calls that are on their way keep theirs. */
  useSource(source: TokenSource): void
  /** Ends all connections, including those in use. */
  close(): Promise<void>
}

/**
 * The limits of each attempt, in ms and bytes. A request also has its own deadline. A list of 10,000 students
 * has about 8 MB.
 */
const LIMITS: Omit<OutboundLimits, 'connections'> = {
  connectTimeout: 2_000,
  headersTimeout: 5_000,
  bodyTimeout: 5_000,
  maxResponseSize: 32_000_000,
}

/** Logs once that the tokens cannot be read, and once that they can again. */
function warnOfFailures(read: ReadTokens, log: Logger): ReadTokens {
  let isFailing = false
  return async (...args) => {
    try {
      const tokens = await read(...args)
      if (isFailing) log.info('the tokens of the districts were read again')
      isFailing = false
      return tokens
    } catch (error) {
      const message =
        'the tokens of the districts cannot be read from Clever: check the credentials in the settings, and the way from this host to Clever'
      if (!isFailing) log.warn({ error, reason: 'TOKENS_UNREADABLE' }, message)
      isFailing = true
      throw error
    }
  }
}

export function connectClever(options: CleverOptions): Clever {
  const { apiUrl, oauthUrl, version, connections, proxies = {}, clock, log, metrics } = options
  const { keptFields = NO_OPTIONAL_FIELDS } = options
  const open = (origin: string) => createOutbound(origin, proxies, { ...LIMITS, connections })
  const [api, oauth] = [open(apiUrl), open(oauthUrl)]
  const shared = { clock, metrics, tracer: options.tracer, random: Math.random }
  const cleverClock = createCleverClock(clock, log, metrics)
  const pageReader = new PageReader(clock)
  let hasAnswered = false
  const transport = notingSuccess(createTransport({ ...shared, ...api, cleverClock, origin: apiUrl }), () => {
    hasAnswered = true
  })

  function reader(source: TokenSource): ReadTokens {
    switch (source.kind) {
      case 'single-token':
        return singleToken(source.token, transport, version)
      case 'district-tokens':
        return namedTokens(source.tokens)
      case 'client':
        return authorizedTokens(
          source.clientId,
          source.clientSecret,
          oauthUrl,
          createTransport({ ...shared, ...oauth, origin: oauthUrl }),
          clock,
        )
    }
  }

  let read = reader(options.source)
  const tokens = createTokens({
    read: warnOfFailures((...args) => read(...args), log),
    clock,
    limitsOf: options.limitsOf,
  })
  return {
    clients: createDistrictClients({
      version,
      origin: apiUrl,
      transport,
      tokens,
      cleverClock,
      pageReader,
      keptFields,
      log,
      metrics,
    }),
    hasAnswered: () => hasAnswered,
    useSource(source) {
      read = reader(source)
      tokens.renew()
    },
    async close() {
      await Promise.all([api.dispatcher.destroy(), oauth.dispatcher.destroy(), pageReader.close()])
    },
  }
}

function notingSuccess(transport: Transport, onSuccess: () => void): Transport {
  return {
    async get(route, path, credential, callContext, read) {
      const value = await transport.get(route, path, credential, callContext, read)
      onSuccess()
      return value
    },
  }
}
