/** How a quota is shared with the other replicas. They exchange their sums in the background, so a check never waits. */
export interface QuotaSharing {
  /** The part of each limit that this replica may use: 1 while the sums are exchanged. */
  readonly share: () => number
  /** The principals that have used some of their quota since the last exchange. */
  readonly unsaid: Set<string>
}

/** The part of a limit that this replica may use: at least 1. */
export function shareOf(limit: number, sharing: QuotaSharing | undefined): number {
  return sharing === undefined ? limit : Math.max(Math.floor(limit * sharing.share()), 1)
}
