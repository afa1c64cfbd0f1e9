import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { KeysAnswer } from './fetch-keys.ts'
import type { IssuerKey } from './issuer-keys.ts'

/** The keys of an issuer are not known: the token can be neither accepted nor refused. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable'
}

/** Where the keys of an issuer come from. */
export interface KeySource {
  /** The latest good set without a question, another array whenever it changes; undefined before the first. */
  readonly latest: readonly IssuerKey[] | undefined
  /** Throws KeysUnavailable. */
  current(): Promise<readonly IssuerKey[]>
  /**
   * After no key of `tried` verified a token: a newer set, or undefined where there is none. Throws KeysUnavailable when
   * the issuer cannot be asked whether there is one.
   */
  newerThan(tried: readonly IssuerKey[]): Promise<readonly IssuerKey[] | undefined>
}

export interface RemoteKeysOptions {
  /** The claim iss, for the log and the metrics. */
  readonly issuer: string
  readonly fetch: () => Promise<KeysAnswer>
  /** ms since the epoch */
  readonly now: () => number
  readonly log: Logger
  readonly metrics: Metrics
}

/** A set is used without a question for this long. ms */
const FRESH_MS = 600_000
/** While the issuer gives no good answer, the last good set is used for this long. ms */
const MAX_KEY_AGE_MS = 86_400_000
/** Between two attempts, however many tokens with unknown keys come. ms */
const COOLDOWN_MS = 30_000
/** The same while no key is known: no token of the issuer is accepted until an attempt succeeds. ms */
const FIRST_COOLDOWN_MS = 1_000

/** The keys at the URL of an issuer. A good answer replaces all earlier keys; a bad one replaces none. */
export class RemoteKeys implements KeySource {
  readonly #options: RemoteKeysOptions
  readonly #elapsed: () => number
  #known: { readonly keys: readonly IssuerKey[]; readonly askedAt: number } | undefined
  #attemptedAt = Number.NEGATIVE_INFINITY
  #isFailing = false
  #attempt: Promise<void> | undefined

  constructor(options: RemoteKeysOptions) {
    this.#options = options
    this.#elapsed = elapsedBy(options.now)
  }

  get latest(): readonly IssuerKey[] | undefined {
    return this.#known?.keys
  }

  async current(): Promise<readonly IssuerKey[]> {
    if (this.#known === undefined) {
      if (this.#mayAsk()) await this.#ask()
    } else if (this.#age() >= FRESH_MS && this.#mayAsk()) {
      const asking = this.#ask()
      // Once the issuer has failed, no request waits for it while there are keys.
      if (!this.#isFailing || this.#age() >= MAX_KEY_AGE_MS) await asking
    }
    if (this.#known === undefined || this.#age() >= MAX_KEY_AGE_MS)
      throw new KeysUnavailable('no usable keys')
    return this.#known.keys
  }

  async newerThan(tried: readonly IssuerKey[]): Promise<readonly IssuerKey[] | undefined> {
    if (this.#known?.keys === tried && this.#mayAsk()) await this.#ask()
    if (this.#known?.keys !== tried) return this.#known?.keys
    if (this.#isFailing) throw new KeysUnavailable('no answer of the issuer')
    return undefined
  }

  #age(): number {
    return this.#known === undefined ? Number.POSITIVE_INFINITY : this.#elapsed() - this.#known.askedAt
  }

  /** Also while an attempt is under way: it is then shared. */
  #mayAsk(): boolean {
    const cooldown = this.#known === undefined ? FIRST_COOLDOWN_MS : COOLDOWN_MS
    return this.#attempt !== undefined || this.#elapsed() - this.#attemptedAt >= cooldown
  }

  #ask(): Promise<void> {
    this.#attempt ??= this.#fetch().finally(() => {
      this.#attempt = undefined
    })
    return this.#attempt
  }

  async #fetch(): Promise<void> {
    const { issuer, fetch, now, log, metrics } = this.#options
    const askedAt = this.#elapsed()
    this.#attemptedAt = askedAt
    const answer = await fetch()
    if ('keys' in answer) {
      metrics.issuerKeyFetches.inc({ issuer, outcome: 'ok' })
      metrics.issuerKeysReadAt.set({ issuer }, now() / 1000)
      if (this.#isFailing) log.info({ issuer }, 'the keys of the issuer were read again')
      this.#known = { keys: answer.keys, askedAt }
      this.#isFailing = false
      return
    }
    const { failure: reason, status } = answer
    metrics.issuerKeyFetches.inc({ issuer, outcome: reason })
    const ageSeconds = this.#known && Math.round(this.#age() / 1000)
    const effect =
      this.#age() < MAX_KEY_AGE_MS
        ? 'the last good keys stay in use for up to a day'
        : 'no token of the issuer is accepted'
    log.warn({ issuer, reason, status, ageSeconds }, `the keys of the issuer cannot be read: ${effect}`)
    this.#isFailing = true
  }
}

/** ms that have gone by, of a clock that may be set back: that neither adds to them nor takes from them. */
function elapsedBy(now: () => number): () => number {
  let last = now()
  let elapsed = 0
  return () => {
    const time = now()
    elapsed += Math.max(time - last, 0)
    last = time
    return elapsed
  }
}

/** Keys that stand in AUTH_FILE itself. */
export function fixedKeys(keys: readonly IssuerKey[]): KeySource {
  return { latest: keys, current: async () => keys, newerThan: async () => undefined }
}
