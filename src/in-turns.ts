import { setImmediate } from 'node:timers/promises'
import { all, type MaybePromise } from './maybe-promise.ts'

/** Until others have their turn. ms */
const TURN = 8

/** All of them mapped, however many: what is known at once holds up nobody else for longer than a turn. */
export async function mapInTurns<From, To>(
  items: readonly From[],
  map: (item: From) => MaybePromise<To>,
): Promise<readonly To[]> {
  const mapped: MaybePromise<To>[] = []
  let startedAt = performance.now()
  for (const item of items) {
    const value = map(item)
    // It is waited for below: until then, that it fails is no news to anybody.
    if (value instanceof Promise) value.catch(() => {})
    mapped.push(value)
    if (performance.now() - startedAt < TURN) continue
    await setImmediate()
    startedAt = performance.now()
  }
  return all(mapped)
}
