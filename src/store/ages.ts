import type { Clock } from '../clock.ts'

/** How old what is known may be, by what it is for. ms */
export interface Ages {
  /** For display: then Clever is asked again. */
  readonly displayMs: number
  /** For display while Clever cannot be asked. Nothing older is kept. */
  readonly displayMaxMs: number
  /** For a decision, always. */
  readonly decisionMs: number
}

export type Purpose = 'DISPLAY' | 'DECISION'

/**
 * What is known since then is young enough; where nothing may have any age, that is never. `isDown`: Clever cannot be
 * asked. ms since the epoch
 */
export function minAsOf(purpose: Purpose, ages: Ages, clock: Clock, isDown = false): number {
  const age = purpose === 'DECISION' ? ages.decisionMs : isDown ? ages.displayMaxMs : ages.displayMs
  return age === 0 ? Number.POSITIVE_INFINITY : clock.now() - age
}
