/** The only source of chance in the sandbox: equal seeds give equal school systems. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number
  /** A whole number from 0 to `limit` − 1. */
  below(limit: number): number
  /** True `probability` of the time. */
  chance(probability: number): boolean
  /** Throws RangeError when `list` is empty. */
  pick<T>(list: readonly T[]): T
  /** `count` random decimal digits; the first is not 0. */
  digits(count: number): string
}

/** Mulberry32 by Tommy Ettinger, public domain: 32 bits of state are plenty for invented people. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  function next() {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick(list) {
      const item = list[below(list.length)]
      if (item === undefined) throw new RangeError('nothing to pick from')
      return item
    },
    digits: (count) => String(10 ** (count - 1) + below(9 * 10 ** (count - 1))),
  }
}
