import { randomUUID } from 'node:crypto'
import type { SharedWindow } from '../clever/rate-limiter.ts'
import { createRecentCalls } from '../clever/recent-calls.ts'
import type { Clock } from '../clock.ts'
import type { Redis } from './redis.ts'
import { EXCHANGE } from './window-script.ts'

export interface SharedWindowOptions {
  readonly redis: Redis
  readonly clock: Clock
  /** The key of the window in Redis. */
  readonly key: string
  /** The name of this replica. */
  readonly replica: string
  /** The most replicas that run at one time. */
  readonly replicas: number
}

/** Permits that an idle replica holds, at most and at least. */
const MAX_IDLE_PERMITS = 100
const MIN_IDLE_PERMITS = 20
/** While calls are made, and while none are. ms */
const EXCHANGE_EVERY_MS = 1_000
const IDLE_EXCHANGE_EVERY_MS = 15_000
/** After this time without Redis, no call that the replicas made with it can count any more. ms */
const ALONE_AFTER_MS = 75_000

/** What a replica without Redis may do: `limit` calls in 60 s until then, and its share afterward. */
interface Alone {
  readonly limit: number
  readonly until: number
}

/** The shared window of one token, as one replica sees it. All times are `clock.elapsed()`. */
export class ReplicaWindow implements SharedWindow {
  readonly #options: SharedWindowOptions
  readonly #own = createRecentCalls()
  #maxLimit = Number.POSITIVE_INFINITY
  /** Undefined while the replicas share the window. */
  #alone: Alone | undefined
  #replicas: number
  /** Permits for calls that were not begun yet. */
  #inHand = 0
  #underWay = 0
  /** Calls that ended since the last exchange. */
  #ended = 0
  #waiting = 0
  /** By the last exchange. */
  #left = 0
  #target = MIN_IDLE_PERMITS
  #waitMs = 0
  #name: string | undefined
  #exchanges = 0
  #exchanging: Promise<void> | undefined
  #exchangedAt = Number.NEGATIVE_INFINITY
  #begunSince = 0

  constructor(options: SharedWindowOptions, maxLimit: number) {
    this.#options = options
    this.#replicas = options.replicas
    this.#maxLimit = maxLimit
    this.#alone = { limit: this.#share, until: Number.NEGATIVE_INFINITY }
  }

  limit(now: number): number {
    if (this.#alone === undefined) return this.#maxLimit
    return now < this.#alone.until ? this.#alone.limit : this.#share
  }

  left(now: number): number {
    return this.#alone === undefined ? this.#left + this.#inHand : this.#leftAlone(now)
  }

  permits(now: number): number {
    return this.#alone === undefined ? this.#inHand : this.#leftAlone(now)
  }

  begin() {
    this.#own.begin()
    this.#underWay += 1
    this.#begunSince += 1
    if (this.#alone !== undefined) return
    this.#inHand -= 1
    if (this.#inHand < this.#target / 2 && this.#left > 0) void this.#exchange()
  }

  end() {
    this.#own.end(this.#options.clock.elapsed())
    this.#underWay -= 1
    this.#ended += 1
  }

  withdraw() {
    this.#own.withdraw()
    this.#underWay -= 1
    if (this.#alone === undefined) this.#inHand += 1
  }

  /** Clever has named a smaller limit. */
  limitTo(limit: number) {
    this.#maxLimit = limit
  }

  async more(): Promise<number> {
    this.#waiting += 1
    try {
      // The exchange that is under way may not know of this call.
      await this.#exchanging
      if (this.permits(this.#options.clock.elapsed()) <= 0) await this.#exchange()
    } finally {
      this.#waiting -= 1
    }
    const now = this.#options.clock.elapsed()
    if (this.permits(now) > 0) return 0
    return this.#alone === undefined ? this.#waitMs : Math.max(this.#freeAlone(now) - now, 1)
  }

  /** Reports to Redis when it is due. Never throws. */
  async tick() {
    const isIdle = this.#begunSince === 0 && this.#ended === 0 && this.#inHand <= this.#target
    const every = isIdle && this.#alone === undefined ? IDLE_EXCHANGE_EVERY_MS : EXCHANGE_EVERY_MS
    if (this.#options.clock.elapsed() - this.#exchangedAt < every) return
    // A busy replica keeps what it has, because it would ask for it again.
    if (this.#begunSince === 0) this.#inHand = Math.min(this.#inHand, this.#target)
    await this.#exchange()
  }

  /** Gives all permits back. Calls that are under way count as ended. */
  async leave() {
    this.#inHand = 0
    await this.#exchanging
    await this.#options.redis.run(EXCHANGE, [this.#options.key], this.#report(true)).catch(() => {})
  }

  get #share(): number {
    return Math.floor(this.#maxLimit / this.#replicas)
  }

  #leftAlone(now: number): number {
    return this.limit(now) - this.#own.count(now)
  }

  #freeAlone(now: number): number {
    const lacking = 1 - this.#leftAlone(now)
    const free = this.#own.freeAt(now, Math.max(lacking, 1))
    return this.#alone !== undefined && now < this.#alone.until ? Math.min(free, this.#alone.until) : free
  }

  /** One exchange at a time: it says what the replica holds, so two would contradict each other. */
  #exchange(): Promise<void> {
    this.#exchanging ??= this.#exchangeOnce().finally(() => {
      this.#exchanging = undefined
    })
    return this.#exchanging
  }

  async #exchangeOnce() {
    const { redis, clock, key } = this.#options
    const reported = this.#ended
    this.#exchangedAt = clock.elapsed()
    this.#begunSince = 0
    try {
      const answer = await redis.run(EXCHANGE, [key], this.#report(false))
      if (!Array.isArray(answer)) return
      const [granted, left, target, waitMs, young, replicas] = answer.slice(0, 6).map(Number)
      const name = String(answer[6])
      this.#ended -= reported
      this.#replicas = Math.max(this.#options.replicas, replicas ?? 1)
      if (name !== this.#name) return this.#meet(name)
      if (young === 1) return this.#goAlone()
      this.#alone = undefined
      this.#inHand += granted ?? 0
      this.#left = left ?? 0
      this.#target = target ?? 0
      this.#waitMs = waitMs ?? 0
    } catch {
      this.#goAlone()
    }
  }

  /** A window that does not know this replica gets all its recent calls, as if they had just ended. */
  async #meet(name: string) {
    const isFirst = this.#name === undefined
    if (!isFirst) this.#goAlone()
    this.#name = name
    this.#ended = this.#own.count(this.#options.clock.elapsed()) - this.#underWay
    await this.#exchangeOnce()
  }

  #report(leaves: boolean) {
    const { replica, replicas } = this.#options
    this.#exchanges += 1
    return [
      replica,
      this.#exchanges,
      leaves ? 0 : this.#underWay,
      this.#inHand,
      this.#ended + (leaves ? this.#underWay : 0),
      this.#waiting,
      this.#maxLimit,
      replicas,
      MAX_IDLE_PERMITS,
      Math.min(MIN_IDLE_PERMITS, Math.floor(this.#maxLimit / (4 * this.#replicas))),
      leaves ? 1 : 0,
      randomUUID(),
    ]
  }

  /**
   * The replicas had at most the limit of calls and permits between them. If each repeats no more than its own part, they
   * stay within the limit. Its share is safe as soon as the calls of the others have left the window.
   */
  #goAlone() {
    if (this.#alone !== undefined) return
    const now = this.#options.clock.elapsed()
    const part = this.#own.count(now) + this.#inHand
    this.#inHand = 0
    this.#alone = { limit: Math.min(part, this.#share), until: now + ALONE_AFTER_MS }
  }
}
