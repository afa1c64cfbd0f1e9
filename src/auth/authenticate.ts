import type { KeyObject } from 'node:crypto'
import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose'
import type { Dispatcher } from 'undici'
import { type Principal, principalKey } from '../access/principal.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { type ReadClaims, readCleverClaims, readCustomClaims } from './claims.ts'
import { fetchKeys } from './fetch-keys.ts'
import { ALGORITHMS, type Algorithm, type IssuerKey, isAllowed, keysFor, usableKeys } from './issuer-keys.ts'
import type { Issuers } from './issuers-file.ts'
import { fixedKeys, type KeySource, KeysUnavailable, RemoteKeys } from './remote-keys.ts'
import { describeRefusal, readHeader, type TokenRefusal, TokenRefused } from './token-refusal.ts'
import { VerifiedTokens } from './verified-tokens.ts'

/**
 * The sender of a request, or the reason why it is refused. UNAVAILABLE: the keys of the issuer are not
 * known.
 */
export type Authentication =
  | {
      readonly outcome: 'KNOWN'
      readonly principal: Principal
      /** When the token ceases to be accepted; undefined for never. ms since the epoch */
      readonly expiresAt: number | undefined
      /** Whether the token or its principal was revoked after the token was verified. Undefined if nothing can be revoked. */
      readonly isRevoked?: IsRevoked | undefined
    }
  | { readonly outcome: 'MISSING' | 'INVALID' | 'UNAVAILABLE'; readonly reason: TokenRefusal }

/** Answers without a promise for a known token. Never throws. */
export type Authenticate = (authorization: string | undefined) => Authentication | Promise<Authentication>

export type IsRevoked = () => boolean

/** Says of a verified token whether it is revoked. `principal`: as in the audit. `issuedAt`: ms since the epoch */
export type WatchRevocation = (token: string, principal: string, issuedAt: number | undefined) => IsRevoked

export interface AuthenticateOptions {
  readonly issuers: Issuers
  /** ms since the epoch */
  readonly now: () => number
  /** The maximum difference between the clocks of issuers and ours. ms */
  readonly leeway: number
  /** Connections to the origin of keys. */
  readonly connect: (origin: string) => Dispatcher
  /** Undefined where tokens cannot be revoked. */
  readonly watchRevocation?: WatchRevocation | undefined
  readonly log: Logger
  readonly metrics: Metrics
  /** Receives the keys of each issuer. */
  readonly onKeys?: (keys: KeySource) => void
}

interface Verifier {
  readonly keys: KeySource
  readonly readClaims: ReadClaims
  readonly algorithms: readonly Algorithm[]
  readonly issuer: string
  readonly audience: string | string[]
}

/**
 * Checks tokens against the issuers. Keys by URL are fetched when a token needs them, again after ten minutes, and for a
 * token that no known key verifies, at most every 30 s. Until the first keys are known, they are fetched at most every
 * second. While an issuer gives none, its last keys are used for 24 h.
 */
export function createAuthenticate(options: AuthenticateOptions): Authenticate {
  const { issuers, now, leeway } = options
  const verifiers = new Map(issuers.map((issuer) => [issuer.issuer, createVerifier(issuer, options)]))
  for (const { keys } of verifiers.values()) options.onKeys?.(keys)

  const known = new VerifiedTokens<Authentication>(now)

  async function authenticate(token: string, authorization: string): Promise<Authentication> {
    const verifier = verifiers.get(decodeJwt(token).iss ?? '')
    if (verifier === undefined) throw new TokenRefused('issuer')
    const { payload, keys } = await verify(token, verifier, { leeway, now: now() })
    const principal = verifier.readClaims(payload)
    if (principal === undefined) throw new TokenRefused('claims')
    const expiresAt = payload.exp && payload.exp * 1_000 + leeway
    const issuedAt = payload.iat && payload.iat * 1_000
    const isRevoked = options.watchRevocation?.(token, principalKey(principal), issuedAt)
    const authentication: Authentication = { outcome: 'KNOWN', principal, expiresAt, isRevoked }
    known.keep(authorization, authentication, { source: verifier.keys, keys, expiresAt })
    return authentication
  }

  async function verifyAndKeep(authorization: string): Promise<Authentication> {
    const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? []
    if (token === undefined) return { outcome: 'INVALID', reason: 'malformed' }
    try {
      return await authenticate(token, authorization)
    } catch (error) {
      if (error instanceof KeysUnavailable) return { outcome: 'UNAVAILABLE', reason: 'keys_unavailable' }
      return { outcome: 'INVALID', reason: describeRefusal(error) }
    }
  }

  return (authorization) => {
    if (authorization === undefined) return { outcome: 'MISSING', reason: 'missing' }
    const verified = known.get(authorization)
    return verified === undefined ? verifyAndKeep(authorization).then(unlessRevoked) : unlessRevoked(verified)
  }
}

/** Revocations are not kept with verified tokens, so they hold at once. */
function unlessRevoked(authentication: Authentication): Authentication {
  const isRevoked = authentication.outcome === 'KNOWN' && authentication.isRevoked?.() === true
  return isRevoked ? { outcome: 'INVALID', reason: 'revoked' } : authentication
}

function createVerifier(issuer: Issuers[number], options: AuthenticateOptions): Verifier {
  const { algorithms, audience, claims } = issuer
  return {
    keys: keysOf(issuer, options),
    readClaims: claims === 'clever' ? readCleverClaims : readCustomClaims(claims),
    algorithms,
    issuer: issuer.issuer,
    audience,
  }
}

function keysOf({ issuer, jwks, algorithms }: Issuers[number], options: AuthenticateOptions): KeySource {
  if (typeof jwks !== 'string') return fixedKeys(usableKeys(jwks, algorithms))
  const url = new URL(jwks)
  const dispatcher = options.connect(url.origin)
  return new RemoteKeys({ ...options, issuer, fetch: () => fetchKeys(url, algorithms, dispatcher) })
}

interface Time {
  readonly leeway: number
  readonly now: number
}

/** The claims of a token, and the key set that verified it. */
interface VerifiedToken {
  readonly payload: JWTPayload
  readonly keys: readonly IssuerKey[]
}

/** Each key that may have signed the token is tried, then those of a newer set. Throws TokenRefused, KeysUnavailable or an error of jose. */
async function verify(token: string, verifier: Verifier, time: Time): Promise<VerifiedToken> {
  const header = readHeader(token)
  if (header.alg === undefined || !isAllowed(header.alg, verifier.algorithms))
    throw new TokenRefused('algorithm')
  let keys = await verifier.keys.current()
  let refusal = new TokenRefused('unknown_key')
  for (;;) {
    for (const { key } of keysFor(header, keys)) {
      try {
        return { payload: await verifyBy(key, token, verifier, time), keys }
      } catch (error) {
        if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
        refusal = new TokenRefused('signature')
      }
    }
    const newer = await newerKeys(verifier.keys, keys, header.kid)
    if (newer === undefined) throw refusal
    keys = newer
  }
}

/** A forged token with a known `kid` is refused even while newer keys cannot be fetched. */
async function newerKeys(source: KeySource, tried: readonly IssuerKey[], kid: string | undefined) {
  try {
    return await source.newerThan(tried)
  } catch (error) {
    const isKnown = kid !== undefined && tried.some((key) => key.kid === kid)
    if (isKnown && error instanceof KeysUnavailable) return undefined
    throw error
  }
}

/** The signature is checked before any claim. */
async function verifyBy(
  key: KeyObject,
  token: string,
  { issuer, audience, algorithms }: Verifier,
  { leeway, now }: Time,
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, key, {
    issuer,
    audience,
    algorithms: ALGORITHMS.filter((each) => isAllowed(each, algorithms)),
    requiredClaims: ['exp'],
    clockTolerance: leeway / 1_000,
    currentDate: new Date(now),
  })
  return payload
}
