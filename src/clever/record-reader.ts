import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { DistrictId } from '../model/ids.ts'
import type { KeptFields } from '../model/optional-fields.ts'
import type { DistrictRecord, UserRecord } from '../model/records.ts'
import type { SchoolRecord } from '../model/schools.ts'
import { parseUser, unknownFields } from './records.ts'
import { parseSchool } from './schools.ts'

export interface RecordReaderOptions {
  readonly districtId: DistrictId
  readonly keptFields?: KeptFields
  readonly log: Logger
  readonly metrics: Metrics
}

/** Reads the records of one district. Counts records that cannot be read, unknown values and truncated values. */
export class RecordReader {
  readonly #options: RecordReaderOptions

  constructor(options: RecordReaderOptions) {
    this.#options = options
  }

  /** Undefined for a record that cannot be read. */
  user(json: unknown, route: string): UserRecord | undefined {
    const { districtId, keptFields, metrics } = this.#options
    const record = parseUser(json, districtId, keptFields)
    if (record === undefined) {
      this.#setAside(route)
      return undefined
    }
    for (const field of unknownFields(record)) metrics.unknownValues.inc({ field })
    this.countCut(record)
    return record
  }

  /** Undefined for a record that cannot be read. */
  school(json: unknown, route: string): SchoolRecord | undefined {
    const { districtId, metrics } = this.#options
    const school = parseSchool(json, districtId, (field) => metrics.valuesTruncated.inc({ field }))
    if (school === undefined) this.#setAside(route)
    return school
  }

  countCut(record: UserRecord | DistrictRecord | undefined) {
    for (const field of record?.truncatedFields ?? []) this.#options.metrics.valuesTruncated.inc({ field })
  }

  #setAside(route: string) {
    const { districtId, log, metrics } = this.#options
    metrics.recordsSkipped.inc({ route })
    log.warn({ route, districtId }, 'a record from Clever could not be read and was skipped')
  }
}
