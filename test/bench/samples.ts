import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/** One line of `sample-process.ts`. */
export interface Sample {
  /** ms since the epoch */
  readonly at: number
  /** Whether a full collection came before. */
  readonly isCollected: boolean
  /** bytes */
  readonly heapUsed: number
  readonly external: number
  readonly rss: number
  readonly peakRss: number
  /** Of all threads, since the process started. */
  readonly cpuMs: number
  /** Since the sample before: of the event loop, and of the garbage collector on the main thread. */
  readonly longestPauseMs: number
  readonly longestGcMs: number
}

/** The samples of a gateway that was started with these. */
export interface Sampling extends AsyncDisposable {
  readonly nodeArgs: readonly string[]
  readonly settings: Readonly<Record<string, string>>
  read(): Promise<readonly Sample[]>
  /** The memory of the process after a full collection. */
  collect(pid: number): Promise<Sample>
}

export interface SamplingPlan {
  readonly everyMs: number
  /** Default false. */
  readonly isAfterGc?: boolean
}

const MAX_GC_MS = 30_000

export async function startSampling({ everyMs, isAfterGc = false }: SamplingPlan): Promise<Sampling> {
  const folder = await mkdtemp(join(tmpdir(), 'samples-'))
  const file = join(folder, 'samples.jsonl')

  async function read(): Promise<readonly Sample[]> {
    const text = await readFile(file, 'utf8').catch(() => '')
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).trim()
    return lines === '' ? [] : lines.split('\n').map((line) => JSON.parse(line) as Sample)
  }
  const collected = async () => (await read()).filter(({ isCollected }) => isCollected)

  return {
    nodeArgs: ['--expose-gc', '--import', './test/bench/sample-process.ts'],
    settings: {
      SAMPLE_FILE: file,
      SAMPLE_EVERY_MS: String(everyMs),
      SAMPLE_AFTER_GC: String(isAfterGc),
    },
    read,
    async collect(pid) {
      const { length } = await collected()
      process.kill(pid, 'SIGUSR2')
      for (let waitedMs = 0; waitedMs < MAX_GC_MS; waitedMs += 50) {
        const sample = (await collected())[length]
        if (sample !== undefined) return sample
        await wait(50)
      }
      throw new Error('the gateway takes no sample')
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}

/** The longest of the samples that were taken from `from` to `to`, and the first after. ms */
export function longestPauses(samples: readonly Sample[], from: number, to: number) {
  const after = samples.find(({ at }) => at > to)
  const within = samples.filter(({ at }) => at > from && at <= to).concat(after ?? [])
  return {
    pauseMs: Math.max(0, ...within.map(({ longestPauseMs }) => longestPauseMs)),
    gcMs: Math.max(0, ...within.map(({ longestGcMs }) => longestGcMs)),
  }
}

/** The processor time between the samples next to `from` and `to`. ms */
export function cpuMsBetween(samples: readonly Sample[], from: number, to: number): number {
  const before = samples.findLast(({ at }) => at <= from)
  const after = samples.find(({ at }) => at >= to) ?? samples.at(-1)
  return (after?.cpuMs ?? Number.NaN) - (before?.cpuMs ?? 0)
}
