import { setTimeout as wait } from 'node:timers/promises'
import { startArithmeticClever } from './clever.ts'
import { ask, type Graph, type Settings, startGateway } from './graphs.ts'
import { type Figure, printSeconds } from './load-table.ts'
import type { Report } from './report.ts'
import { printMs } from './table.ts'

interface Plan {
  /** Of each district. */
  readonly records: number
  readonly gateway: Settings
  readonly report: Report
}

const DISTRICTS = 20
/** The places of the districts that requests ask for, among those that the gateway loads. */
const ASKED = [16, 11, 6]
const PAGE =
  'query ($district: ID!) { contacts(first: 25, districtId: $district) { nodes { id displayName } } }'
const MAX_FIRST_PAGE_MS = 1_000
/** Loads that were under way when the requests came, on two processors. */
const MAX_WHOLE_BEFORE = 2
const BYTES_ALLOWED = '4000000000'
const BETWEEN_LOOKS_MS = 250
const MAX_LOADING_MS = 600_000

/** 7. A gateway that has just started, with 20 districts of which requests ask for three. Times are since it accepts requests. */
export async function* compareManyDistricts({ records, gateway, report }: Plan): AsyncGenerator<Figure> {
  await using clever = await startArithmeticClever(Array<number>(DISTRICTS).fill(records))
  const ids = [clever.districtId, ...clever.others.map(({ id }) => id)]
  const asked = ASKED.map((place) => ids[place] ?? '')
  const settings = { WARM: 'eager', DIRECTORY_MAX_BYTES: BYTES_ALLOWED, ...gateway }
  await using loading = await startGateway(clever, settings, { others: clever.others })
  const startedAt = performance.now()
  const [firstPages, whole] = await Promise.all([
    Promise.all(asked.map((district) => firstPageOf(loading, district, startedAt))),
    wholeTimes(loading, ids, startedAt),
  ])

  const title = `7. ${DISTRICTS} districts of ${records.toLocaleString('en')}, three asked for at the start`
  const timesOf = (districts: readonly string[]) =>
    districts.map((id) => whole.get(id) ?? Number.NaN).toSorted((a, b) => a - b)
  const others = timesOf(ids.filter((id) => !asked.includes(id)))
  const last = timesOf(asked).at(-1) ?? Number.NaN
  yield {
    title: `${title}: first page, the slowest`,
    value: Math.max(...firstPages),
    target: MAX_FIRST_PAGE_MS,
    print: printMs,
    beside: firstPages.map(printMs).join('; '),
  }
  yield {
    title: `${title}: others that are whole before the last of them`,
    value: others.filter((time) => time < last).length,
    target: MAX_WHOLE_BEFORE,
    print: String,
    beside: `asked whole after ${timesOf(asked).map(printSeconds).join('; ')}`,
  }
  const [earliest = Number.NaN] = others
  report.note(
    `Of the ${others.length} districts that nothing asked for, the first was whole after ${printSeconds(earliest)}, the last after ${printSeconds(others.at(-1) ?? Number.NaN)}.`,
  )
}

async function firstPageOf(gateway: Graph, district: string, startedAt: number): Promise<number> {
  const { contacts } = await ask<{ contacts: { nodes: readonly unknown[] } }>(gateway, {
    query: PAGE,
    variables: { district },
  })
  if (contacts.nodes.length === 0) throw new Error('the first page is empty')
  return performance.now() - startedAt
}

/** When each district is whole, in ms since the start, as far as the metrics show. */
async function wholeTimes(
  { url }: Graph,
  ids: readonly string[],
  startedAt: number,
): Promise<ReadonlyMap<string, number>> {
  const times = new Map<string, number>()
  while (times.size < ids.length) {
    await wait(BETWEEN_LOOKS_MS)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const now = performance.now() - startedAt
    const isWhole = (id: string) =>
      ['student', 'contact'].every((role) =>
        metrics.includes(`directory_oldest_seconds{district="${id}",role="${role}"}`),
      )
    for (const id of ids) if (!times.has(id) && isWhole(id)) times.set(id, now)
    if (now > MAX_LOADING_MS) throw new Error(`${times.size} of ${ids.length} districts are loaded`)
  }
  return times
}
