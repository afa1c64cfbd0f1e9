import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { Readable } from 'node:stream'

const ROOT = new URL('../..', import.meta.url)

export interface RunOptions {
  readonly environment?: Record<string, string>
  /** What follows `src/main.ts`. */
  readonly args?: readonly string[]
  /** What stands before it, for Node. */
  readonly nodeArgs?: readonly string[]
  /** A file of the test's own in place of a pipe that is read. */
  readonly stdout?: number
  /** A limit in KiB to the size of each file that the process writes: a disk that gets full in the middle of a line. */
  readonly largestFileKiB?: number
}

export interface RunningMain extends AsyncDisposable {
  readonly child: ChildProcess
  /** Stdout and stderr so far. */
  output(): string
  /** What the pattern's group matches, as soon as the process has printed it. */
  printed(pattern: RegExp): Promise<string>
  /** The exit code, or the signal that ended the process. */
  readonly ended: Promise<number | string | null>
}

/** The process as `npm start` runs it, with nothing but these settings. Killed at the end of the scope. */
export function runMain(options: RunOptions = {}): RunningMain {
  const { environment = {}, args = [], nodeArgs = [], stdout = 'pipe', largestFileKiB } = options
  const command = [process.execPath, ...nodeArgs, 'src/main.ts', ...args]
  const limit = ['bash', '-c', `ulimit -S -f ${largestFileKiB}; exec "$@"`, 'bash']
  const [file = '', ...rest] = largestFileKiB === undefined ? command : [...limit, ...command]
  const child = spawn(file, rest, {
    cwd: ROOT,
    env: { PORT: '0', ...environment },
    stdio: ['ignore', stdout, 'pipe'],
  })
  let output = ''
  const grown = new EventEmitter()
  const read = (stream: Readable | null) =>
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      grown.emit('output')
    })
  read(child.stdout)
  read(child.stderr)
  return {
    child,
    output: () => output,
    async printed(pattern) {
      for (;;) {
        const [, group] = pattern.exec(output) ?? []
        if (group !== undefined) return group
        await once(grown, 'output')
      }
    },
    ended: once(child, 'exit').then(([code, signal]) => code ?? signal),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
    },
  }
}
