import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { DistrictId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'

/** Reports, in the log and in a metric, that a large part of a district was deleted at once. */
export interface MassChanges {
  /**
   * Called after a full load with its number of rows. Reports if it is far smaller than when all of the role
   * was last known.
   */
  loaded(role: Role, rows: number): void
  /** Called while all of a role is known and kept current by events. Reports nothing. */
  sizeKnown(role: Role, rows: number): void
  /** Called with the number of deletions in one poll and the number of records. */
  eventsApplied(deleted: number, of: number): void
}

/** The share of a district's records that are never deleted on a normal day. */
const SHARE = 0.1
const MIN_DELETED = 20

export function createMassChanges(districtId: DistrictId, log: Logger, metrics: Metrics): MassChanges {
  const sizes = new Map<Role, number>()

  function raise(deleted: number, of: number, more: object) {
    if (deleted < MIN_DELETED || deleted < of * SHARE) return
    metrics.massChanges.inc()
    log.warn({ districtId, deleted, of, ...more }, 'a large part of the district was deleted at once')
  }

  return {
    loaded(role, rows) {
      const before = sizes.get(role) ?? 0
      raise(before - rows, before, { role, rows })
      sizes.set(role, rows)
    },
    sizeKnown: (role, rows) => void sizes.set(role, rows),
    eventsApplied: (deleted, of) => raise(deleted, of, {}),
  }
}
