import { Counter, Gauge, type Registry } from 'prom-client'
import { fullLoadMetrics } from './full-load-metrics.ts'
import type { Sources } from './metrics.ts'
import { ROLES } from './model/ranges.ts'
import { EVERYTHING, oldestAsOf } from './store/coverage.ts'

/** Further districts share the label `other`, so that a metric stays small with any number of districts. */
const MAX_DISTRICT_LABELS = 100

/** The label of a district: its id, or `other` beyond the first 100 districts. */
export function createDistrictLabels(): (districtId: string) => string {
  const known = new Set<string>()
  return (districtId) => {
    if (known.has(districtId)) return districtId
    if (known.size >= MAX_DISTRICT_LABELS) return 'other'
    known.add(districtId)
    return districtId
  }
}

export interface DistrictSource {
  readonly registers: Registry[]
  readonly sources: Sources
  readonly label: (districtId: string) => string
}

/** Metrics of the districts that are computed when they are read. */
export function districtMetrics(source: DistrictSource) {
  return { ...storeMetrics(source), ...limiterMetrics(source), ...fullLoadMetrics(source) }
}

function storeMetrics({ registers, sources, label }: DistrictSource) {
  return {
    storeRecords: new Gauge({
      name: 'directory_records',
      help: 'Records held, by district and role.',
      labelNames: ['district', 'role'] as const,
      registers,
      collect() {
        this.reset()
        for (const { store } of sources.districts())
          for (const role of ROLES) this.inc({ district: label(store.districtId), role }, store.size(role))
      },
    }),
    storeBytes: new Gauge({
      name: 'directory_bytes',
      help: 'Memory that the stores take, as counted, by district.',
      labelNames: ['district'] as const,
      registers,
      collect() {
        this.reset()
        for (const { store } of sources.districts())
          this.inc({ district: label(store.districtId) }, store.bytes)
      },
    }),
    storeAge: new Gauge({
      name: 'directory_oldest_seconds',
      help: 'Age of the oldest data of roles that are loaded in full, by district and role; absent while there are none.',
      labelNames: ['district', 'role'] as const,
      registers,
      collect() {
        this.reset()
        const oldest = largest((district, role, age) => this.set({ district, role }, age))
        for (const { store } of sources.districts())
          for (const role of ROLES) {
            const asOf = oldestAsOf(store.coverage(role), EVERYTHING)
            if (asOf !== undefined) oldest(label(store.districtId), role, (sources.now() - asOf) / 1_000)
          }
      },
    }),
    storeReads: new Counter({
      name: 'directory_reads_total',
      help: 'Reads of records, lists and relationships for requests, by district and outcome: hit (the store knew), miss (Clever was asked).',
      labelNames: ['district', 'outcome'] as const,
      registers,
      collect() {
        this.reset()
        for (const { store, reads } of sources.districts()) {
          const district = label(store.districtId)
          this.inc({ district, outcome: 'hit' }, reads.hits)
          this.inc({ district, outcome: 'miss' }, reads.misses)
        }
      },
    }),
  }
}

function limiterMetrics({ registers, sources, label }: DistrictSource) {
  return {
    callsLeft: new Gauge({
      name: 'clever_calls_left',
      help: 'Calls that the token of the district may still send in this minute.',
      labelNames: ['district'] as const,
      registers,
      collect() {
        this.reset()
        const lowest = largest((district, _role, left) => this.set({ district }, -left))
        for (const { client } of sources.districts())
          lowest(label(client.districtId), '', -client.callsLeft())
      },
    }),
    callWaits: new Counter({
      name: 'clever_call_waits_total',
      help: 'Calls that waited for the next minute of the token, by district.',
      labelNames: ['district'] as const,
      registers,
      collect() {
        this.reset()
        for (const { client } of sources.districts())
          this.inc({ district: label(client.districtId) }, client.limiterCounts().waits)
      },
    }),
    callRefusals: new Counter({
      name: 'clever_call_refusals_total',
      help: 'Calls that the rate limiter refused, because the next minute of the token comes after the deadline, by district.',
      labelNames: ['district'] as const,
      registers,
      collect() {
        this.reset()
        for (const { client } of sources.districts())
          this.inc({ district: label(client.districtId) }, client.limiterCounts().refusals)
      },
    }),
  }
}

/** Keeps the largest value of each pair of labels. */
export function largest(set: (district: string, role: string, value: number) => void) {
  const values = new Map<string, number>()
  return (district: string, role: string, value: number) => {
    const key = `${district} ${role}`
    const known = values.get(key) ?? Number.NEGATIVE_INFINITY
    if (value < known) return
    values.set(key, value)
    set(district, role, value)
  }
}
