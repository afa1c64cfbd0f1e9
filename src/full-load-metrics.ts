import { Counter, Gauge } from 'prom-client'
import { type DistrictSource, largest } from './district-metrics.ts'
import { ROLES } from './model/ranges.ts'

/** How far the full loads are, computed when it is read, and how they ended. */
export function fullLoadMetrics({ registers, sources, label }: DistrictSource) {
  return {
    loadStates: new Gauge({
      name: 'directory_loads',
      help: 'Districts that are to be loaded in full, by district and state: loading, waiting (for a place or for memory), paused (after a failure).',
      labelNames: ['district', 'state'] as const,
      registers,
      collect() {
        this.reset()
        for (const district of sources.districts()) {
          const state = sources.loadState(district)
          if (state !== undefined)
            this.inc({ district: label(district.store.districtId), state: state.kind.toLowerCase() })
        }
      },
    }),
    nextLoad: new Gauge({
      name: 'directory_load_next_attempt_timestamp_seconds',
      help: 'Time of the next attempt at a full load that failed, by district; absent without a failure.',
      labelNames: ['district'] as const,
      registers,
      collect() {
        this.reset()
        const earliest = largest((district, _role, time) => this.set({ district }, -time))
        for (const district of sources.districts()) {
          const state = sources.loadState(district)
          if (state?.kind !== 'PAUSED') continue
          earliest(label(district.store.districtId), '', -state.until / 1_000)
        }
      },
    }),
    loadedShare: new Gauge({
      name: 'directory_loaded_ratio',
      help: 'The share of the records that are held, by district and role; the smallest for districts that share a label. Absent while the number of records is not known.',
      labelNames: ['district', 'role'] as const,
      registers,
      collect() {
        this.reset()
        const smallest = largest((district, role, share) => this.set({ district, role }, -share))
        for (const { store, sizes } of sources.districts())
          for (const role of ROLES) {
            const rows = sizes.rows(role)
            if (rows === undefined) continue
            const share = rows === 0 ? 1 : Math.min(store.size(role) / rows, 1)
            smallest(label(store.districtId), role, -share)
          }
      },
    }),
    loads: new Counter({
      name: 'directory_loads_total',
      help: 'Full loads of a district that ended, by district and outcome: whole, partial (not all can be held), failed, yielded (its place was given to a district that was asked for).',
      labelNames: ['district', 'outcome'] as const,
      registers,
    }),
  }
}
