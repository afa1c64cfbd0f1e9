/**
 * What the polls of one district found, in the one order that all replicas apply. Only the poller writes to it. It holds ids and
 * times by Clever's clock, and no record.
 */
export type PollEntry =
  /**
   * The poller begins here. It has applied the events up to `settledUpTo`, and those at these positions, also if the log does not
   * contain them.
   */
  | {
      readonly kind: 'BEGIN'
      readonly lastId: string | undefined
      readonly settledUpTo: string
      readonly positions: readonly string[]
      readonly sentAt: number
    }
  /** New events, by their positions, and events ahead of their time, by their ids. */
  | {
      readonly kind: 'EVENTS'
      readonly positions: readonly string[]
      readonly ahead: readonly string[]
      readonly lastId: string | undefined
    }
  /** A poll is over. All events until `completeUntil` were written before. ms since the epoch */
  | { readonly kind: 'POLLED'; readonly sentAt: number; readonly completeUntil: number }
  /** Polling has ended: the district has no events, or some may have been missed. */
  | { readonly kind: 'END'; readonly reason: 'OFF' | 'LOST' }

/** POLL: this replica polls and writes. FOLLOW: another one does. ALONE: the replicas cannot be reached. */
export type Turn = 'POLL' | 'FOLLOW' | 'ALONE'

/** The part of one replica in the log. No method throws. */
export interface PollLog {
  /** Asks for the lease of the poller, or renews it. */
  turn(): Promise<Turn>
  /**
   * The entries since the last call, or all that are kept at the first. If Redis has lost some, the next BEGIN comes first. GAP if some
   * are no longer kept.
   */
  read(): Promise<readonly PollEntry[] | 'GAP'>
  /** Whether the poller has to write BEGIN first: it has just become the poller, was alone, or Redis has lost entries. */
  readonly mustBegin: boolean
  /** False if this replica is no longer the poller, or has not read the whole log. Then the entry was not written. */
  write(entry: PollEntry): Promise<boolean>
  /** Gives the lease back, and reads nothing until the next turn. */
  leave(): Promise<void>
  /** Whether `read` has entries to return. False after `leave`, and while this replica is alone: then they are not read. */
  readonly hasNews: boolean
  /** Called when entries have arrived. Replaces the listener that was set before. */
  onNews(listener: () => void): void
}

/** The log of a process that runs alone. */
export const NO_LOG: PollLog = {
  turn: async () => 'ALONE',
  read: async () => [],
  mustBegin: false,
  write: async () => true,
  leave: async () => {},
  hasNews: false,
  onNews: () => {},
}
