import { setTimeout as delay } from 'node:timers/promises'
import type { ReceivedCall } from './clever.ts'
import { missedEvents } from './heard.ts'
import { findProblems } from './logs.ts'
import type { SoakRecord } from './record.ts'
import type { Subscriber } from './subscribers.ts'
import { busiestMinute } from './window.ts'
import { outputOf, type World } from './world.ts'

/** Of Clever, for each token. */
const MAX_CALLS_IN_60_S = 1_200
/** In which the last changes reach all subscribers. */
const MAX_WAIT_MS = 60_000
const LOOK_EVERY_MS = 500
/** Fewer would mean that the answers were empty. */
const MIN_ENTRIES_PER_MINUTE = 1_000

/**
 * Those who may see the whole district hear each update of a contact, up to the last one. Call it when the roster does not
 * change any more.
 */
export async function checkHeard(world: World, record: SoakRecord, subscribers: readonly Subscriber[]) {
  const { control, roster } = world
  const events = await control.events(roster.tokens.get(roster.main.id) ?? '')
  const listeners = subscribers.filter(({ principal }) => principal.viewer.kind === 'district')
  const missed = () => listeners.flatMap(({ heard }) => missedEvents(heard, events))
  for (const givesUpAt = Date.now() + MAX_WAIT_MS; missed().length > 0 && Date.now() < givesUpAt; )
    await delay(LOOK_EVERY_MS)
  for (const id of missed()) record.broke('a subscriber missed a change', id)
  for (const { heard } of listeners)
    if (heard.flat().length === 0) record.broke('a subscriber heard nothing', 'of the whole district')
}

/** Call it when all processes have ended. */
export async function checkLogs({ all, roster }: World, record: SoakRecord) {
  for (const gateway of all) {
    const problems = findProblems(await outputOf(gateway), roster.secrets)
    for (const { promise, detail } of problems) record.broke(promise, detail)
  }
}

/** Returns a text with the figures. */
export function checkFigures(record: SoakRecord, calls: readonly ReceivedCall[]): string {
  const busiest = busiestMinute(calls)
  if (busiest > MAX_CALLS_IN_60_S) record.broke('60 s had more calls than the window', String(busiest))
  if (record.entries < MIN_ENTRIES_PER_MINUTE * record.minutes.length)
    record.broke('too few relationships were compared', String(record.entries))
  return `${record.entries} relationship entries were compared with the roster. The busiest 60 s of a token had ${busiest} calls.`
}
