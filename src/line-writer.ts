import { writeSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Takes bytes, one write at a time. */
export interface LineTarget {
  /** Resolves when all bytes are written, and keeps them no longer. May stay pending while the disk or the reader hangs. */
  write(bytes: Buffer): Promise<void>
  /** Gives up a pending write, if that is possible, and closes the file. */
  close(): Promise<void>
}

/** Lines that were not written. `code` has the reason: TIMEOUT, QUEUE_FULL, STUCK, DELETED, CLOSED. */
export class NotWritten extends Error {
  override readonly name = 'NotWritten'
  readonly code: string
  constructor(code: string) {
    super('the lines are not written')
    this.code = code
  }
}

export interface LineWriterOptions {
  /** If a write takes longer than this, new lines are refused at once. ms */
  readonly stuckAfterMs: number
  /** Log lines were dropped, because the target took no more. */
  readonly onDropped?: (lines: number) => void
  /** The target takes lines again, after this number of log lines was dropped. */
  readonly onRecovered?: (dropped: number) => void
}

interface Entry {
  lines: string
  readonly isLog: boolean
  readonly ticket?: object | undefined
  settle(error?: unknown): void
}

interface LogEntry extends Entry {
  count: number
}

const MAX_AUDIT_BYTES = 16_000_000
const MAX_LOG_BYTES = 1_000_000
const MAX_WRITE_BYTES = 1_000_000
/** Lines are gathered for this long, while each turn of the event loop brings more: a write wakes a thread, which costs as much as an answer. */
const GATHER_MS = 2
/** Nothing waits for the log, so its lines are gathered for longer. */
const LOG_DELAY_MS = 20
const CLOSE_PATIENCE_MS = 1_000
const BUFFER_BYTES = 500_000
/** In UTF-8. */
const MAX_BYTES_PER_CHARACTER = 3

/**
 * The one writer of a file or of stdout. It writes whole lines in the order in which they came. The lines of successive turns of the
 * event loop go into one write, and log lines wait up to 20 ms for others. At most one write is outstanding, so a hanging disk holds
 * one thread of libuv's pool.
 */
export class LineWriter {
  readonly #target: LineTarget
  readonly #options: LineWriterOptions
  readonly #queue = new Set<Entry>()
  readonly #waitingBytes = { audit: 0, log: 0 }
  #lastLog: LogEntry | undefined
  #draining: Promise<void> | undefined
  #logTimer: NodeJS.Timeout | undefined
  #writeStartedAt: number | undefined
  #buffer: Buffer | undefined
  #dropped = 0
  #isClosed = false

  constructor(target: LineTarget, options: LineWriterOptions) {
    this.#target = target
    this.#options = options
  }

  /** Resolves when the lines are written. Rejects when they are not. `ticket` is for `cancel`. Throws nothing. */
  append(lines: string, ticket?: object): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const refusal = this.#refusal(lines.length)
    if (refusal !== undefined) reject(new NotWritten(refusal))
    else {
      const settle = (error?: unknown) => (error === undefined ? resolve() : reject(error))
      this.#enqueue({ lines, isLog: false, ticket, settle })
    }
    return promise
  }

  /** Removes lines from the queue if nothing waits for them any more. Their promise stays pending. */
  cancel(ticket: object): void {
    for (const entry of this.#queue) if (entry.ticket === ticket) this.#remove(entry)
  }

  /** For the log: the lines are dropped and counted when they cannot be written. */
  offer(lines: string): void {
    if (this.#isClosed || this.#waitingBytes.log + lines.length > MAX_LOG_BYTES) this.#drop(1)
    else if (this.#lastLog !== undefined && this.#queue.has(this.#lastLog)) this.#extend(this.#lastLog, lines)
    else this.#enqueueLog(lines)
  }

  /** The log lines of one turn are one entry. */
  #extend(entry: LogEntry, lines: string): void {
    entry.lines += lines
    entry.count += 1
    this.#waitingBytes.log += lines.length
  }

  #enqueueLog(lines: string): void {
    const entry: LogEntry = {
      lines,
      isLog: true,
      count: 1,
      settle: (error?: unknown) => {
        if (error !== undefined) this.#drop(entry.count)
      },
    }
    this.#lastLog = entry
    this.#enqueue(entry)
  }

  /** For the end of a process: writes the waiting lines that the target accepts without a wait. */
  flushSync(fd: number): void {
    if (this.#writeStartedAt !== undefined) return
    const rest = Buffer.from([...this.#queue].map(({ lines }) => lines).join(''))
    this.#queue.clear()
    if (rest.length === 0) return
    try {
      writeSync(fd, rest)
    } catch {
      // The process ends, and nothing can report the failure.
    }
  }

  /** Writes the waiting lines, for at most a second, and closes the target. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#startDrain()
    await patiently(this.#draining)
    for (const { settle } of this.#queue) settle(new NotWritten('CLOSED'))
    this.#queue.clear()
    // All acknowledged lines are written: an error of closing takes none of them back.
    await patiently(this.#target.close().catch(() => {}))
  }

  #refusal(length: number): string | undefined {
    if (this.#isClosed) return 'CLOSED'
    const startedAt = this.#writeStartedAt
    if (startedAt !== undefined && performance.now() - startedAt > this.#options.stuckAfterMs) return 'STUCK'
    return this.#waitingBytes.audit + length > MAX_AUDIT_BYTES ? 'QUEUE_FULL' : undefined
  }

  #enqueue(entry: Entry): void {
    this.#queue.add(entry)
    this.#waitingBytes[entry.isLog ? 'log' : 'audit'] += entry.lines.length
    if (entry.isLog) this.#logTimer ??= setTimeout(() => this.#startDrain(), LOG_DELAY_MS)
    else this.#startDrain()
  }

  #startDrain(): void {
    clearTimeout(this.#logTimer)
    this.#logTimer = undefined
    this.#draining ??= this.#drain()
  }

  #remove(entry: Entry): void {
    if (this.#queue.delete(entry)) this.#waitingBytes[entry.isLog ? 'log' : 'audit'] -= entry.lines.length
  }

  #drop(lines: number): void {
    this.#dropped += lines
    this.#options.onDropped?.(lines)
  }

  async #drain(): Promise<void> {
    await this.#gather()
    while (this.#queue.size > 0) {
      const batch = this.#take()
      this.#writeStartedAt = performance.now()
      const error = await this.#write(batch)
      this.#writeStartedAt = undefined
      for (const { settle } of batch) settle(error)
      if (error === undefined) this.#tellDropped()
      if (this.#queue.size > 0) await this.#gather()
    }
    this.#draining = undefined
  }

  /** Ends after the first turn of the event loop without a new line. */
  async #gather(): Promise<void> {
    const until = performance.now() + GATHER_MS
    let before: number
    do {
      before = this.#queue.size
      await nextTurn()
    } while (this.#queue.size > before && performance.now() < until)
  }

  #take(): Entry[] {
    const batch: Entry[] = []
    let length = 0
    for (const entry of this.#queue) {
      length += entry.lines.length
      if (batch.length > 0 && length > MAX_WRITE_BYTES) break
      batch.push(entry)
    }
    for (const entry of batch) this.#remove(entry)
    return batch
  }

  async #write(batch: readonly Entry[]): Promise<unknown> {
    try {
      await this.#target.write(this.#encode(batch.map(({ lines }) => lines).join('')))
      return undefined
    } catch (error) {
      return error ?? new NotWritten('UNKNOWN')
    }
  }

  /**
   * All writes use the same buffer, because at most one write is outstanding. New buffers would cause garbage
   * collections.
   */
  #encode(text: string): Buffer {
    if (text.length * MAX_BYTES_PER_CHARACTER > BUFFER_BYTES) return Buffer.from(text)
    this.#buffer ??= Buffer.allocUnsafeSlow(BUFFER_BYTES)
    return this.#buffer.subarray(0, this.#buffer.write(text))
  }

  #tellDropped(): void {
    const dropped = this.#dropped
    if (dropped === 0 || this.#isClosed) return
    this.#dropped = 0
    this.#options.onRecovered?.(dropped)
  }
}

async function patiently(ending: Promise<void> | undefined): Promise<void> {
  const { promise: enough, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, CLOSE_PATIENCE_MS)
  await Promise.race([ending, enough])
  clearTimeout(timer)
}
