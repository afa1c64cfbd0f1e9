import { LRUCache } from 'lru-cache'
import type { IssuerKey } from './issuer-keys.ts'
import type { KeySource } from './remote-keys.ts'

/** A verified token, and the key set that verified it. */
interface Verified<Value> {
  readonly value: Value
  readonly source: KeySource
  readonly keys: readonly IssuerKey[]
  /** ms since the epoch */
  readonly from: number
  readonly until: number
}

/** Characters of all tokens that are kept: some 10,000 tokens. */
const MAX_CHARACTERS = 10_000_000
/** A token is verified again after this time, because its key may be revoked. ms */
const MAX_AGE_MS = 60_000

/**
 * Verified tokens by the whole header. Each token is verified only once, because that takes some 300 µs. A
 * token is kept until it expires, 60 s at most, and is dropped when the keys of its issuer change or our
 * clock is set back.
 */
export class VerifiedTokens<Value> {
  readonly #tokens = new LRUCache<string, Verified<Value>>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_verified, authorization) => authorization.length,
  })
  readonly #now: () => number

  /** `now`: ms since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  get(authorization: string): Value | undefined {
    const known = this.#tokens.get(authorization)
    if (known === undefined) return undefined
    const now = this.#now()
    if (now >= known.from && now < known.until && known.source.latest === known.keys) return known.value
    this.#tokens.delete(authorization)
    return undefined
  }

  /** `keys`: the set by which the token was verified. `expiresAt`: ms since the epoch; undefined for never. */
  keep(
    authorization: string,
    value: Value,
    by: {
      readonly source: KeySource
      readonly keys: readonly IssuerKey[]
      readonly expiresAt: number | undefined
    },
  ) {
    const from = this.#now()
    const until = Math.min(by.expiresAt ?? Number.POSITIVE_INFINITY, from + MAX_AGE_MS)
    this.#tokens.set(authorization, { value, source: by.source, keys: by.keys, from, until })
  }
}
