import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { createAuthenticate } from '../../src/auth/authenticate.ts'
import { connectIssuer } from '../../src/auth/fetch-keys.ts'
import type { Issuers } from '../../src/auth/issuers-file.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CHILD, DISTRICT, MIXED } from '../federation/documented-family.ts'
import type { Claims } from '../support/gateway.ts'

export const ISSUER = 'https://issuer.example'
export const AUDIENCE = 'contacts'

/** Names of claims other than the usual ones, to show that the file's count. */
export const CLAIMS = {
  kind: 'kind',
  user: 'user',
  contacts: 'contacts',
  districts: 'districts',
  scopes: 'scopes',
  client: 'azp',
}

export const GUARDIAN: Claims = { kind: 'guardian', contacts: [MIXED] }
export const READS_CHILD = `{ student(id: "${CHILD}") { id } }`
export const IN_DISTRICT = { districts: [DISTRICT] }

export interface Key {
  readonly alg: string
  readonly kid: string
  readonly jwk: JWK
  readonly privateKey: CryptoKey
}

export async function createKey(alg: 'RS256' | 'ES256' | 'EdDSA', kid: string = alg): Promise<Key> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg }, privateKey }
}

export interface Signing {
  readonly claims?: Claims
  readonly issuer?: string
  readonly audience?: string | string[]
  /** Seconds from now. */
  readonly expires?: number | 'never'
  readonly notBefore?: number
  readonly issuedAt?: number
  /** The time of signing, ms since the epoch. */
  readonly at?: number
  readonly header?: Record<string, unknown>
  /** A word of the header that every reader must understand. */
  readonly critical?: string
}

export function sign({ alg, kid, privateKey }: Key, signing: Signing = {}): Promise<string> {
  const { claims = GUARDIAN, issuer = ISSUER, audience = AUDIENCE, expires = 600, header = {} } = signing
  const now = Math.floor((signing.at ?? Date.now()) / 1000)
  const { critical } = signing
  const token = new SignJWT(claims)
    .setProtectedHeader({
      alg,
      kid,
      ...header,
      ...(critical !== undefined && { crit: [critical], [critical]: true }),
    })
    .setIssuer(issuer)
    .setAudience(audience)
  if (expires !== 'never') token.setExpirationTime(now + expires)
  if (signing.notBefore !== undefined) token.setNotBefore(now + signing.notBefore)
  if (signing.issuedAt !== undefined) token.setIssuedAt(now + signing.issuedAt)
  return token.sign(privateKey, critical === undefined ? {} : { crit: { [critical]: true } })
}

/** Built by hand, as a file may name only https. */
export function issuer(jwks: Issuers[number]['jwks'], more: Partial<Issuers[number]> = {}): Issuers[number] {
  return {
    issuer: ISSUER,
    audience: AUDIENCE,
    jwks,
    algorithms: ['RS256', 'ES256', 'EdDSA'],
    claims: CLAIMS,
    ...more,
  }
}

export function jwksOf(...keys: Key[]): Issuers[number]['jwks'] {
  return { keys: keys.map(({ jwk }) => ({ ...jwk, kty: jwk.kty ?? '' })) }
}

export function authenticateBy(...issuers: Issuers) {
  return createAuthenticate({
    issuers,
    now: Date.now,
    leeway: 5_000,
    connect: (origin) => connectIssuer(origin, {}),
    log: createLog('silent'),
    metrics: createMetrics(),
  })
}

export const base64url = (json: unknown) =>
  Buffer.from(typeof json === 'string' ? json : JSON.stringify(json)).toString('base64url')
