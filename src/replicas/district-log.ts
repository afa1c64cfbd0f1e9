import type { Clock } from '../clock.ts'
import type { PollEntry, PollLog, Turn } from '../sync/poll-log.ts'
import { GIVE_LEASE, TAKE_LEASE, WRITE_ENTRY } from './log-scripts.ts'
import type { Names } from './names.ts'
import type { Redis } from './redis.ts'
import { ENTRIES_AT_ONCE, isLater, readStream } from './stream.ts'

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
  /** The last entry that was read: its id in Redis, and its number. None at first. */
  #lastKey = ''
  #lastNumber = 0
  /** That entry as it was when Redis had lost it. Then nothing is read before the next BEGIN. */
  #lostKey: string | undefined
  #mustBegin = true
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
      this.#mustBegin = true
      return 'ALONE'
    }
  }

  async read(): Promise<readonly PollEntry[] | 'GAP'> {
    await this.#readNews()
    const [news, hasGap] = [this.#news, this.#hasGap]
    this.#news = []
    this.#hasGap = false
    if (!hasGap) return news
    this.#goToStart()
    return 'GAP'
  }

  get mustBegin(): boolean {
    return this.#mustBegin
  }

  async write(entry: PollEntry): Promise<boolean> {
    const { redis, names, lagMs } = this.#options
    if (this.#mustBegin && entry.kind !== 'BEGIN') return false
    const sealed = names.seal(JSON.stringify(entry), this.#name)
    try {
      const answer = await redis.run(
        WRITE_ENTRY,
        [this.#pollerKey, this.#logKey],
        [this.#holder, KEPT_MS + 2 * lagMs, sealed, this.#lastKey],
      )
      const [key, number] = answer as readonly [string?, number?]
      if (key === undefined) {
        this.#lease = 0
        return false
      }
      // The poller applies what it writes, and has read all entries before.
      this.#lastKey = key
      this.#lastNumber = Number(number)
      this.#mustBegin = false
      this.#lostKey = undefined
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
    if (lease !== this.#lease) this.#mustBegin = true
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
      const found = await readStream(this.#options.redis, this.#logKey, this.#lastKey)
      if (found === undefined) {
        this.#lostKey ??= this.#lastKey
        this.#mustBegin = true
        this.#goToStart()
        continue
      }
      for (const [key, [, number = '0', , sealed = '']] of found) this.#add(key, Number(number), sealed)
      if (found.length < ENTRIES_AT_ONCE) return
    }
  }

  #goToStart() {
    this.#lastKey = ''
    this.#lastNumber = 0
  }

  #add(key: string, number: number, sealed: string) {
    const text = this.#options.names.open(sealed, this.#name)
    const isNext = this.#lastNumber === 0 || number === this.#lastNumber + 1
    this.#lastKey = key
    this.#lastNumber = number
    if (text === undefined) return this.#noteGap()
    // It was sealed by a replica.
    const entry = JSON.parse(text) as PollEntry
    if (this.#lostKey !== undefined && entry.kind !== 'BEGIN') {
      // The log goes on, and what this replica has not read of it is no longer kept.
      if (isLater(key, this.#lostKey)) this.#noteGap()
      return
    }
    this.#lostKey = undefined
    if (!isNext) this.#noteGap()
    this.#news.push(entry)
  }

  #noteGap() {
    this.#hasGap = true
    this.#lostKey = undefined
    this.#news = []
  }
}
