import { setTimeout as delay } from 'node:timers/promises'
import type { SoakRecord } from './record.ts'
import { floorOf, type Point, slopePerMinute } from './slope.ts'
import type { Gateway, World } from './world.ts'

const EVERY_MS = 5_000
const MB = 1_000_000
/** A younger process is still loading and compiling. */
const MIN_LIFE_MS = 240_000

/** MB a minute, after the first fifth of the life of a process. */
const MAX_SLOPES = { rss: 15, heap: 5 }

interface Memory {
  readonly rss: Point[]
  readonly heap: Point[]
}

/** Memory and event-loop lag of the gateways, from their metrics. */
export class Samples {
  readonly #world: World
  readonly #record: SoakRecord
  readonly #memory = new Map<Gateway, Memory>()
  readonly #over = new AbortController()
  readonly #sampling: Promise<void>

  constructor(world: World, record: SoakRecord) {
    this.#world = world
    this.#record = record
    this.#sampling = this.#sample()
  }

  /** A line for each process that has lived long enough, with the growth of its memory. */
  async end(): Promise<readonly string[]> {
    this.#over.abort()
    await this.#sampling
    return [...this.#memory].flatMap(([gateway, memory]) => this.#growthOf(gateway, memory))
  }

  async #sample() {
    while (!this.#over.signal.aborted) {
      await Promise.all(this.#world.serving.map((gateway) => this.#read(gateway)))
      await delay(EVERY_MS, undefined, { signal: this.#over.signal }).catch(() => {})
    }
  }

  async #read(gateway: Gateway) {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/metrics`).catch(() => undefined)
    const text = await response?.text().catch(() => undefined)
    if (text === undefined) return
    const metric = (name: string) => Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1])
    const memory = this.#memory.get(gateway) ?? { rss: [], heap: [] }
    this.#memory.set(gateway, memory)
    const [at, rss] = [Date.now(), metric('process_resident_memory_bytes') / MB]
    memory.rss.push({ at, value: rss })
    memory.heap.push({ at, value: metric('nodejs_heap_size_used_bytes') / MB })
    const { minute } = this.#record
    minute.rssMb = Math.max(minute.rssMb, rss)
    minute.lagMs = Math.max(minute.lagMs, metric('nodejs_eventloop_lag_p99_seconds') * 1_000)
  }

  #growthOf(gateway: Gateway, { rss, heap }: Memory): readonly string[] {
    const lifeMs = (rss.at(-1)?.at ?? 0) - gateway.startedAt
    if (lifeMs < MIN_LIFE_MS) return []
    const later = ({ at }: Point) => at >= gateway.startedAt + lifeMs / 5
    const slopes = {
      rss: slopePerMinute(floorOf(rss.filter(later))),
      heap: slopePerMinute(floorOf(heap.filter(later))),
    }
    const text = `RSS ${slopes.rss.toFixed(2)}, heap ${slopes.heap.toFixed(2)} MB a minute`
    if (slopes.rss > MAX_SLOPES.rss || slopes.heap > MAX_SLOPES.heap) this.#record.broke('memory grew', text)
    return [`port ${gateway.port}, ${Math.round(lifeMs / 1_000)} s: ${text}`]
  }
}
