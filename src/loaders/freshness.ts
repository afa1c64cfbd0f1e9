/** How old what one request was told is. */
export interface Freshness {
  /** `since`: when Clever said so, in ms since the epoch. */
  note(since: number): void
  /** Of what was older than it should be, as Clever could not be asked. */
  noteStale(since: number): void
  /** Undefined while nothing was told. */
  oldest(): { readonly since: number; readonly isStale: boolean } | undefined
}

export function createFreshness(): Freshness {
  let oldest = Number.POSITIVE_INFINITY
  let isStale = false
  return {
    note(since) {
      oldest = Math.min(oldest, since)
    },
    noteStale(since) {
      oldest = Math.min(oldest, since)
      isStale = true
    },
    oldest: () => (oldest === Number.POSITIVE_INFINITY ? undefined : { since: oldest, isStale }),
  }
}
