import { MOST_ROWS, type Range, type Role } from '../model/ranges.ts'
import {
  type Coverage,
  END,
  EVERYTHING,
  following,
  gaps,
  knownDownTo,
  knownUpTo,
  START,
} from '../store/coverage.ts'

export interface SweepOptions {
  readonly role: Role
  /** What is known since then, in ms since the epoch, is not read again. */
  readonly notBefore: number
  /** BOTH_ENDS takes half the time and may cost one call more. */
  readonly from: 'START' | 'BOTH_ENDS'
  readonly coverage: () => Coverage
  /** Reads a page and learns it. */
  readonly read: (range: Range) => Promise<unknown>
}

/**
 * Reads what is not known yet of a whole role, 10,000 rows a call. False when some of it could not be learned, or did
 * not stay for want of memory. Throws what `read` throws; what was read until then stays.
 */
export async function sweep({ role, notBefore, from, coverage, read }: SweepOptions): Promise<boolean> {
  const upFrom = (place: string) => knownUpTo(coverage(), place, notBefore)
  const downFrom = (place: string) => knownDownTo(coverage(), place, notBefore)

  async function forwards(pages = Number.POSITIVE_INFINITY) {
    let place = upFrom(START)
    for (let page = 0; place !== END && page < pages; page += 1) {
      await read({ role, direction: 'forwards', beyond: place || undefined, limit: MOST_ROWS })
      const next = upFrom(START)
      // Nothing was learned, or what was learned first has been forgotten for it.
      if (next <= place) return
      place = next
    }
  }

  async function backwards() {
    let place = downFrom(END)
    while (place !== START) {
      const beyond = place === END ? undefined : following(place)
      await read({ role, direction: 'backwards', beyond, limit: MOST_ROWS })
      const next = downFrom(END)
      if (next >= place) return
      place = next
    }
  }

  if (from === 'BOTH_ENDS') {
    // Most districts end with the first page.
    await forwards(1)
    await Promise.all([forwards(), backwards()])
  } else await forwards()
  return gaps(coverage(), EVERYTHING, notBefore).length === 0
}
