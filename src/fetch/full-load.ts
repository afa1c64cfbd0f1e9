import { MAX_PAGE_ROWS, type Range, type Role } from '../model/ranges.ts'
import {
  type Coverage,
  coveredDownTo,
  coveredUpTo,
  END,
  EVERYTHING,
  gaps,
  idAfter,
  START,
} from '../store/coverage.ts'

export interface FullLoadOptions {
  readonly role: Role
  /** Parts with this as-of time or a later one are not read again. ms since the epoch */
  readonly minAsOf: number
  /** BOTH_ENDS reads from both ends at once: it takes half the time and may cost one more call. */
  readonly from: 'START' | 'BOTH_ENDS'
  readonly coverage: () => Coverage
  /** Reads a page and puts it into the store. */
  readonly read: (range: Range) => Promise<unknown>
}

/**
 * Reads the missing parts of a whole role, 10,000 rows a call. False if some of it could not be stored, or
 * was evicted for lack of memory. Throws the errors of `read`. Pages that were read before stay in the store.
 */
export async function fullLoad({ role, minAsOf, from, coverage, read }: FullLoadOptions): Promise<boolean> {
  const upFrom = (position: string) => coveredUpTo(coverage(), position, minAsOf)
  const downFrom = (position: string) => coveredDownTo(coverage(), position, minAsOf)

  async function forwards(pages = Number.POSITIVE_INFINITY) {
    let position = upFrom(START)
    for (let page = 0; position !== END && page < pages; page += 1) {
      await read({ role, direction: 'forwards', beyond: position || undefined, limit: MAX_PAGE_ROWS })
      const next = upFrom(START)
      // Nothing was stored, or storing it evicted the first part.
      if (next <= position) return
      position = next
    }
  }

  async function backwards() {
    let position = downFrom(END)
    while (position !== START) {
      const beyond = position === END ? undefined : idAfter(position)
      await read({ role, direction: 'backwards', beyond, limit: MAX_PAGE_ROWS })
      const next = downFrom(END)
      if (next >= position) return
      position = next
    }
  }

  if (from === 'BOTH_ENDS') {
    // Most districts end with the first page.
    await forwards(1)
    await Promise.all([forwards(), backwards()])
  } else await forwards()
  return gaps(coverage(), EVERYTHING, minAsOf).length === 0
}
