import { expect, vi } from 'vitest'
import { type Change, DISTRICT, type Group, type Replica, type Stream } from './group.ts'

/** Clever's limit for each token in 60 s. */
export const WINDOW = 1_200
export const SOON = { timeout: 15_000, interval: 50 }

/** As many contacts are read one by one. */
const CALLS_PER_REQUEST = 8

let ids = 0
export const unknownId = () => {
  ids += 1
  return ids.toString(16).padStart(24, '5')
}

function contactsQuery(): string {
  const fields = Array.from(
    { length: CALLS_PER_REQUEST },
    (_, index) => `c${index}: contact(id: "${unknownId()}") { id }`,
  )
  return `{ ${fields.join(' ')} }`
}

export function tokenOf({ signIn, districts }: Group, district: number): Promise<string> {
  return signIn.tokenFor({
    clever_kind: 'service',
    sub: `of-${district}`,
    scope: 'contacts:read students:read',
    clever_district_ids: [districts[district]],
  })
}

/** Asks for contacts that do not exist, so each costs a call. Returns for how many Clever was asked. */
export async function askMany(replica: Replica, token: string, calls: number): Promise<number> {
  let answered = 0
  let left = calls
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      while (left > 0) {
        left -= CALLS_PER_REQUEST
        const { errors = [] } = await replica.ask(contactsQuery(), {}, token)
        answered += CALLS_PER_REQUEST - errors.length
        for (const { extensions } of errors) expect(extensions.code).toBe('UPSTREAM_RATE_LIMITED')
      }
    }),
  )
  return answered
}

/** Changes the phones of some contacts, as Clever reports after its sync. */
export async function change(group: Group, share = 0.2) {
  await group.control(`/districts/${DISTRICT.id}/change-contacts`, { share })
  await group.control(`/districts/${DISTRICT.id}/sync`, {})
}

export const eventIds = ({ changes }: Stream): readonly Change['eventId'][] =>
  changes.map(({ eventId }) => eventId)

/** The replica that asked Clever for events in the last interval. */
export async function pollers({ replicas }: Group): Promise<readonly Replica[]> {
  const polls = ({ metric }: Replica) => metric(/replicas_turns_total\{turn="poll"\} (\d+)/)
  const before = await Promise.all(replicas.map(polls))
  await vi.waitFor(async () => {
    const now = await Promise.all(replicas.map(polls))
    expect(now.some((count, index) => count >= (before[index] ?? 0) + 2)).toBe(true)
  }, SOON)
  const after = await Promise.all(replicas.map(polls))
  return replicas.filter((_replica, index) => (after[index] ?? 0) > (before[index] ?? 0))
}
