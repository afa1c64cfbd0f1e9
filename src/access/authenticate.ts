import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeJwt,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { z } from 'zod'
import { claimNames, type ReadClaims, readCleverClaims, readCustomClaims } from './claims.ts'
import type { Principal } from './principal.ts'

const jwks = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) })

/** Whose tokens count. */
export const issuersFile = z.strictObject({
  $schema: z.string().optional(),
  issuers: z
    .array(
      z.strictObject({
        issuer: z.string().min(1).describe('The claim iss, to the letter.'),
        audience: z
          .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
          .describe('The claim aud, or several that will do.'),
        jwks: z
          .union([z.url({ protocol: /^https$/ }), jwks])
          .describe('The URL of the keys, or the keys themselves.'),
        algorithms: z
          .array(z.enum(['RS256', 'ES256', 'EdDSA']))
          .min(1)
          .default(['RS256', 'ES256', 'EdDSA']),
        claims: z
          .union([z.literal('clever'), claimNames])
          .describe("clever: Clever's own OIDC. Otherwise which claims mean what."),
      }),
    )
    .min(1)
    .refine(
      (issuers) => new Set(issuers.map(({ issuer }) => issuer)).size === issuers.length,
      'each issuer once',
    ),
})
export type Issuers = z.infer<typeof issuersFile>['issuers']

/** Who asks, or how to say no: INVALID for a token that will not do, UNAVAILABLE where its keys cannot be had. */
export type Authentication =
  | {
      readonly outcome: 'KNOWN'
      readonly principal: Principal
      /** From when on the token will not do any more; undefined for never. ms since the epoch */
      readonly expiresAt: number | undefined
    }
  | { readonly outcome: 'MISSING' | 'INVALID' | 'UNAVAILABLE' }

export type Authenticate = (authorization: string | undefined) => Promise<Authentication>

interface Verifier {
  readonly keys: JWTVerifyGetKey
  readonly readClaims: ReadClaims
  readonly options: { issuer: string; audience: string | string[]; algorithms: string[] }
}

/** s */
const CLOCK_TOLERANCE = 5

/** Keys by URL are cached for ten minutes; an unknown `kid` fetches them again, at most every 30 s. */
export function createAuthenticate(issuers: Issuers, now: () => number): Authenticate {
  const verifiers = new Map(issuers.map((issuer) => [issuer.issuer, createVerifier(issuer)]))

  return async (authorization) => {
    if (authorization === undefined) return { outcome: 'MISSING' }
    const [, token] = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization) ?? []
    if (token === undefined) return { outcome: 'INVALID' }
    try {
      const verifier = verifiers.get(decodeJwt(token).iss ?? '')
      if (verifier === undefined) return { outcome: 'INVALID' }
      const { payload } = await jwtVerify(token, verifier.keys, {
        ...verifier.options,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_TOLERANCE,
        currentDate: new Date(now()),
      })
      const principal = verifier.readClaims(payload)
      const expiresAt = payload.exp && (payload.exp + CLOCK_TOLERANCE) * 1_000
      return principal === undefined ? { outcome: 'INVALID' } : { outcome: 'KNOWN', principal, expiresAt }
    } catch (error) {
      return { outcome: isAboutToken(error) ? 'INVALID' : 'UNAVAILABLE' }
    }
  }
}

function createVerifier({ issuer, audience, algorithms, jwks, claims }: Issuers[number]): Verifier {
  return {
    keys:
      typeof jwks === 'string'
        ? createRemoteJWKSet(new URL(jwks), {
            cooldownDuration: 30_000,
            cacheMaxAge: 600_000,
            timeoutDuration: 5_000,
          })
        : createLocalJWKSet(jwks as JSONWebKeySet),
    readClaims: claims === 'clever' ? readCleverClaims : readCustomClaims(claims),
    options: { issuer, audience, algorithms },
  }
}

/** Anything else went wrong on the way to the keys. */
const TOKEN_ERRORS = [
  errors.JWTClaimValidationFailed,
  errors.JWTExpired,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
]

function isAboutToken(error: unknown): boolean {
  return TOKEN_ERRORS.some((kind) => error instanceof kind)
}
