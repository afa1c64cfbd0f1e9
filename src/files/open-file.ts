import { close, fstatSync, write } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type LineTarget, NotWritten } from '../line-writer.ts'

const writeSome = promisify(write)
const closeFd = promisify(close)

/** How often a full pipe is tried again. ms */
const RETRY_MS = 20
const NEWLINE = 0x0a

/**
 * An open file that is only appended to. After a write that ended in the middle of a line, the next write
 * begins on a line of its own. A deleted file is refused, because lines written to it would be lost.
 */
export class OpenFile implements LineTarget {
  readonly #fd: number
  readonly #isRegular: boolean
  #isTorn: boolean
  #isClosed = false

  constructor(fd: number, isRegular: boolean, isTorn = false) {
    this.#fd = fd
    this.#isRegular = isRegular
    this.#isTorn = isTorn
  }

  /** Rejects with the error of the system, or NotWritten: DELETED. */
  async write(lines: Buffer): Promise<void> {
    const bytes = this.#isTorn ? Buffer.concat([Buffer.of(NEWLINE), lines]) : lines
    let written = 0
    try {
      while (written < bytes.length) written += await this.#writeSome(bytes.subarray(written))
    } finally {
      if (written > 0) this.#isTorn = bytes[written - 1] !== NEWLINE
    }
    // This does not wait for the disk, because it follows a write.
    if (this.#isRegular && fstatSync(this.#fd).nlink === 0) throw new NotWritten('DELETED')
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await closeFd(this.#fd)
  }

  async #writeSome(bytes: Buffer): Promise<number> {
    for (;;) {
      try {
        return (await writeSome(this.#fd, bytes)).bytesWritten
      } catch (error) {
        const isFull = error instanceof Error && 'code' in error && error.code === 'EAGAIN'
        if (!isFull || this.#isClosed) throw error
        await delay(RETRY_MS, undefined, { ref: false })
      }
    }
  }
}
