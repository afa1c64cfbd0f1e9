import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics.ts'
import type { Names } from './names.ts'
import type { Redis } from './redis.ts'

/** What a revocation refuses: one token, or the tokens of a principal that were issued before it. */
export type Revoked = 'token' | 'principal'

/** How long a revocation holds. Tokens live shorter. ms */
const KEPT_MS = 31 * 86_400_000
const ENTRIES_AT_ONCE = 1_000

interface Revocation {
  readonly what: Revoked
  /** The hash of the token or principal. */
  readonly name: string
  /** ms since the epoch */
  readonly at: number
}

/** Adds a revocation. All replicas learn of it. Throws RedisAway. */
export async function addRevocation(redis: Redis, names: Names, what: Revoked, text: string, at: number) {
  await write(redis, keyOf(names), { what, name: names.hash(what, text), at })
}

function keyOf(names: Names): string {
  return `ccg:revocations:${names.hash('revocations', '')}`
}

async function write(redis: Redis, key: string, { what, name, at }: Revocation) {
  const oldest = at - KEPT_MS
  await redis.send('XADD', key, 'MINID', '~', Math.max(oldest, 0), '*', 'what', what, 'name', name, 'at', at)
  await redis.send('PEXPIRE', key, KEPT_MS)
}

/** The revocations that this replica knows. It keeps them while Redis is away, and gives them back to an empty Redis. */
export class Revocations {
  readonly #redis: Redis
  readonly #names: Names
  readonly #clock: Clock
  readonly #metrics: Pick<Metrics, 'revoked'>
  readonly #key: string
  readonly #known: Readonly<Record<Revoked, Map<string, number>>> = { token: new Map(), principal: new Map() }
  #lastKey = '0'

  constructor(redis: Redis, names: Names, clock: Clock, metrics: Pick<Metrics, 'revoked'>) {
    this.#redis = redis
    this.#names = names
    this.#clock = clock
    this.#metrics = metrics
    this.#key = keyOf(names)
  }

  /**
   * A function that says whether a token is revoked by now. It costs no hash. `principal`: as in the audit. `issuedAt`: ms since the
   * epoch; undefined for a token that does not say.
   */
  watch(token: string, principal: string, issuedAt: number | undefined): () => boolean {
    const tokenName = this.#names.hash('token', token)
    const principalName = this.#names.hash('principal', principal)
    return () => {
      if (this.#known.token.has(tokenName)) return true
      const at = this.#known.principal.get(principalName)
      return at !== undefined && (issuedAt === undefined || issuedAt <= at)
    }
  }

  /** Reads what was added. Never throws. */
  async tick() {
    try {
      const answer = await this.#redis.send(
        'XRANGE',
        this.#key,
        `(${this.#lastKey}`,
        '+',
        'COUNT',
        ENTRIES_AT_ONCE,
      )
      const found = answer as readonly [key: string, fields: readonly string[]][]
      for (const [key, [, what, , name = '', , at]] of found) {
        this.#lastKey = key
        if (what === 'token' || what === 'principal') this.#add({ what, name, at: Number(at) })
      }
      if (found.length === 0) await this.#giveBack()
    } catch {
      // Redis is away, and what is known stays in force.
    }
  }

  #add({ what, name, at }: Revocation) {
    if (at < this.#clock.now() - KEPT_MS) return
    const before = this.#known[what].get(name)
    if (before === undefined) this.#metrics.revoked.inc({ what })
    this.#known[what].set(name, Math.max(at, before ?? 0))
  }

  async #giveBack() {
    const size = this.#known.token.size + this.#known.principal.size
    if (size === 0 || Number(await this.#redis.send('XLEN', this.#key)) > 0) return
    for (const what of ['token', 'principal'] as const)
      for (const [name, at] of this.#known[what]) await write(this.#redis, this.#key, { what, name, at })
  }
}
