import { rowsOf } from '../../src/clever/packed-rows.ts'
import type { UserPage } from '../../src/clever/user-page.ts'

/** The same page with its rows as plain objects, which can be compared. */
export function unpacked({ rows, ...page }: UserPage) {
  return { ...page, rows: [...rowsOf(rows)] }
}
