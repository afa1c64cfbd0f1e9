import type { Clock } from '../clock.ts'
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
  /**
   * The latest good set, without a fetch. A new array whenever the set changes. Undefined before the first
   * set.
   */
  readonly latest: readonly IssuerKey[] | undefined
  /** Throws KeysUnavailable. */
  current(): Promise<readonly IssuerKey[]>
  /**
   * A newer set, for a token that no key of `tried` verified. Undefined if there is none. Throws
   * KeysUnavailable if the issuer cannot be asked.
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

/** How long a set is used without a new fetch. ms */
const FRESH_MS = 600_000
/** While the issuer gives no good answer, the last good set is used for this long. ms */
const MAX_KEY_AGE_MS = 86_400_000
/** The minimum time between two attempts, regardless of how many tokens have unknown keys. ms */
const COOLDOWN_MS = 30_000
/** The same while no key is known, when no token of the issuer can be accepted. ms */
const FIRST_COOLDOWN_MS = 1_000

/** The keys at the URL of an issuer. A good answer replaces all earlier keys; a bad one replaces none. */
export class RemoteKeys implements KeySource {
  readonly #options: RemoteKeysOptions
  readonly #elapsed: () => number
  #known: { readonly keys: readonly IssuerKey[]; readonly askedAt: number } | undefined
  #attemptedAt = Number.NEGATIVE_INFINITY
  #isFailing = false
  /** What was logged, until the issuer answers. */
  #warned = ''
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

  /** Also counts while an attempt is under way, which is then shared. */
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
      this.#warned = ''
      return
    }
    const { failure: reason, status } = answer
    metrics.issuerKeyFetches.inc({ issuer, outcome: reason })
    const ageSeconds = this.#known && Math.round(this.#age() / 1000)
    const effect =
      this.#age() < MAX_KEY_AGE_MS
        ? 'the last good keys stay in use for up to a day'
        : 'no token of the issuer is accepted'
    this.#isFailing = true
    if (this.#warned === reason + effect) return
    this.#warned = reason + effect
    const message = `the keys of the issuer cannot be read: ${effect}. Check jwks in AUTH_FILE, and the way from this host to it`
    log.warn({ issuer, reason, status, ageSeconds }, message)
  }
}

/** Elapsed time in ms, by a clock that may be set back. Setting it back changes nothing. */
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

/** Reads the first keys of an issuer before a token needs them. Resolves when they are known, or at `ending`. Never throws. */
export async function readFirstKeys(source: KeySource, clock: Clock, ending: AbortSignal): Promise<void> {
  for (let pause = FIRST_COOLDOWN_MS; !ending.aborted; pause = Math.min(2 * pause, COOLDOWN_MS)) {
    await source.current().catch(() => undefined)
    if (source.latest !== undefined) return
    await clock.sleep(pause, ending).catch(() => {})
  }
}

/** Keys that are written in AUTH_FILE itself. */
export function fixedKeys(keys: readonly IssuerKey[]): KeySource {
  return { latest: keys, current: async () => keys, newerThan: async () => undefined }
}
