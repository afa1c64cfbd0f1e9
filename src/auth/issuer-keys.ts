import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { z } from 'zod'

/** Signature algorithms of tokens. EdDSA and Ed25519 are two names of one (RFC 9864). */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA', 'Ed25519'] as const
export type Algorithm = (typeof ALGORITHMS)[number]

/** A public key of an issuer. */
export interface IssuerKey {
  readonly kid: string | undefined
  readonly algorithms: readonly Algorithm[]
  readonly key: KeyObject
}

/** RSA keys below 2,048 bits are too weak for RS256 (RFC 7518, section 3.3). */
const MIN_RSA_BITS = 2_048
/** The maximum number of keys that are tried for a token. */
const MAX_KEYS = 100

const jwk = z.looseObject({
  kid: z.string().optional().catch(undefined),
  use: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  alg: z.string().optional(),
})
const keySet = z.object({ keys: z.array(z.unknown()) })

/**
 * The keys of a JWK set that can verify signatures of these algorithms. Keys for other purposes, and keys
 * that cannot be read, are left out (RFC 7517, section 5). Empty for anything other than a JWK set.
 */
export function usableKeys(json: unknown, allowed: readonly Algorithm[]): readonly IssuerKey[] {
  const parsed = keySet.safeParse(json)
  if (!parsed.success) return []
  return parsed.data.keys
    .map((each) => usableKey(each, allowed))
    .filter((key) => key !== undefined)
    .slice(0, MAX_KEYS)
}

function usableKey(json: unknown, allowed: readonly Algorithm[]): IssuerKey | undefined {
  const parsed = jwk.safeParse(json)
  if (!parsed.success) return undefined
  const { kid, use = 'sig', key_ops = ['verify'], alg } = parsed.data
  if (use !== 'sig' || !key_ops.includes('verify')) return undefined
  const key = readKey(parsed.data)
  const algorithms = key === undefined ? [] : algorithmsOf(key).filter((each) => isAllowed(each, allowed))
  const isMeant = alg === undefined || algorithms.some((each) => each === alg)
  return key === undefined || algorithms.length === 0 || !isMeant ? undefined : { kid, algorithms, key }
}

/** An issuer that allows one of the two names allows the other. */
export function isAllowed(algorithm: string, allowed: readonly Algorithm[]): boolean {
  return allowed.some((each) => sameName(each) === sameName(algorithm))
}

function sameName(algorithm: string): string {
  return algorithm === 'Ed25519' ? 'EdDSA' : algorithm
}

function readKey(json: object): KeyObject | undefined {
  try {
    return createPublicKey({ key: json as JsonWebKey, format: 'jwk' })
  } catch {
    return undefined
  }
}

function algorithmsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly Algorithm[] {
  const { modulusLength = 0, namedCurve } = asymmetricKeyDetails ?? {}
  if (asymmetricKeyType === 'rsa' && modulusLength >= MIN_RSA_BITS) return ['RS256']
  if (asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return ['ES256']
  return asymmetricKeyType === 'ed25519' ? ['EdDSA', 'Ed25519'] : []
}

/** The keys that may have signed a token with this header; those with its very `kid` come first. */
export function keysFor(
  { alg, kid }: { readonly alg?: string | undefined; readonly kid?: string | undefined },
  keys: readonly IssuerKey[],
): readonly IssuerKey[] {
  const fitting = keys.filter(({ algorithms }) => algorithms.some((each) => each === alg))
  if (kid === undefined) return fitting
  const named = fitting.filter((key) => key.kid === kid)
  return [...named, ...fitting.filter((key) => key.kid === undefined)]
}
