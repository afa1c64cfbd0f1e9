import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { CleverAnswerInvalid, CleverPathRefused, CleverTokenRefused } from '../model/clever-errors.ts'
import { type DistrictId, parseDistrictId } from '../model/ids.ts'
import { readWholeList } from './lists.ts'
import { parsePage } from './pages.ts'
import type { LimiterCounts } from './rate-limiter.ts'
import { readJson } from './read-answer.ts'
import { parseDistrict } from './records.ts'
import {
  type CallContext,
  type Credential,
  type CredentialLimits,
  createCredential,
  type Transport,
  UNLIMITED_CALLS,
} from './transport.ts'
import { waitWithSignal } from './wait-with-signal.ts'

/** The district tokens that we hold. Every method throws the CleverErrors when they cannot be read. */
export interface Tokens {
  /** Reads the tokens again, in the background, because the credentials have changed. */
  renew(): void
  /** Undefined until the tokens have been read; the same array until they are read again. */
  knownDistrictIds(): readonly DistrictId[] | undefined
  districtIds(callContext: CallContext): Promise<readonly DistrictId[]>
  /** The calls that the district's token has left in this window; undefined until the token is known. */
  callsLeft(districtId: DistrictId): number | undefined
  /** The counts of the district's token; zero until the token is known. */
  limiterCounts(districtId: DistrictId): LimiterCounts
  /** Throws CleverTokenRefused for a district without a token. */
  of(districtId: DistrictId, callContext: CallContext): Promise<Credential>
  /** The district's new token after Clever refused `refused`, if there is one. */
  replacing(
    districtId: DistrictId,
    refused: Credential,
    callContext: CallContext,
  ): Promise<Credential | undefined>
}

/** Reads every district's token, from the settings or from Clever; `credentialOf` gives a token its lasting budget. */
export type ReadTokens = (
  callContext: CallContext,
  credentialOf: (token: string) => Credential,
) => Promise<ReadonlyMap<DistrictId, string>>

export interface TokensOptions {
  readonly read: ReadTokens
  readonly clock: Clock
  /** The limits of a token that other replicas use too. */
  readonly limitsOf?: ((token: string) => CredentialLimits) | undefined
}

const READ_TIMEOUT_MS = 5_000
/** How soon the gateway notices that a district authorizes the application or revokes that. */
const MAX_AGE_MS = 10 * 60_000
/**
 * A token without a scope is refused at every call, and each refusal must not cause another read of the
 * tokens.
 */
const COOLDOWN_MS = 1_000
const RETRY_AFTER_MS = 30_000
const NO_COUNTS: LimiterCounts = { waits: 0, refusals: 0 }
/** A token that comes back sooner may still have calls in Clever's window. */
const KEEP_UNUSED_MS = 180_000

/** A token keeps its credential, and so its call budget, even if one or two reads of the tokens lack it. */
export function createTokens({ read, clock, limitsOf }: TokensOptions): Tokens {
  const credentials = new Map<string, { readonly credential: Credential; usedAt: number }>()
  let current: ReadonlyMap<DistrictId, Credential> | undefined
  let ids: readonly DistrictId[] | undefined
  /** The tokens that the last read named. */
  let inUse: ReadonlySet<string> = new Set()
  let triedAt = Number.NEGATIVE_INFINITY
  let reading: Promise<ReadonlyMap<DistrictId, Credential>> | undefined

  function credentialOf(token: string): Credential {
    const credential =
      credentials.get(token)?.credential ?? createCredential(`Bearer ${token}`, clock, limitsOf?.(token))
    credentials.set(token, { credential, usedAt: clock.elapsed() })
    return credential
  }

  async function readAll() {
    triedAt = clock.elapsed()
    const tokens = await read(patientCaller(clock), credentialOf)
    current = new Map([...tokens].map(([districtId, token]) => [districtId, credentialOf(token)]))
    ids = [...current.keys()]
    forgetUnused(new Set(tokens.values()))
    return current
  }

  function forgetUnused(named: ReadonlySet<string>) {
    const now = clock.elapsed()
    for (const [token, entry] of credentials) {
      if (named.has(token) || inUse.has(token)) entry.usedAt = now
      else if (entry.usedAt < now - KEEP_UNUSED_MS) credentials.delete(token)
    }
    inUse = named
  }

  /** Requests at the same time share one read. */
  function readOnce() {
    reading ??= readAll().finally(() => {
      reading = undefined
    })
    return reading
  }

  /**
   * No request waits for a second read, and a failed read removes no token: Clever refuses a token that is no longer
   * valid.
   */
  async function all(callContext: CallContext): Promise<ReadonlyMap<DistrictId, Credential>> {
    if (current === undefined) return waitWithSignal(readOnce(), callContext)
    refreshIfOld()
    return current
  }

  function refreshIfOld() {
    if (clock.elapsed() - triedAt > MAX_AGE_MS) refresh()
  }

  /** After a failure, the next request after a pause tries again. */
  function refresh() {
    readOnce().catch(() => {
      triedAt = clock.elapsed() - MAX_AGE_MS + RETRY_AFTER_MS
    })
  }

  return {
    renew() {
      // A read that is under way uses the credentials of before.
      if (reading === undefined) refresh()
      else reading.then(refresh, refresh)
    },
    knownDistrictIds() {
      if (ids !== undefined) refreshIfOld()
      return ids
    },
    districtIds: async (callContext) => [...(await all(callContext)).keys()],
    callsLeft: (districtId) => current?.get(districtId)?.rateLimiter.left(),
    limiterCounts: (districtId) => current?.get(districtId)?.rateLimiter.counts ?? NO_COUNTS,
    async of(districtId, callContext) {
      const credential = (await all(callContext)).get(districtId)
      if (credential === undefined) throw new CleverTokenRefused('no token for the district')
      return credential
    },
    async replacing(districtId, refused, callContext) {
      const isFresh = clock.elapsed() - triedAt < COOLDOWN_MS && reading === undefined
      const tokens = await (isFresh ? all(callContext) : waitWithSignal(readOnce(), callContext))
      const credential = tokens.get(districtId)
      return credential === refused ? undefined : credential
    },
  }
}

/** A read that several requests share must not end with the first of them. */
function patientCaller(clock: Clock): CallContext {
  return {
    deadline: clock.now() + READ_TIMEOUT_MS,
    signal: AbortSignal.timeout(READ_TIMEOUT_MS),
    allowance: UNLIMITED_CALLS,
    priority: 'INTERACTIVE',
  }
}

/** Tokens that the settings name with their districts. */
export function namedTokens(tokens: ReadonlyMap<DistrictId, string>): ReadTokens {
  return async () => tokens
}

/** A single token: Clever says which district it belongs to. */
export function singleToken(token: string, transport: Transport, version: string): ReadTokens {
  return async (callContext, credentialOf) => {
    const credential = credentialOf(token)
    const json = await refusedAsAWhole(
      transport.get('/districts', `/${version}/districts`, credential, callContext, readJson),
    )
    const { items } = parsePage(json)
    if (items.length === 0) throw new CleverTokenRefused('the token reaches no district', 404)
    const district = parseDistrict(items[0])
    if (district === undefined) throw new CleverAnswerInvalid('the token names no district')
    return new Map([[district.id, token]])
  }
}

/** If the only token is refused, there is no other to use. */
async function refusedAsAWhole(call: Promise<unknown>): Promise<unknown> {
  const json = await call.catch((error: unknown) => {
    throw error instanceof CleverPathRefused ? new CleverTokenRefused(error.message, error.status) : error
  })
  if (json === undefined) throw new CleverTokenRefused('status 404', 404)
  return json
}

const grants = z.object({
  data: z.array(z.unknown()),
  links: z.unknown(),
})
const grant = z.object({
  access_token: z.string().min(1),
  owner: z.object({ type: z.literal('district'), id: z.string().transform(parseDistrictId) }),
})

/** All districts that have authorized the application. Source: Clever's OAuth tokens endpoint, GET /oauth/tokens. */
export function authorizedTokens(
  clientId: string,
  clientSecret: string,
  origin: string,
  transport: Transport,
  clock: Clock,
): ReadTokens {
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  const credential = createCredential(`Basic ${basic}`, clock)
  return async (callContext) => {
    const route = '/oauth/tokens'
    const get = async (path: string) =>
      parsePage(asList(await refusedAsAWhole(transport.get(route, path, credential, callContext, readJson))))
    const items = await readWholeList(get, `${route}?owner_type=district`, origin)
    const tokens = new Map<DistrictId, string>()
    for (const item of items) {
      const { owner, access_token: token } = grant.safeParse(item).data ?? {}
      if (owner?.id !== undefined && token !== undefined) tokens.set(owner.id, token)
    }
    return tokens
  }
}

/** Grants are not wrapped in `data` as records are. The district distinguishes them. */
function asList(json: unknown): unknown {
  const parsed = grants.safeParse(json)
  if (!parsed.success) throw new CleverAnswerInvalid('not a list of tokens')
  const { data, links } = parsed.data
  return {
    links,
    data: data.map((item) => ({ data: { ...Object(item), id: grant.safeParse(item).data?.owner.id } })),
  }
}
