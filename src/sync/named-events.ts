import type { CallContext } from '../clever/transport.ts'
import type { DistrictReader } from '../fetch/district-reader.ts'
import { type AheadEvent, firstIdAt, timeOfEvent, type UserEvent } from '../model/events.ts'

interface NamedEvents {
  readonly events: ReadonlyMap<string, UserEvent>
  readonly ahead: readonly AheadEvent[]
}

/** The maximum number of pages for the events of one page of another replica, which may have found them at other places. */
const MAX_PAGES = 20

/**
 * Reads the events with these ids, and no others. Undefined if Clever does not give all of them. Throws the CleverErrors. Cost: one
 * call for each page.
 */
export async function readNamedEvents(
  reader: Pick<DistrictReader, 'events'>,
  wanted: ReadonlySet<string>,
  callContext: CallContext,
): Promise<NamedEvents | undefined> {
  const events = new Map<string, UserEvent>()
  const ahead = new Map<string, AheadEvent>()
  let cursor = startOf(wanted)
  for (let page = 1; page <= MAX_PAGES && events.size + ahead.size < wanted.size; page += 1) {
    const answer = await reader.events(cursor, callContext, (id) => !wanted.has(id))
    if (answer === undefined) return undefined
    for (const event of answer.events) if (wanted.has(event.id)) events.set(event.id, event)
    for (const event of answer.ahead) if (wanted.has(event.id)) ahead.set(event.id, event)
    const next = answer.endsWith
    if (answer.isLast || next === undefined || (cursor !== undefined && next <= cursor)) break
    cursor = next
  }
  if (events.size + ahead.size < wanted.size) return undefined
  return { events, ahead: [...ahead.values()] }
}

/** Just before the first of the events. */
function startOf(wanted: ReadonlySet<string>): string | undefined {
  const [first] = [...wanted].sort()
  return first === undefined ? undefined : firstIdAt(timeOfEvent(first))
}
