import { setTimeout as wait } from 'node:timers/promises'
import { type DistrictSize, isEvents, startClever } from './clever.ts'
import { ask, type Settings, startGateway, startTextbook } from './graphs.ts'
import { measure, mustEqual } from './measure.ts'
import { ONE_CONTACT } from './one-query.ts'
import { printCalls, type Row } from './table.ts'

/** ms */
const EVENTS_INTERVAL = 5_000
const INTERVALS = 4
const BETWEEN_QUERIES = 1_000

interface Plan {
  readonly district: DistrictSize
  readonly gateway: Settings
}

/** 6. A gateway that has read the district, asked once a second for what it knows. */
export async function* compareIdle({ district, gateway: settings }: Plan): AsyncGenerator<Row> {
  await using clever = await startClever(district)
  await using textbook = await startTextbook(clever)
  const wanted = await ask(textbook, ONE_CONTACT)
  const period = EVENTS_INTERVAL * INTERVALS
  const times = period / BETWEEN_QUERIES
  const title = `6. ${period / 1_000} s with one query (1) a second`
  const asked = await measure(clever, async () => {
    for (let time = 0; time < times; time += 1) await ask(textbook, ONE_CONTACT)
  })

  await clever.newMinute()
  const eager = { WARM: 'eager', EVENTS_INTERVAL_MS: String(EVENTS_INTERVAL), ...settings }
  await using gateway = await startGateway(clever, eager)
  await clever.quiet(performance.now())
  await clever.forget()
  const endsAt = performance.now() + period
  for (let time = 1; time <= times; time += 1) {
    mustEqual(wanted, await ask(gateway, ONE_CONTACT))
    await wait(endsAt - (times - time) * BETWEEN_QUERIES - performance.now())
  }
  const calls = await clever.calls()
  const events = calls.filter(isEvents).length
  const warm = `${printCalls(events)} to /events in ${INTERVALS} intervals of ${EVENTS_INTERVAL / 1_000} s, ${calls.length - events} others`
  yield { title, textbook: printCalls(asked.calls), cold: '–', warm }
}
