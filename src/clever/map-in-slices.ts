import { setImmediate as nextTurn } from 'node:timers/promises'

/** This number of records takes some 5 ms. */
const SLICE_SIZE = 500

/**
 * Maps a long list in slices and yields to the event loop between them: Clever's largest page takes tenths of a second.
 */
export async function mapInSlices<Item, Result>(
  items: readonly Item[],
  map: (item: Item) => Result,
): Promise<Result[]> {
  const results: Result[] = []
  for (let from = 0; from < items.length; from += SLICE_SIZE) {
    if (from > 0) await nextTurn()
    for (const item of items.slice(from, from + SLICE_SIZE)) results.push(map(item))
  }
  return results
}
