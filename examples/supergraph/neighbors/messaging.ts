import { AARON, JONAH, NAOMI, THEO } from './family.ts'
import type { Subgraph } from './subgraph.ts'

/** The last message to a contact about a student, by the id of the relationship. */
const LAST_MESSAGES: Readonly<Record<string, string>> = {
  [`${AARON}-${NAOMI}-MEgtZtBP`]: '2026-11-01T08:00:00Z',
  [`${AARON}-${THEO}-MEgtZtBP`]: '2026-11-02T08:00:00Z',
  [`${AARON}-${JONAH}-8FICEM9F`]: '2026-11-03T08:00:00Z',
}

/** Adds the date of the last message to the gateway's relationships, and refers to its contacts. */
export const messaging: Subgraph = {
  name: 'messaging',
  resolvers: {
    Query: {
      messages: () =>
        Object.keys(LAST_MESSAGES).map((id) => ({
          from: { id: id.split('-', 1)[0] },
          about: { id },
        })),
    },
    StudentRelationship: {
      __resolveReference: ({ id }: { id: string }) => ({ id }),
      lastMessageAt: ({ id }: { id: string }) => LAST_MESSAGES[id],
    },
  },
}
