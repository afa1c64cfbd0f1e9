import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { DistrictId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'

/** Raises, in the log and in a metric, that a large part of a district has gone at once. */
export interface MassChanges {
  /** All of a role has been read: so many rows. Raised where they are far fewer than when all of it was last known. */
  loaded(role: Role, rows: number): void
  /** All of a role is known, kept current by events. Raises nothing. */
  sizeKnown(role: Role, rows: number): void
  /** One poll reported so many deletions among so many records. */
  eventsApplied(deleted: number, of: number): void
}

/** The share of a district's records that no normal day of school deletes. */
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
