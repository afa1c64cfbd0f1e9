import type { UserRecord } from '../model/records.ts'
import { findUnknownValues } from './records.ts'

/** What the metrics count of the records of one answer. Fields are named by the code, never by data. */
export interface RecordCounts {
  /** The records that could not be read. */
  readonly unreadable: number
  /** Values that Clever does not document, by field. */
  readonly unknown: ReadonlyMap<string, number>
  /** Values that were truncated, by field. */
  readonly truncated: ReadonlyMap<string, number>
}

export class RecordCounter {
  #unreadable = 0
  readonly #unknown = new Map<string, number>()
  readonly #truncated = new Map<string, number>()
  readonly countUnknown = (field: string) => increase(this.#unknown, field)

  /** Counts a record, which is undefined if it could not be read. Returns it. */
  count(user: UserRecord | undefined): UserRecord | undefined {
    if (user === undefined) {
      this.#unreadable += 1
      return undefined
    }
    findUnknownValues(user, this.countUnknown)
    for (const field of user.truncatedFields ?? []) increase(this.#truncated, field)
    return user
  }

  get counts(): RecordCounts {
    return { unreadable: this.#unreadable, unknown: this.#unknown, truncated: this.#truncated }
  }
}

function increase(counts: Map<string, number>, field: string) {
  counts.set(field, (counts.get(field) ?? 0) + 1)
}
