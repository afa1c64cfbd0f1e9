import { type Dispatcher, errors, request } from 'undici'
import { createOutbound, type Proxies } from '../outbound.ts'
import { type Algorithm, type IssuerKey, usableKeys } from './issuer-keys.ts'

/** Why an issuer's answer is not usable. */
export type KeysFailure = 'unreachable' | 'timeout' | 'status' | 'too_large' | 'not_json' | 'no_usable_key'

export type KeysAnswer =
  | { readonly keys: readonly IssuerKey[] }
  | { readonly failure: KeysFailure; readonly status?: number }

/** ms for the whole answer */
const TIMEOUT_MS = 5_000
const TIMEOUTS = [errors.ConnectTimeoutError, errors.HeadersTimeoutError, errors.BodyTimeoutError]
const LIMITS = {
  connections: 2,
  connectTimeout: 2_000,
  headersTimeout: TIMEOUT_MS,
  bodyTimeout: TIMEOUT_MS,
  maxResponseSize: 500_000,
}

/** Connections to the origin of an issuer's keys, through a proxy if one is set for it. */
export function connectIssuer(origin: string, proxies: Proxies): Dispatcher {
  return createOutbound(origin, proxies, LIMITS).dispatcher
}

/** The keys at a URL. Anything but a 200 with at least one usable key is a failure; redirects are not followed. Never throws. */
export async function fetchKeys(
  url: URL,
  algorithms: readonly Algorithm[],
  dispatcher: Dispatcher,
): Promise<KeysAnswer> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    // Without this header a server may compress its answer (RFC 9110, section 12.5.3).
    const headers = { accept: 'application/jwk-set+json, application/json', 'accept-encoding': 'identity' }
    const { statusCode, body } = await request(url, { dispatcher, headers, signal })
    if (statusCode !== 200) {
      await body.dump()
      return { failure: 'status', status: statusCode }
    }
    const json = parse(await body.text())
    if (json === undefined) return { failure: 'not_json' }
    const keys = usableKeys(json, algorithms)
    return keys.length === 0 ? { failure: 'no_usable_key' } : { keys }
  } catch (error) {
    if (error instanceof errors.ResponseExceededMaxSizeError) return { failure: 'too_large' }
    const isLate = signal.aborted || TIMEOUTS.some((timeout) => error instanceof timeout)
    return { failure: isLate ? 'timeout' : 'unreachable' }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
