import { expect, vi } from 'vitest'
import { firstIdAt } from '../../src/model/events.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway, type TestOptions } from '../support/gateway.ts'

export const INTERVAL = 30_000
export const LAG = 90_000

interface WorldOptions extends TestOptions {
  /** How far Clever's clock is ahead of the gateway's. ms */
  readonly skew?: number
}

/** The content of an event, besides its time. */
interface Telling {
  /** ms since the epoch, by Clever's clock; the present by default. */
  readonly at?: number
  readonly type?: string
  readonly object?: unknown
}

/** A gateway over a sandbox, both on one fake clock, and a feed of events that a test writes itself. */
export async function startWorld({ skew = 0, ...options }: WorldOptions = {}) {
  const clock = createFakeClock()
  let ahead = skew
  const cleverNow = () => clock.now() + ahead
  const gateway = await startGateway({
    warm: 'eager',
    clock,
    eventsInterval: INTERVAL,
    eventsLag: LAG,
    ...options,
    sandbox: { now: cleverNow, ...options.sandbox },
  })
  const { sandbox, metrics } = gateway
  const district = sandbox.districts[0] ?? expect.unreachable()
  let events = 0

  const outcomes = async () => (await metrics.feed.get()).values.reduce((sum, { value }) => sum + value, 0)

  return {
    clock,
    gateway,
    district,
    sandbox,
    cleverNow,
    setSkew(milliseconds: number) {
      ahead = milliseconds
    },
    /** A contact as Clever has it. */
    contact: (n = 0) => district.roster.user(district.contacts[n] ?? '') ?? expect.unreachable(),
    /** An event as Clever writes it. */
    event({ at = cleverNow(), type = 'users.updated', object }: Telling) {
      events += 1
      const id = firstIdAt(at).slice(0, 8) + events.toString(16).padStart(16, '0')
      const created = new Date(Math.floor(at / 1_000) * 1_000).toISOString()
      return { data: { id, type, created, data: { object } } }
    },
    /** Clever's feed from now on: all of these, whatever is asked for. Returns a function that takes them away. */
    tell: (data: readonly object[], links: readonly object[] = []) =>
      sandbox.faults.add({
        path: /\/events\?/,
        status: 200,
        body: JSON.stringify({ data, links: [{ rel: 'self', uri: '/v3.1/events?' }, ...links] }),
      }),
    /** Until the district is known as a whole. */
    async known() {
      await vi.waitFor(
        async () => {
          await clock.advance(0)
          expect(gateway.lines.filter((line) => line.includes('all of a role is known'))).toHaveLength(2)
        },
        { timeout: 8_000, interval: 5 },
      )
    },
    /** Until the next poll is over. */
    async poll() {
      const before = await outcomes()
      await vi.waitFor(
        async () => {
          await clock.advance(INTERVAL)
          // No time passes while the poll waits for its answer: the answer would seem to take that long.
          await vi.waitFor(async () => expect(await outcomes()).toBeGreaterThan(before), {
            timeout: 200,
            interval: 5,
          })
        },
        { timeout: 8_000 },
      )
    },
    async phoneOf(id: string) {
      const { data, errors } = await gateway.ask('query ($id: ID!) { contact(id: $id) { phone { raw } } }', {
        id,
      })
      expect(errors).toEqual([])
      return data.contact?.phone?.raw ?? data.contact
    },
    outcomes,
    warnings: () => gateway.lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn'),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

type Contact = ReturnType<Awaited<ReturnType<typeof startWorld>>['contact']>

/** The same contact with another phone. `at`: when it was modified, ms since the epoch; undefined where Clever does not say. */
export function withPhone(user: Contact, phone: string, at: number | undefined) {
  const { last_modified: _before, ...rest } = user
  const contact = user.roles.contact ?? expect.unreachable()
  return {
    ...rest,
    ...(at !== undefined && { last_modified: new Date(at).toISOString() }),
    roles: { contact: { ...contact, phone } },
  }
}
