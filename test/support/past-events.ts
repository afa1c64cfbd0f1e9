import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { TestGateway } from './gateway.ts'

/** The calls for past events, from the first page on. The feed always asks for what comes after an event. */
const FIRST_PAGE = /\/events\?record_type=users&limit=1000$/

/** Waits until every district is known and polled for events. */
export async function untilWarm({ districts, lines }: TestGateway, count = 1) {
  await eventually(() => {
    expect(lines.filter((line) => line.includes('all of a role is known'))).toHaveLength(2 * count)
    expect(districts.all().filter(({ changes }) => changes.isPolled)).toHaveLength(count)
  })
}

/** Makes the gateway read the past events of its districts, by a request for an id that no contact has. */
export async function readPastEvents(gateway: TestGateway) {
  await untilWarm(gateway, gateway.sandbox.districts.length)
  await gateway.ask(`{ contact(id: "${'f'.repeat(24)}") { id } }`)
  for (const { idHistory } of gateway.districts.all()) expect(idHistory.isStarted).toBe(true)
}

/** How often the gateway began to read past events. */
export function firstPages({ sandbox }: TestGateway): number {
  return sandbox.calls.all().filter(({ path, query }) => FIRST_PAGE.test(`${path}?${query}`)).length
}
