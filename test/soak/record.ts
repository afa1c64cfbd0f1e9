const MINUTE_MS = 60_000
/** For each promise: the others are only counted. */
const MAX_SHOWN = 8

interface Violation {
  readonly firstSecond: number
  times: number
}

export interface Minute {
  requests: number
  /** Requests that had to be refused, and were. */
  refused: number
  hungUp: number
  readonly failures: Map<string, number>
  readonly latencies: number[]
  rssMb: number
  lagMs: number
  readonly steps: string[]
}

/** All that the soak has seen, by minute, and what broke. */
export class SoakRecord {
  readonly startedAt = Date.now()
  readonly #lastMinute: number
  readonly minutes: Minute[] = []
  readonly #violations = new Map<string, Map<string, Violation>>()
  #entries = 0

  constructor(wholeMs: number) {
    this.#lastMinute = Math.ceil(wholeMs / MINUTE_MS) - 1
  }

  /** The minute of now. The end of the soak counts in the last one. */
  get minute(): Minute {
    const index = Math.min(Math.floor((Date.now() - this.startedAt) / MINUTE_MS), this.#lastMinute)
    while (this.minutes.length <= index) this.minutes.push(emptyMinute())
    return this.minutes[index] ?? emptyMinute()
  }

  fail(code: string) {
    const { failures } = this.minute
    failures.set(code, (failures.get(code) ?? 0) + 1)
  }

  /** A relationship entry was shown, and compared with the truth. */
  checked(entries: number) {
    this.#entries += entries
  }

  get entries(): number {
    return this.#entries
  }

  /** `promise`: what broke, the same text each time. */
  broke(promise: string, detail: string) {
    const details = this.#violations.get(promise) ?? new Map<string, Violation>()
    if (details.size === 0) process.stderr.write(`BROKEN: ${promise}: ${detail}\n`)
    this.#violations.set(promise, details)
    const firstSecond = Math.round((Date.now() - this.startedAt) / 1_000)
    const violation = details.get(detail) ?? { firstSecond, times: 0 }
    violation.times += 1
    details.set(detail, violation)
  }

  /** Empty when every promise was kept. */
  violations(): readonly string[] {
    return [...this.#violations].flatMap(([promise, details]) => [
      `${promise}: ${details.size} kinds`,
      ...[...details]
        .slice(0, MAX_SHOWN)
        .map(
          ([detail, { firstSecond, times }]) => `  ${detail} (${times} times, first after ${firstSecond} s)`,
        ),
    ])
  }
}

function emptyMinute(): Minute {
  return {
    requests: 0,
    refused: 0,
    hungUp: 0,
    failures: new Map(),
    latencies: [],
    rssMb: 0,
    lagMs: 0,
    steps: [],
  }
}
