import { CHILD, MIXED, NEPHEW, NIECE } from '../documented-family.ts'
import { createNeighbor } from './neighbor.ts'

/** By relationship id, of the documented family. */
export const lastMessages = new Map(
  Object.entries({
    [`${MIXED}-${NIECE}-MEgtZtBP`]: '2026-11-01T08:00:00Z',
    [`${MIXED}-${NEPHEW}-MEgtZtBP`]: '2026-11-02T08:00:00Z',
    [`${MIXED}-${CHILD}-8FICEM9F`]: '2026-11-03T08:00:00Z',
  }),
)

/** Knows the date of the last message to a contact about a student. */
export function messaging(lastMessages: ReadonlyMap<string, string>) {
  const lastMessageAt = (id: string) => lastMessages.get(id)
  return createNeighbor('messaging', {
    query: {
      messages: () =>
        [...lastMessages].map(([id, at]) => ({
          from: { id: id.split('-', 1)[0] },
          about: { id, lastMessageAt: at },
        })),
    },
    entities: { StudentRelationship: (id) => ({ lastMessageAt: lastMessageAt(id) }) },
  })
}
