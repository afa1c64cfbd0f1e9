import { rowsOf } from '../../src/clever/packed-texts.ts'
import type { UserPage } from '../../src/clever/user-page.ts'

/** The same page with its rows as plain objects, which can be compared. */
export function unpacked({ ids, texts, ...page }: UserPage) {
  return { ...page, rows: rowsOf(ids, texts).map(({ id, encoded }) => ({ id, encoded })) }
}
