import type { Clock } from '../clock.ts'

/** How old what is known may be, by what it is for. ms */
export interface Ages {
  /** For display: then Clever is asked again. */
  readonly display: number
  /** For display while Clever cannot be asked. Nothing older is kept. */
  readonly displayAtMost: number
  /** For a decision, always. */
  readonly decision: number
}

export type Purpose = 'DISPLAY' | 'DECISION'

/**
 * What is known since then is young enough; where nothing may have any age, that is never. `isDown`: Clever cannot be
 * asked. ms since the epoch
 */
export function notBefore(purpose: Purpose, ages: Ages, clock: Clock, isDown = false): number {
  const age = purpose === 'DECISION' ? ages.decision : isDown ? ages.displayAtMost : ages.display
  return age === 0 ? Number.POSITIVE_INFINITY : clock.now() - age
}
