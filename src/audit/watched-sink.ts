import type { AuditSink } from './audit.ts'

/** How often a sink that failed is tried again while readiness is asked for. ms */
const TRY_EVERY_MS = 1_000

/** A sink that knows whether it takes lines. */
export class WatchedSink implements AuditSink {
  readonly #sink: AuditSink
  #isFailing = false
  #isTrying = false
  #triedAt = Number.NEGATIVE_INFINITY

  constructor(sink: AuditSink) {
    this.#sink = sink
  }

  /**
   * Whether the last line was written. After a failure no answer may come that would write the next line, so each
   * question tries a line of its own, once a second at most. Such a line discloses nothing.
   */
  isWritable(): boolean {
    const now = performance.now()
    if (this.#isFailing && !this.#isTrying && now - this.#triedAt >= TRY_EVERY_MS) {
      this.#isTrying = true
      this.#triedAt = now
      const over = () => {
        this.#isTrying = false
      }
      const line = `{"audit":"check","time":"${new Date().toISOString()}"}\n`
      this.append(line, this).then(over, over)
    }
    return !this.#isFailing
  }

  append(lines: string, ticket: object): Promise<void> {
    const written = this.#sink.append(lines, ticket)
    written.then(
      () => {
        this.#isFailing = false
      },
      () => {
        this.#isFailing = true
      },
    )
    return written
  }

  cancel(ticket: object): void {
    this.#isFailing = true
    this.#sink.cancel?.(ticket)
  }

  close(): Promise<void> {
    return this.#sink.close()
  }
}
