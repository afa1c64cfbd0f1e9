import { startArithmeticClever } from './clever.ts'
import { type Settings, startGateway } from './graphs.ts'
import { type Figure, printMiB, printSeconds } from './load-table.ts'
import { measureLoad } from './measure-load.ts'
import { readMetric } from './metrics.ts'
import type { Report } from './report.ts'
import { cpuMsBetween, longestPauses, startSampling } from './samples.ts'
import { printMs } from './table.ts'

interface Plan {
  readonly records: number
  readonly gateway: Settings
  readonly report: Report
}

/** For a million records. Fewer take their share of the time. */
const MAX_MS = 15_000
const MAX_RSS = 800 * 2 ** 20
const MILLION = 1_000_000
const BYTES_ALLOWED = '4000000000'
const SAMPLE_EVERY_MS = 100

/** 4 and 6: one large district, from a Clever that answers at once. */
export async function* measureMillion({ records, gateway, report }: Plan): AsyncGenerator<Figure> {
  await using clever = await startArithmeticClever([records])
  await using sampling = await startSampling({ everyMs: SAMPLE_EVERY_MS })
  const { nodeArgs } = sampling
  const settings = { DIRECTORY_MAX_BYTES: BYTES_ALLOWED, ...sampling.settings, ...gateway }
  const empty = await emptyMemory()
  await clever.forget()

  await using loading = await startGateway(clever, { WARM: 'eager', ...settings }, { nodeArgs })
  const { ms, calls, from, to } = await measureLoad(clever, loading)
  const title = `4. ${records.toLocaleString('en')} records loaded, Clever at full speed`
  const rate = Math.round(records / (ms / 1_000)).toLocaleString('en')
  const beside = `${rate} records/s, ${calls} calls`
  const samples = await sampling.read()
  const target = MAX_MS * (records / MILLION)
  yield { title, value: ms, target, print: printSeconds, beside }
  yield {
    title: `${title}: processor time of the gateway`,
    value: cpuMsBetween(samples, from, to),
    target,
    print: printSeconds,
    beside: 'what it would take alone on the processor',
  }
  const loaded = samples.at(-1)
  const full = await sampling.collect(loading.pid)
  const perRecord = (bytes: number) => `${Math.round(bytes / records)} bytes a record`
  const counted = await readMetric(loading, 'directory_bytes')
  const name = `6. Resident memory with ${records.toLocaleString('en')} records`
  const print = printMiB
  if (loaded !== undefined)
    yield { title: `${name}, after the load`, value: loaded.rss, target: MAX_RSS, print }
  yield { title: `${name}, peak`, value: full.peakRss, target: MAX_RSS, print }
  report.note(
    `Memory after a full collection: heap ${printMiB(full.heapUsed)}, external ${printMiB(full.external)}, resident ${printMiB(full.rss)}; an empty gateway has ${printMiB(empty.heapUsed)} heap and ${printMiB(empty.rss)} resident. Held: ${perRecord(full.heapUsed + full.external - empty.heapUsed - empty.external)}; counted by the store: ${perRecord(counted)}.`,
  )
  const { pauseMs, gcMs } = longestPauses(samples, from, to)
  report.note(
    `While the ${records.toLocaleString('en')} records loaded, the longest pause of the event loop was ${printMs(pauseMs)}, of the garbage collector ${printMs(gcMs)}.`,
  )

  async function emptyMemory() {
    await using idle = await startGateway(clever, { WARM: 'off', ...settings }, { nodeArgs })
    return sampling.collect(idle.pid)
  }
}
