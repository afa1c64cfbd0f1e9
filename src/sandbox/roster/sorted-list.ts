export interface Identified {
  readonly id: string
}

/** What a page reads of a list: an array, or a list that computes its items. */
export interface Items<T extends Identified> {
  readonly length: number
  at(index: number): T | undefined
  slice(start: number, end: number): readonly T[]
}

/** Records in ascending id, the one order in which Clever lists anything. */
export interface SortedList<T extends Identified> {
  readonly all: readonly T[]
  put(item: T): void
  remove(id: string): void
  /** In one pass: removing many one by one would move the rest of the list each time. */
  removeAll(ids: ReadonlySet<string>): void
}

export function createSortedList<T extends Identified>(items: readonly T[]): SortedList<T> {
  const all = items.toSorted((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  const isHeld = (at: number, id: string) => all[at]?.id === id
  return {
    all,
    put(item) {
      const at = countBefore(all, item.id)
      all.splice(at, isHeld(at, item.id) ? 1 : 0, item)
    },
    remove(id) {
      const at = countBefore(all, id)
      if (isHeld(at, id)) all.splice(at, 1)
    },
    removeAll(ids) {
      let kept = 0
      for (const item of all) {
        if (ids.has(item.id)) continue
        all[kept] = item
        kept += 1
      }
      all.length = kept
    },
  }
}

/** Whether one of `items` (ascending) has this id. */
export function holds(items: Items<Identified>, id: string): boolean {
  return items.at(countBefore(items, id))?.id === id
}

/** How many of `items` (ascending) have an id less than `id`; `id` need not be among them. */
export function countBefore(items: Items<Identified>, id: string): number {
  return bisect(items.length, (at) => (items.at(at)?.id ?? '') < id)
}

/** How many of `items` (ascending) have an id less than or equal to `id`. */
export function countUpTo(items: Items<Identified>, id: string): number {
  return bisect(items.length, (at) => (items.at(at)?.id ?? '') <= id)
}

/** The first position below `length` where `isBefore` stops being true. */
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
