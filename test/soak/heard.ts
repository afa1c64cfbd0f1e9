import type { CleverEvent } from './clever.ts'

/**
 * The updates of contacts that a subscriber did not hear: those after the first event that it heard, except for gaps that
 * it was told of. `heard`: from Subscriber.
 */
export function missedEvents(
  heard: readonly (readonly string[])[],
  events: readonly CleverEvent[],
): readonly string[] {
  const updates = events.filter(
    ({ type, data }) => type === 'users.updated' && data.object.roles.contact !== undefined,
  )
  return heard.flatMap((list, index) => {
    const known = new Set(list)
    const [first, last] = [list[0], list.at(-1)]
    if (first === undefined || last === undefined) return []
    const isToTheEnd = index === heard.length - 1
    return updates
      .filter(({ id }) => id > first && (isToTheEnd || id < last) && !known.has(id))
      .map(({ id }) => id)
  })
}
