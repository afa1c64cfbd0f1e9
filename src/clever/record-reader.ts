import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { DistrictId } from '../model/ids.ts'
import { type KeptFields, NO_OPTIONAL_FIELDS } from '../model/optional-fields.ts'
import type { DistrictRecord, UserRecord } from '../model/records.ts'
import type { SchoolRecord } from '../model/schools.ts'
import { RecordCounter, type RecordCounts } from './record-counts.ts'
import { parseUser } from './records.ts'
import { parseSchool } from './schools.ts'

export interface RecordReaderOptions {
  readonly districtId: DistrictId
  readonly keptFields?: KeptFields
  readonly log: Logger
  readonly metrics: Metrics
}

/** Reads the records of one district. Counts records that cannot be read, unknown values and truncated values. */
export class RecordReader {
  readonly districtId: DistrictId
  readonly keptFields: KeptFields
  readonly #options: RecordReaderOptions

  constructor(options: RecordReaderOptions) {
    this.districtId = options.districtId
    this.keptFields = options.keptFields ?? NO_OPTIONAL_FIELDS
    this.#options = options
  }

  /** Undefined for a record that cannot be read. */
  user(json: unknown, route: string): UserRecord | undefined {
    const counter = new RecordCounter()
    const record = counter.count(parseUser(json, this.districtId, this.keptFields))
    this.report(counter.counts, route)
    return record
  }

  /** Undefined for a record that cannot be read. */
  school(json: unknown, route: string): SchoolRecord | undefined {
    const { metrics } = this.#options
    const school = parseSchool(json, this.districtId, (field) => metrics.valuesTruncated.inc({ field }))
    if (school === undefined) this.#reportUnreadable(1, route)
    return school
  }

  /** Adds what was counted in an answer to the metrics. */
  report({ unreadable, unknown, truncated }: RecordCounts, route: string) {
    const { metrics } = this.#options
    for (const [field, count] of unknown) metrics.unknownValues.inc({ field }, count)
    for (const [field, count] of truncated) metrics.valuesTruncated.inc({ field }, count)
    if (unreadable > 0) this.#reportUnreadable(unreadable, route)
  }

  countCut(record: UserRecord | DistrictRecord | undefined) {
    for (const field of record?.truncatedFields ?? []) this.#options.metrics.valuesTruncated.inc({ field })
  }

  #reportUnreadable(records: number, route: string) {
    const { log, metrics } = this.#options
    metrics.recordsSkipped.inc({ route }, records)
    log.warn(
      { route, districtId: this.districtId, records },
      'records from Clever could not be read and were skipped',
    )
  }
}
