import type { UserId } from '../model/ids.ts'
import type { Range, Role } from '../model/ranges.ts'
import { oldestAsOf } from './coverage.ts'
import type { DecodedRecords } from './decoded-records.ts'
import type { Dated, RecordPage } from './district-store.ts'
import { rowsOf } from './list-rows.ts'
import { RecentMap } from './recent-map.ts'

/** The minimum number of list parts that are kept, and the maximum number of rows of each. */
const MAX_KEPT_LISTS = 50
const MAX_KEPT_ROWS = 100

type RangeOf<R extends Role> = Range & { readonly role: R }

interface Kept {
  readonly page: RecordPage<'student'> | RecordPage<'contact'>
  readonly revision: number
}

/** Parts of lists. The latest are kept while all of a role is known, until any record of the role changes. */
export class RecentLists {
  readonly #records: DecodedRecords
  readonly #kept = new RecentMap<Kept>(MAX_KEPT_LISTS)

  constructor(records: DecodedRecords) {
    this.#records = records
  }

  list<R extends Role>(
    range: RangeOf<R>,
    minAsOf: number,
    mayBeTruncated: boolean,
  ): Dated<RecordPage<R>> | undefined {
    const asOf = this.#records.tables[range.role].wholeAsOf
    if (asOf === undefined || asOf < minAsOf || range.limit > MAX_KEPT_ROWS)
      return this.#read(range, minAsOf, mayBeTruncated)
    const key = `${range.role} ${range.direction} ${range.beyond} ${range.limit}`
    const revision = this.#records.revision(range.role)
    const known = this.#kept.get(key)
    if (known?.revision === revision) return { value: known.page as RecordPage<R>, asOf }
    const read = this.#read(range, minAsOf, mayBeTruncated)
    if (read !== undefined) this.#kept.set(key, { page: read.value as Kept['page'], revision })
    return read
  }

  #read<R extends Role>(
    range: RangeOf<R>,
    minAsOf: number,
    mayBeTruncated: boolean,
  ): Dated<RecordPage<R>> | undefined {
    const { role } = range
    const table = this.#records.tables[role]
    const rows = rowsOf(table, range, minAsOf, mayBeTruncated)
    if (rows === undefined) return undefined
    const records = rows.entries.map(([id, encoded]) => this.#records.decode(role, id, encoded))
    return {
      asOf: oldestAsOf(table.coverage, rows.span) ?? minAsOf,
      value: {
        records: records.filter((record) => typeof record === 'object'),
        firstId: rows.entries.at(0)?.[0] as UserId | undefined,
        lastId: rows.entries.at(-1)?.[0] as UserId | undefined,
        hasMore: rows.hasMore,
      },
    }
  }
}
