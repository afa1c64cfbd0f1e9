import { loadFully } from './load.ts'
import { type Sample, startSampling } from './samples.ts'
import { printMarkdown } from './table.ts'
import { serverOf, startBench } from './warm-bench.ts'
import { targetOf } from './warm-run.ts'

export interface HeapPlan {
  readonly students: number
  readonly seconds: number
  readonly only: ReadonlySet<string>
  readonly say: (progress: string) => void
}

const EVERY_MS = 5_000
/** Of each case in turn. s */
const TURN = 2
const MB = 1_000_000
/** Before this share of the time caches still fill. */
const SETTLED = 0.2
const LINES = 20

/** Asks the gateway all cases in turn, and prints how its memory grows. */
export async function measureHeap({ students, seconds, only, say }: HeapPlan): Promise<string> {
  await using sampling = await startSampling({ everyMs: EVERY_MS, isAfterGc: true })
  const { nodeArgs, settings } = sampling
  await using bench = await startBench({ students, only, names: ['gateway'], nodeArgs, settings })
  const gateway = serverOf(bench.servers, 'gateway')
  const targets = await Promise.all(bench.cases.map((each) => targetOf(each, gateway)))
  const endsAt = performance.now() + seconds * 1_000
  let requests = 0
  for (let turn = 0; performance.now() < endsAt; turn += 1) {
    const target = targets[turn % targets.length]
    if (target === undefined) throw new Error('no case was chosen')
    requests += (await loadFully(target, TURN)).requests
    await bench.clever.forget()
    say(`${requests.toLocaleString('en')} requests`)
  }
  return printHeap(await sampling.read(), requests)
}

function printHeap(samples: readonly Sample[], requests: number): string {
  const first = samples[0]?.at ?? 0
  const last = samples.at(-1)?.at ?? 0
  const settled = samples.filter(({ at }) => at - first >= (last - first) * SETTLED)
  const step = Math.ceil(samples.length / LINES)
  const rows = samples
    .filter((_, index) => index % step === 0 || index === samples.length - 1)
    .map(({ at, heapUsed, external, rss }) => [
      String(Math.round((at - first) / 1_000)),
      ...[heapUsed, external, rss].map((bytes) => (bytes / MB).toFixed(1)),
    ])
  const slope = (pick: (sample: Sample) => number) => (slopeOf(settled, pick) / MB).toFixed(2)
  return `${printMarkdown(['Seconds', 'Heap after a collection, MB', 'External, MB', 'RSS, MB'], rows, 0)}
- ${requests.toLocaleString('en')} requests of all cases in turn.
- After the first ${SETTLED * 100} % of the time, the heap grew by ${slope(({ heapUsed }) => heapUsed)} MB a minute, RSS by ${slope(({ rss }) => rss)} MB a minute (least squares).
`
}

/** By least squares. Bytes a minute; NaN for fewer than two samples. */
function slopeOf(samples: readonly Sample[], pick: (sample: Sample) => number): number {
  const mean = (numbers: readonly number[]) =>
    numbers.reduce((sum, number) => sum + number, 0) / numbers.length
  const x = samples.map(({ at }) => at / 60_000)
  const y = samples.map(pick)
  const meanX = mean(x)
  const meanY = mean(y)
  const covariance = mean(x.map((each, index) => (each - meanX) * ((y[index] ?? Number.NaN) - meanY)))
  return covariance / mean(x.map((each) => (each - meanX) ** 2))
}
