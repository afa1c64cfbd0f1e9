import { type HashOf, SlotTable } from './slot-table.ts'

/** More would cost small districts memory. Fewer would make one resize a pause: of 64, it takes about a millisecond. */
const SHARDS = 64
const MIN_MAX_LOAD = 0.66
const MAX_LOAD = 0.8

/** A hash table in parts, each resized by itself. */
export class ShardedTable {
  readonly #shards: readonly SlotTable[]
  #bytes = 0

  /** `width`: the 32-bit words of a key. `hashOf`: 32 bits without a sign, from the key that begins at a place. */
  constructor(width: number, hashOf: HashOf) {
    // All shards grow alike. With limits of their own, they are not resized at the same time.
    const maxLoadOf = (shard: number) => MIN_MAX_LOAD + ((MAX_LOAD - MIN_MAX_LOAD) * shard) / SHARDS
    this.#shards = Array.from(
      { length: SHARDS },
      (_, shard) => new SlotTable(width, hashOf, maxLoadOf(shard)),
    )
  }

  /** What is allocated, also for free slots. */
  get bytes(): number {
    return this.#bytes
  }

  /** The number of a key with this hash; 0 if the key is not in the table. */
  get(key: Uint32Array, hash: number): number {
    return this.#shardOf(hash).get(key, hash)
  }

  /** A number of 32 bits without a sign, or 0 to remove the key. */
  set(key: Uint32Array, hash: number, number: number) {
    const shard = this.#shardOf(hash)
    const before = shard.bytes
    shard.set(key, hash, number)
    this.#bytes += shard.bytes - before
  }

  /** Visits all keys with a hash, and some with another one. */
  visit(hash: number, each: (words: Uint32Array, at: number) => void) {
    this.#shardOf(hash).visit(hash, each)
  }

  /** The low bits choose the shard, because the high bits choose the slot in its table. */
  #shardOf(hash: number): SlotTable {
    const shard = this.#shards[hash % SHARDS]
    if (shard === undefined) throw new Error('A hash is an integer from 0 to 2 ** 32 - 1')
    return shard
  }
}
