import type { Clock } from '../clock.ts'
import type { PollEntry, PollLog, Turn } from '../sync/poll-log.ts'
import { GIVE_LEASE, TAKE_LEASE, WRITE_ENTRY } from './log-scripts.ts'
import type { Names } from './names.ts'
import type { Redis } from './redis.ts'

export interface DistrictLogOptions {
  readonly redis: Redis
  readonly clock: Clock
  readonly names: Names
  readonly replica: string
  readonly districtId: string
  /** How late an event may be reported. ms */
  readonly lagMs: number
}

/** How long a poller that says nothing remains the poller. ms */
const LEASE_MS = 5_000
const RENEW_EVERY_MS = 1_500
/** How long entries are kept beyond the lag, so that a replica may start, or a subscriber continue, from them. ms */
const KEPT_MS = 3_600_000
const ENTRIES_AT_ONCE = 1_000

/** The log of one district in Redis, as one replica sees it. */
export class DistrictLog implements PollLog {
  readonly #options: DistrictLogOptions
  readonly #name: string
  /** 0 while this replica is not the poller. */
  #lease = 0
  #leasedAt = Number.NEGATIVE_INFINITY
  /** Whether the district is followed or polled. */
  #isActive = false
  /** Whether Redis answered at the last turn. */
  #isShared = false
  /** The last entry that was read: its id in Redis, and its number. */
  #lastKey = '0'
  #lastNumber = 0
  #news: PollEntry[] = []
  #hasGap = false
  #reading: Promise<void> | undefined
  #notify = () => {}

  constructor(options: DistrictLogOptions) {
    this.#options = options
    this.#name = options.names.hash('district', options.districtId)
  }

  async turn(): Promise<Turn> {
    this.#isActive = true
    try {
      await this.#takeLease()
      this.#isShared = true
      return this.#lease === 0 ? 'FOLLOW' : 'POLL'
    } catch {
      this.#lease = 0
      this.#isShared = false
      return 'ALONE'
    }
  }

  async read(): Promise<readonly PollEntry[] | 'GAP'> {
    await this.#readNews()
    const [news, hasGap] = [this.#news, this.#hasGap]
    this.#news = []
    this.#hasGap = false
    if (!hasGap) return news
    this.#lastKey = '0'
    this.#lastNumber = 0
    return 'GAP'
  }

  async isEmpty(): Promise<boolean> {
    try {
      return Number(await this.#options.redis.send('XLEN', this.#logKey)) === 0
    } catch {
      return false
    }
  }

  async write(entry: PollEntry): Promise<boolean> {
    const { redis, names, lagMs } = this.#options
    const sealed = names.seal(JSON.stringify(entry), this.#name)
    try {
      const answer = await redis.run(
        WRITE_ENTRY,
        [this.#pollerKey, this.#logKey],
        [this.#holder, KEPT_MS + 2 * lagMs, sealed],
      )
      const [key, number] = answer as readonly [string?, number?]
      if (key === undefined) {
        this.#lease = 0
        return false
      }
      // The poller applies what it writes, and has read all entries before.
      this.#lastKey = key
      this.#lastNumber = Number(number)
      return true
    } catch {
      return false
    }
  }

  async leave() {
    this.#isActive = false
    if (this.#lease === 0) return
    const holder = this.#holder
    this.#lease = 0
    await this.#options.redis.run(GIVE_LEASE, [this.#pollerKey], [holder]).catch(() => {})
  }

  get hasNews(): boolean {
    return this.#isActive && this.#isShared && (this.#news.length > 0 || this.#hasGap)
  }

  onNews(listener: () => void) {
    this.#notify = listener
  }

  /** Renews the lease and looks for entries. */
  async tick() {
    if (!this.#isActive) return
    if (this.#lease === 0) await this.#readNews()
    else if (this.#options.clock.elapsed() - this.#leasedAt > RENEW_EVERY_MS)
      await this.#takeLease().catch(() => {})
    if (this.hasNews) this.#notify()
  }

  get #pollerKey() {
    return `ccg:poller:${this.#name}`
  }

  get #logKey() {
    return `ccg:polls:${this.#name}`
  }

  get #holder() {
    return `${this.#options.replica} ${this.#lease}`
  }

  async #takeLease() {
    const { redis, replica, clock } = this.#options
    const keys = [this.#pollerKey, `ccg:fence:${this.#name}`]
    const lease = Number(await redis.run(TAKE_LEASE, keys, [replica, LEASE_MS]))
    this.#lease = this.#isActive ? lease : 0
    this.#leasedAt = clock.elapsed()
  }

  /** Reads one after the other, so that no entry is read twice. */
  async #readNews() {
    this.#reading = (this.#reading ?? Promise.resolve()).then(() => this.#readOnce()).catch(() => {})
    await this.#reading
  }

  async #readOnce() {
    for (;;) {
      const { redis } = this.#options
      const answer = await redis.send(
        'XRANGE',
        this.#logKey,
        `(${this.#lastKey}`,
        '+',
        'COUNT',
        ENTRIES_AT_ONCE,
      )
      const found = answer as readonly [key: string, fields: readonly string[]][]
      for (const [key, [, number = '0', , sealed = '']] of found) this.#add(key, Number(number), sealed)
      if (found.length < ENTRIES_AT_ONCE) return
    }
  }

  #add(key: string, number: number, sealed: string) {
    const text = this.#options.names.open(sealed, this.#name)
    const isNext = this.#lastNumber === 0 || number === this.#lastNumber + 1 || number === 1
    if (!isNext || text === undefined) {
      this.#hasGap = true
      this.#news = []
    }
    this.#lastKey = key
    this.#lastNumber = number
    // It was sealed by a replica.
    if (text !== undefined) this.#news.push(JSON.parse(text) as PollEntry)
  }
}
