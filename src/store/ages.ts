import type { Clock } from '../clock.ts'

/** The maximum age of stored data, by purpose. ms */
export interface Ages {
  /** The maximum age for display. Older data is read again. */
  readonly displayMs: number
  /** The maximum age for display while Clever cannot be reached. Nothing older is kept. */
  readonly displayMaxMs: number
  /** The maximum age for a decision, at any time. */
  readonly decisionMs: number
}

export type Purpose = 'DISPLAY' | 'DECISION'

/**
 * The minimum as-of time of data that is young enough; Infinity if data may have no age at all. `isDown`: Clever cannot
 * be reached. ms since the epoch
 */
export function minAsOf(purpose: Purpose, ages: Ages, clock: Clock, isDown = false): number {
  const age = purpose === 'DECISION' ? ages.decisionMs : isDown ? ages.displayMaxMs : ages.displayMs
  return age === 0 ? Number.POSITIVE_INFINITY : clock.now() - age
}
