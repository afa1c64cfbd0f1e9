import { fstatSync } from 'node:fs'
import { Socket } from 'node:net'
import { OpenFile } from './files/open-file.ts'
import { type LineTarget, NotWritten } from './line-writer.ts'

export const STDOUT = 1

/**
 * Stdout as the target of a writer. A pipe or a socket never blocks the event loop, even if it is not read. A
 * terminal or a file is written by a thread. Nothing else of the process may write to stdout:
 * `process.stdout` would be a second stream on the same pipe.
 */
export function openStdout(): LineTarget {
  const stats = fstatSync(STDOUT)
  if (stats.isFIFO() || stats.isSocket()) return new Pipe()
  // An earlier process may have stopped in the middle of a line. An extra empty line does no harm.
  const isTorn = stats.isFile() && stats.size > 0
  const file = new OpenFile(STDOUT, stats.isFile(), isTorn)
  return { write: (bytes) => file.write(bytes), close: async () => {} }
}

class Pipe implements LineTarget {
  readonly #socket = new Socket({ fd: STDOUT, readable: false, writable: true })

  constructor() {
    // Each write rejects with the error. libuv leaves the descriptor itself open.
    this.#socket.on('error', () => {})
  }

  write(bytes: Buffer): Promise<void> {
    if (this.#socket.destroyed) return Promise.reject(new NotWritten('EPIPE'))
    return new Promise((resolve, reject) =>
      this.#socket.write(bytes, (error) => (error ? reject(error) : resolve())),
    )
  }

  /** A pending write would keep the process alive. */
  async close(): Promise<void> {
    this.#socket.destroy()
  }
}
