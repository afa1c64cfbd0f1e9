import { setTimeout as wait } from 'node:timers/promises'
import { type BenchClever, startArithmeticClever } from './clever.ts'
import { readPage } from './clever-user.ts'
import {
  ask,
  type Graph,
  type Question,
  readMetricsUntil,
  type Settings,
  startGateway,
  untilLoaded,
} from './graphs.ts'
import { type Load, loadEvenly, percentile, type Target } from './load.ts'
import { type Figure, printSeconds } from './load-table.ts'
import { median } from './measure.ts'
import { about, ONE_CONTACT, PAGE_OF_CONTACTS } from './one-query.ts'
import type { Report } from './report.ts'
import { longestPauses, type Sampling, startSampling } from './samples.ts'
import { printMs } from './table.ts'

interface Plan {
  readonly gateway: Settings
  readonly report: Report
}

const WARM_RECORDS = 6_000
const LOADED_RECORDS = 100_000
/** Districts that the process is asked about first, so that V8 has compiled what reads a cold page, as in rows 1 and 2. */
const SMALL = { count: 49, records: 300 }
/** Each is loaded once, one after the other. The first ones are reported apart, because V8 compiles code meanwhile. */
const LOADED_DISTRICTS = 9
const FIRST_LOADS = 3
/** Requests a second for the warm district. */
const RATE = 50
const CONNECTIONS = 8
const IDLE_SECONDS = 20
const MAX_LOAD_SECONDS = 120
/** After which a district is loaded in full. */
const REQUESTS_OF_LOADED = 5
const MAX_P99_RATIO = 2
const MAX_PAUSE_MS = 20
const SAMPLE_EVERY_MS = 50
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

const SPEEDS = { clever: "at Clever's latencies", none: 'from a Clever that answers at once' } as const

/** 5. Requests for a warm district while others are loaded. */
export async function* measureBeside(plan: Plan): AsyncGenerator<Figure> {
  yield* measureAt('clever', plan)
  yield* measureAt('none', plan)
}

async function* measureAt(
  latency: keyof typeof SPEEDS,
  { gateway: settings, report }: Plan,
): AsyncGenerator<Figure> {
  const loaded = Array<number>(LOADED_DISTRICTS).fill(LOADED_RECORDS)
  const small = Array<number>(SMALL.count).fill(SMALL.records)
  await using clever = await startArithmeticClever([WARM_RECORDS, ...loaded, ...small], latency)
  await using sampling = await startSampling({ everyMs: SAMPLE_EVERY_MS })
  await using gateway = await startGateway(
    clever,
    { WARM: 'lazy', DIRECTORY_MAX_BYTES: '4000000000', ...sampling.settings, ...settings },
    { others: clever.others, nodeArgs: sampling.nodeArgs },
  )
  await startLoad(gateway, clever.districtId)
  await untilLoaded(gateway, clever.districtId)
  for (const { id: districtId } of clever.others.slice(LOADED_DISTRICTS))
    await ask(gateway, about({ districtId }, PAGE_OF_CONTACTS))
  const target = await targetOf(clever, gateway)
  await loadEvenly(target, RATE, IDLE_SECONDS)
  const idle = await watch(sampling, () => loadIdle(gateway, target))
  report.say(`idle: ${describe(idle)}`)

  const loads: Watched[] = []
  for (const { id } of clever.others.slice(0, LOADED_DISTRICTS)) {
    const ended = new AbortController()
    const beside = await watch(sampling, async () => {
      const load = loadEvenly(target, RATE, MAX_LOAD_SECONDS, ended.signal)
      await startLoad(gateway, id)
      await untilLoaded(gateway, id)
      ended.abort()
      return load
    })
    report.say(`${LOADED_RECORDS} records in ${printSeconds(beside.ms)}: ${describe(beside)}`)
    loads.push(beside)
  }
  const title = `5. While a district of ${LOADED_RECORDS.toLocaleString('en')} loads ${SPEEDS[latency]}`
  yield* figuresOf(title, idle, loads)
}

function* figuresOf(title: string, idle: Watched, loads: readonly Watched[]): Generator<Figure> {
  const [first, later] = [loads.slice(0, FIRST_LOADS), loads.slice(FIRST_LOADS)]
  const idleP99 = percentile(idle.load, 0.99)
  const all = together(later)
  const seconds = printSeconds(median(later.map(({ ms }) => ms)))
  yield {
    title: `${title}: warm p99`,
    value: percentile(all, 0.99),
    target: MAX_P99_RATIO * idleP99,
    print: printMs,
    beside: `idle ${printMs(idleP99)}; ${all.latencies.length} requests, ${RATE} a second, in ${later.length} loads of ${seconds}; first ${FIRST_LOADS} loads of the process ${printMs(percentile(together(first), 0.99))}`,
  }
  const pauses = later.map(({ pauseMs }) => pauseMs)
  yield {
    title: `${title}: longest pause of the event loop`,
    value: Math.max(...pauses),
    target: MAX_PAUSE_MS,
    print: printMs,
    beside: `idle ${printMs(idle.pauseMs)}; median of the loads ${printMs(median(pauses))}; first ${FIRST_LOADS} loads of the process ${printMs(Math.max(...first.map(({ pauseMs }) => pauseMs)))}; longest of the garbage collector ${printMs(Math.max(...later.map(({ gcMs }) => gcMs)))}`,
  }
}

function together(loads: readonly Watched[]): Pick<Load, 'latencies'> {
  return { latencies: Float64Array.from(loads.flatMap(({ load }) => [...load.latencies])).sort() }
}

/** Its metrics are read as often as while a district loads, which costs the gateway some milliseconds each time. */
async function loadIdle(gateway: Graph, target: Target): Promise<Load> {
  const ended = new AbortController()
  const reading = readMetricsUntil(gateway, ended.signal)
  const load = await loadEvenly(target, RATE, IDLE_SECONDS)
  ended.abort()
  await reading
  return load
}

/** Enough requests for both roles. */
async function startLoad(gateway: Graph, districtId: string): Promise<void> {
  for (let time = 0; time < REQUESTS_OF_LOADED; time += 1)
    await ask(gateway, about({ districtId }, PAGE_OF_CONTACTS))
}

/** A page of contacts and one contact in turn. */
async function targetOf(clever: BenchClever, { url }: Graph): Promise<Target> {
  const { data } = await readPage(clever.url, clever.token(), '/users?role=contact&limit=100')
  const questions = data.flatMap(({ data: { id } }): Question[] => [
    { ...ONE_CONTACT, variables: { id } },
    PAGE_OF_CONTACTS,
  ])
  const requests = questions
    .map((question) => about(clever, question))
    .map((question) => ({ body: JSON.stringify(question), headers: HEADERS }))
  return { url, requests, connections: CONNECTIONS }
}

interface Watched extends ReturnType<typeof longestPauses> {
  readonly load: Load
  readonly ms: number
}

async function watch(sampling: Sampling, work: () => Promise<Load>): Promise<Watched> {
  const from = Date.now()
  const load = await work()
  const to = Date.now()
  await wait(2 * SAMPLE_EVERY_MS)
  return { load, ms: to - from, ...longestPauses(await sampling.read(), from, to) }
}

function describe({ load, pauseMs, gcMs }: Watched): string {
  const [p50, p99] = [0.5, 0.99].map((share) => printMs(percentile(load, share)))
  return `p50 ${p50}, p99 ${p99}, longest pause ${printMs(pauseMs)}, of the garbage collector ${printMs(gcMs)}`
}
