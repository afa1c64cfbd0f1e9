import type { UserId } from '../model/ids.ts'

/** Whether the rows of a role lie evenly among the ids, as far as the wanted ids show it. */
export type Spread = 'EVEN' | 'UNEVEN'

export interface RowGaps {
  /** For each id but the last, the number of rows up to the next. */
  readonly rows: readonly number[]
  readonly spread: Spread
}

/** The wanted ids on either side that show how dense the rows are around a gap, if they are spread unevenly. */
const NEIGHBORS = 32
/** Hexadecimal digits that a double holds exactly. */
const DIGITS = 13
/** The wanted ids of a block, for the comparison of blocks with each other. */
const BLOCK = 16
const MIN_BLOCKS = 4
/** The part of a usual gap within which a place is next to the one before. */
const NEAR = 0.1
const MAX_SIBLINGS = 2
/**
 * Of ids that are spread at random, the lengths of blocks vary by 1/16 of the square of their mean. Twice as much is rare, with a
 * probability of some 3 % for 10 blocks.
 */
const MAX_VARIANCE = 2 / BLOCK

/**
 * Estimates the rows from each id to the next, except for the last. Ids are ObjectIds, which begin with a time, so records
 * that were created together are close together. Wanted ids are taken for a sample of the rows: as many rows are between
 * them everywhere, `usual` on average. If they are spread evenly, a gap has as many rows as its share of the whole distance.
 * Otherwise rows are dense where wanted ids are close together, and a gap has its share of the 64 gaps around it.
 * Fewer would be too small a sample. `ids`: in ascending order.
 */
export function estimateGaps(ids: readonly UserId[], usual: number): RowGaps {
  const places = ids.map((id) => Number.parseInt(id.slice(0, DIGITS), 16))
  const spread = spreadOf(places)
  const neighbors = spread === 'EVEN' ? ids.length : NEIGHBORS
  const placeOf = (i: number) => places[i] ?? 0
  const last = Math.max(ids.length - 1, 0)
  const rows = Array.from({ length: last }, (_, i) => {
    const from = Math.max(0, i - neighbors)
    const to = Math.min(last, i + 1 + neighbors)
    const around = placeOf(to) - placeOf(from)
    const share = around === 0 ? 1 / (to - from) : (placeOf(i + 1) - placeOf(i)) / around
    return share * usual * (to - from)
  })
  return { rows, spread }
}

/** UNEVEN also if there are too few places to tell. */
function spreadOf(places: readonly number[]): Spread {
  const apart = withoutNeighbors(places)
  const blocks = Math.floor((apart.length - 1) / BLOCK)
  if (blocks < MIN_BLOCKS) return 'UNEVEN'
  const edgeOf = (block: number) => apart[block * BLOCK] ?? 0
  const mean = (edgeOf(blocks) - edgeOf(0)) / blocks
  let squares = 0
  for (let block = 0; block < blocks; block += 1)
    squares += ((edgeOf(block + 1) - edgeOf(block)) / mean - 1) ** 2
  return squares / (blocks - 1) <= MAX_VARIANCE ? 'EVEN' : 'UNEVEN'
}

/** One place of each household: siblings are often created one after the other. The users of an import are more than that. */
function withoutNeighbors(places: readonly number[]): readonly number[] {
  const usual = ((places.at(-1) ?? 0) - (places[0] ?? 0)) / places.length
  let left = 0
  return places.filter((place, i) => {
    const isNext = place - (places[i - 1] ?? Number.NEGATIVE_INFINITY) <= NEAR * usual
    left = isNext && left < MAX_SIBLINGS ? left + 1 : 0
    return left === 0
  })
}
