import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics.ts'
import type { Names } from './names.ts'
import type { Redis } from './redis.ts'
import { ENTRIES_AT_ONCE, readStream, type StreamEntry } from './stream.ts'

/** What a revocation refuses: one token, or the tokens of a principal that were issued before it. */
export type Revoked = 'token' | 'principal'

/** How long a revocation holds. Tokens live shorter. ms */
const KEPT_MS = 31 * 86_400_000

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

function revocationIn([, [, what, , name = '', , at]]: StreamEntry): Revocation | undefined {
  return what === 'token' || what === 'principal' ? { what, name, at: Number(at) } : undefined
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
  #lastKey = ''
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
      const found = await readStream(this.#redis, this.#key, this.#lastKey)
      if (found === undefined) return await this.#giveBack()
      for (const entry of found) this.#add(revocationIn(entry))
      this.#lastKey = found.at(-1)?.[0] ?? this.#lastKey
    } catch {
      // Redis is away, and what is known stays in force.
    }
  }

  #add(revocation: Revocation | undefined) {
    if (revocation === undefined) return
    const { what, name, at } = revocation
    if (at < this.#clock.now() - KEPT_MS) return
    const before = this.#known[what].get(name)
    if (before === undefined) this.#metrics.revoked.inc({ what })
    this.#known[what].set(name, Math.max(at, before ?? 0))
  }

  /** Redis has lost some. Those that only this replica knows are written again. */
  async #giveBack() {
    const found: StreamEntry[] = []
    for (
      let page: readonly StreamEntry[] | undefined;
      page === undefined || page.length >= ENTRIES_AT_ONCE;
    ) {
      page = (await readStream(this.#redis, this.#key, found.at(-1)?.[0] ?? '')) ?? []
      found.push(...page)
    }
    const there = found.map(revocationIn)
    for (const each of there) this.#add(each)
    const names = new Set(there.map((each) => each?.name))
    const oldest = this.#clock.now() - KEPT_MS
    for (const what of ['token', 'principal'] as const)
      for (const [name, at] of this.#known[what])
        if (!names.has(name) && at >= oldest) await write(this.#redis, this.#key, { what, name, at })
    this.#lastKey = found.at(-1)?.[0] ?? ''
  }
}
