import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { availableParallelism } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

export interface Child extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly pid: number
}

export interface ChildPlan {
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[]
  readonly script: string
  readonly args?: readonly string[]
  /** All that it finds in its environment, beside PATH. */
  readonly settings: Readonly<Record<string, string>>
  readonly port: number
  /** Whether what it prints is worth reading; it goes to stderr. */
  readonly isHeard: boolean
  /** Answers 200 as soon as the child is ready. */
  readonly readyPath: string
  /** The processor that it runs on, where `isPinned`. */
  readonly processor: (typeof PROCESSORS)[keyof typeof PROCESSORS]
}

/** Clever with the process that sends the requests, and the server that is measured. */
export const PROCESSORS = { clever: '0', server: '1' } as const

/** Whether this machine has two processors, `taskset` and `chrt`. With `--unpinned`, all processes share the processors. */
export const isPinned =
  !process.argv.includes('--unpinned') &&
  availableParallelism() >= 2 &&
  spawnSync('taskset', ['-c', Object.values(PROCESSORS).join(), 'chrt', '--idle', '0', 'true']).status === 0

// The process that sends the requests leaves the processor of the server alone.
if (isPinned) spawnSync('taskset', ['-acp', PROCESSORS.clever, String(process.pid)])

const ROOT = new URL('../../', import.meta.url)
/** ms */
const TIME_TO_START = 60_000
const TIME_TO_STOP = 10_000

const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130))

/** Clever leaves its processor at once to the process that sends the requests, or their latencies would contain a wait for it. */
function yielding(processor: ChildPlan['processor']): readonly string[] {
  return processor === PROCESSORS.clever ? ['chrt', '--idle', '0'] : []
}

/** A process of its own. */
export async function startChild({
  nodeArgs = [],
  script,
  args = [],
  settings,
  port,
  isHeard,
  readyPath,
  processor,
}: ChildPlan): Promise<Child> {
  const command = [process.execPath, ...nodeArgs, script, ...args]
  const [program, ...rest] = isPinned
    ? ['taskset', '-c', processor, ...yielding(processor), ...command]
    : command
  if (program === undefined) throw new TypeError('no program')
  const child = spawn(program, rest, {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      SHUTDOWN_DRAIN_MS: '0',
      DISCLOSURE_QUOTA: 'service=1000000',
      COST_QUOTA: 'guardian=unlimited',
      ...settings,
    },
    stdio: ['ignore', isHeard ? process.stderr : 'ignore', process.stderr],
  })
  running.add(child)
  const { pid } = child
  if (pid === undefined) throw new Error(`${script} cannot be started`)
  const ended = once(child, 'exit').finally(() => running.delete(child))
  const url = `http://127.0.0.1:${port}`
  const startedAt = performance.now()
  while (!(await isUp(url + readyPath))) {
    if (child.exitCode !== null) throw new Error(`${script} ended with ${child.exitCode}`)
    if (performance.now() - startedAt > TIME_TO_START) throw new Error(`${script} does not start`)
    await wait(20)
  }
  return {
    url,
    pid,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), TIME_TO_STOP)
      await ended
      clearTimeout(impatience)
    },
  }
}

async function isUp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port')
  return address.port
}
