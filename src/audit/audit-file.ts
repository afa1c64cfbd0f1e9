import { type BigIntStats, close, constants, fstat, open, read, stat } from 'node:fs'
import { promisify } from 'node:util'
import { OpenFile } from '../files/open-file.ts'
import type { LineTarget } from '../line-writer.ts'
import { NotWritten } from '../line-writer.ts'

const openFd = promisify(open)
const closeFd = promisify(close)
const statOf = promisify(fstat)
const statAt = promisify(stat)
const readSome = promisify(read)

const { O_WRONLY, O_RDONLY, O_APPEND, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants
/** A full named pipe, or one without a reader, gives an error at once and does not block a thread. */
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY
const OWNER_ONLY = 0o600
/** Gives up on a file that is deleted again and again. */
const ATTEMPTS = 3
const NEWLINE = 0x0a

interface Opened {
  readonly file: OpenFile
  readonly dev: bigint
  readonly ino: bigint
}

/**
 * The file at a path, as a target of lines. Before each write the path is checked. If it leads to another
 * file or to none, it is opened again and created with access for its owner only. While that fails, each
 * write rejects and the next one tries again. Cost: two status calls a write.
 */
export class AuditFile implements LineTarget {
  readonly #path: string
  #opened: Opened | undefined
  #isReopenAsked = false

  constructor(path: string) {
    this.#path = path
  }

  /** Makes the next write open the path again. */
  askToReopen(): void {
    this.#isReopenAsked = true
  }

  /** Rejects with the error of the system. With no bytes, it only opens the file. */
  async write(lines: Buffer): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const file = await this.#current()
      try {
        return await file.write(lines)
      } catch (error) {
        const isDeleted = error instanceof NotWritten && error.code === 'DELETED'
        if (!isDeleted || attempt === ATTEMPTS) throw error
      }
    }
  }

  async close(): Promise<void> {
    await this.#opened?.file.close()
  }

  async #current(): Promise<OpenFile> {
    const before = this.#opened
    if (before !== undefined && !this.#isReopenAsked && (await this.#isAtPath(before))) return before.file
    const next = await openAt(this.#path)
    this.#opened = next
    this.#isReopenAsked = false
    // Earlier lines were already acknowledged, so an error is ignored.
    await before?.file.close().catch(() => {})
    return next.file
  }

  async #isAtPath({ dev, ino }: Opened): Promise<boolean> {
    const there = await statAt(this.#path, { bigint: true }).catch(unlessMissing)
    return there !== undefined && there.dev === dev && there.ino === ino
  }
}

async function openAt(path: string): Promise<Opened> {
  const fd = await openFd(path, FLAGS, OWNER_ONLY)
  try {
    const stats = await statOf(fd, { bigint: true })
    const isTorn = stats.isFile() && stats.size > 0n && !(await endsWithLine(path, stats))
    return { file: new OpenFile(fd, stats.isFile(), isTorn), dev: stats.dev, ino: stats.ino }
  } catch (error) {
    await closeFd(fd)
    throw error
  }
}

/** Also false if the file cannot be read, because an extra empty line does no harm. */
async function endsWithLine(path: string, { size }: BigIntStats): Promise<boolean> {
  try {
    const fd = await openFd(path, O_RDONLY)
    try {
      const last = Buffer.alloc(1)
      await readSome(fd, last, 0, 1, Number(size) - 1)
      return last[0] === NEWLINE
    } finally {
      await closeFd(fd)
    }
  } catch {
    return false
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
  return undefined
}
