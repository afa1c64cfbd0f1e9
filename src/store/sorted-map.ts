import sortedBtree from 'sorted-btree'

export type SortedMap<Value> = InstanceType<typeof sortedBtree.default<string, Value>>

/** A map kept in the order of its keys. The package is CommonJS, so Node exports all of it as the default. */
export function createSortedMap<Value>(): SortedMap<Value> {
  return new sortedBtree.default<string, Value>(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0))
}
