import { type DistrictSize, startClever } from './clever.ts'
import { type Settings, startGateway } from './graphs.ts'
import { type Figure, printSeconds } from './load-table.ts'
import { measureLoad } from './measure-load.ts'
import { type AskedCold, askCold, QUERIES } from './one-query.ts'
import type { Report } from './report.ts'
import { cpuMsBetween, startSampling } from './samples.ts'
import { printCalls, printMs } from './table.ts'

interface Plan {
  readonly district: DistrictSize
  readonly gateway: Settings
  readonly report: Report
  readonly isChosen: (row: 1 | 2 | 3) => boolean
}

const MAX_CALLS_OF_PAGE = 60
const SAMPLE_EVERY_MS = 100
const MAX_LOAD = { ms: 4_000, calls: 24 }

/** 1, 2 and 3: a large district at Clever's latencies. */
export async function* measureCold({ district, gateway, report, isChosen }: Plan): AsyncGenerator<Figure> {
  await using clever = await startClever(district)
  const cold = { district, gateway, report }
  if (isChosen(1)) {
    for await (const asked of askCold(clever, { ...cold, queries: [QUERIES[2]] })) {
      yield* figuresOf(`1. ${nameOf(asked)}`, asked, MAX_CALLS_OF_PAGE)
    }
  }
  if (isChosen(2)) {
    for await (const asked of askCold(clever, { ...cold, queries: [QUERIES[3]] })) {
      yield* figuresOf(`2. ${nameOf(asked)}`, asked)
    }
  }
  if (!isChosen(3)) return
  await clever.newMinute()
  await using sampling = await startSampling({ everyMs: SAMPLE_EVERY_MS })
  const settings = { WARM: 'eager', ...sampling.settings, ...gateway }
  await using loading = await startGateway(clever, settings, { nodeArgs: sampling.nodeArgs })
  const { ms, calls, from, to } = await measureLoad(clever, loading)
  const cpuMs = cpuMsBetween(await sampling.read(), from, to)
  const records = (district.students + (district.contacts ?? 0)).toLocaleString('en')
  const title = `3. ${records} records loaded at Clever's latencies`
  const beside = `${printSeconds(cpuMs)} of processor time`
  yield { title, value: ms, target: MAX_LOAD.ms, print: printSeconds, beside }
  yield { title, value: calls, target: MAX_LOAD.calls, print: printCalls }
}

/** Without the number that the query has in `upstream.ts`. */
function nameOf({ title }: AskedCold): string {
  return `${title.replace(/^\d+\. /, '')}, cold`
}

function* figuresOf(title: string, { textbook, cold }: AskedCold, maxCalls?: number): Generator<Figure> {
  // `askCold` has reported the failure.
  if (typeof cold === 'string') return
  const beside = 'the textbook is the target'
  yield { title, value: cold.ms, target: textbook.ms, print: printMs, beside }
  const calls = { title, value: cold.calls, print: printCalls }
  if (maxCalls === undefined) yield { ...calls, target: textbook.calls, beside }
  else yield { ...calls, target: maxCalls, beside: `textbook: ${printCalls(textbook.calls)}` }
}
