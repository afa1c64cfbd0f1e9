/** Items in ascending order of their ids: an array, or a list that computes its items. */
export interface SortedById {
  readonly length: number
  at(index: number): { readonly id: string } | undefined
}

/** How many items have an id less than `id`, which need not be among them. */
export function countBefore(items: SortedById, id: string): number {
  return bisect(items.length, (at) => (items.at(at)?.id ?? '') < id)
}

/** How many items have an id less than or equal to `id`. */
export function countUpTo(items: SortedById, id: string): number {
  return bisect(items.length, (at) => (items.at(at)?.id ?? '') <= id)
}

/** The first position below `length` where `isBefore` stops being true; `length` if it is true of all. */
export function bisect(length: number, isBefore: (at: number) => boolean): number {
  let low = 0
  let high = length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(middle)) low = middle + 1
    else high = middle
  }
  return low
}
