import type { UserId } from '../model/ids.ts'

/** The wanted ids on either side that show how dense the rows are around a gap. */
const NEIGHBORS = 32
/** Hexadecimal digits that a double holds exactly. */
const DIGITS = 13

/**
 * Estimates the rows from each id to the next, except for the last. Ids are ObjectIds, which begin with a time, so records
 * that were created together are close together. Wanted ids are taken for a sample of the rows: as many rows are between
 * them everywhere, `usual` on average. So where wanted ids are close together, the rows are dense, and a gap has as many
 * rows as its share of the distance of the 64 gaps around it. Fewer would be too small a sample. `ids`: in ascending order.
 */
export function estimateGaps(ids: readonly UserId[], usual: number): readonly number[] {
  const places = ids.map((id) => Number.parseInt(id.slice(0, DIGITS), 16))
  const placeOf = (i: number) => places[i] ?? 0
  const last = ids.length - 1
  return Array.from({ length: Math.max(last, 0) }, (_, i) => {
    const from = Math.max(0, i - NEIGHBORS)
    const to = Math.min(last, i + 1 + NEIGHBORS)
    const around = placeOf(to) - placeOf(from)
    const share = around === 0 ? 1 / (to - from) : (placeOf(i + 1) - placeOf(i)) / around
    return share * usual * (to - from)
  })
}
