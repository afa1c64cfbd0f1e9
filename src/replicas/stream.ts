import type { Redis } from './redis.ts'

/** The key of an entry, and its fields: names and values in turn. */
export type StreamEntry = readonly [key: string, fields: readonly string[]]

export const ENTRIES_AT_ONCE = 1_000

/**
 * The next entries of a stream, after the one that was read last; '' at first. Undefined if that entry is no longer there: Redis has
 * lost the stream, came back with an older one, or keeps the entry no longer. Throws RedisAway.
 */
export async function readStream(
  redis: Redis,
  stream: string,
  lastKey: string,
): Promise<readonly StreamEntry[] | undefined> {
  const from = lastKey === '' ? '-' : lastKey
  const answer = await redis.send('XRANGE', stream, from, '+', 'COUNT', ENTRIES_AT_ONCE + 1)
  const found = answer as readonly StreamEntry[]
  if (lastKey === '') return found
  return found[0]?.[0] === lastKey ? found.slice(1) : undefined
}

/** Whether a key is later than another: ms since the epoch, and a number within the millisecond. */
export function isLater(key: string, other: string): boolean {
  const [at = 0, number = 0] = key.split('-').map(Number)
  const [otherAt = 0, otherNumber = 0] = other.split('-').map(Number)
  return at === otherAt ? number > otherNumber : at > otherAt
}
