import type { UserId } from '../model/ids.ts'
import type { Range, Role } from '../model/ranges.ts'
import { oldest } from './coverage.ts'
import type { DecodedRecords } from './decoded-records.ts'
import type { Known, Listed } from './district-store.ts'
import { rowsOf } from './list-rows.ts'
import { RecentMap } from './recent-map.ts'

/** Parts of lists that are kept, at least, each of so many rows at most. */
const MAX_KEPT_LISTS = 50
const MAX_KEPT_ROWS = 100

type RangeOf<R extends Role> = Range & { readonly role: R }

interface Kept {
  readonly listed: Listed<'student'> | Listed<'contact'>
  readonly revision: number
}

/** Parts of lists, of which the last are kept while all of a role is known, until any record of the role changes. */
export class RecentLists {
  readonly #records: DecodedRecords
  readonly #kept = new RecentMap<Kept>(MAX_KEPT_LISTS)

  constructor(records: DecodedRecords) {
    this.#records = records
  }

  list<R extends Role>(
    range: RangeOf<R>,
    notBefore: number,
    mayBeCut: boolean,
  ): Known<Listed<R>> | undefined {
    const since = this.#records.shelves[range.role].wholeSince
    if (since === undefined || since < notBefore || range.limit > MAX_KEPT_ROWS)
      return this.#read(range, notBefore, mayBeCut)
    const key = `${range.role} ${range.direction} ${range.beyond} ${range.limit}`
    const revision = this.#records.revision(range.role)
    const known = this.#kept.get(key)
    if (known?.revision === revision) return { value: known.listed as Listed<R>, since }
    const read = this.#read(range, notBefore, mayBeCut)
    if (read !== undefined) this.#kept.set(key, { listed: read.value as Kept['listed'], revision })
    return read
  }

  #read<R extends Role>(
    range: RangeOf<R>,
    notBefore: number,
    mayBeCut: boolean,
  ): Known<Listed<R>> | undefined {
    const { role } = range
    const shelf = this.#records.shelves[role]
    const rows = rowsOf(shelf, range, notBefore, mayBeCut)
    if (rows === undefined) return undefined
    const records = rows.entries.map(([id, packed]) => this.#records.unpack(role, id, packed))
    return {
      since: oldest(shelf.coverage, rows.span) ?? notBefore,
      value: {
        records: records.filter((record) => typeof record === 'object'),
        firstId: rows.entries.at(0)?.[0] as UserId | undefined,
        lastId: rows.entries.at(-1)?.[0] as UserId | undefined,
        hasMore: rows.hasMore,
      },
    }
  }
}
