import { decodeProtectedHeader, errors } from 'jose'

/** Why a request is refused, for the log and a metric. Reveals nothing of the token's content. */
export type TokenRefusal =
  | 'missing'
  | 'malformed'
  | 'issuer'
  | 'audience'
  | 'algorithm'
  | 'unknown_key'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'claims'
  | 'keys_unavailable'
  | 'revoked'

export class TokenRefused extends Error {
  override readonly name = 'TokenRefused'
  readonly reason: TokenRefusal
  constructor(reason: TokenRefusal) {
    super(`the token is refused: ${reason}`)
    this.reason = reason
  }
}

const BY_CLAIM: Readonly<Record<string, TokenRefusal>> = {
  aud: 'audience',
  iss: 'issuer',
  nbf: 'not_yet_valid',
}

/** The refusal reason for a verification error. */
export function describeRefusal(error: unknown): TokenRefusal {
  if (error instanceof TokenRefused) return error.reason
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed) {
    // "invalid" means that a claim does not have the type that the standard requires.
    return error.reason === 'check_failed' ? (BY_CLAIM[error.claim] ?? 'claims') : 'claims'
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  return 'malformed'
}

interface TokenHeader {
  readonly alg: string | undefined
  readonly kid: string | undefined
}

/** Throws TokenRefused for a header that cannot be read. */
export function readHeader(token: string): TokenHeader {
  const { alg, kid } = decodeProtectedHeader(token)
  const isText = (value: unknown) => value === undefined || typeof value === 'string'
  if (!isText(alg) || !isText(kid)) throw new TokenRefused('malformed')
  return { alg, kid }
}
