import { JONAH, NAOMI, THEO } from './family.ts'
import type { Subgraph } from './subgraph.ts'

/** The absent students, by day. */
const ABSENT: Readonly<Record<string, readonly string[]>> = {
  '2026-11-19': [NAOMI],
  '2026-11-20': [NAOMI, THEO, JONAH],
}

const student = (id: string) => ({ __typename: 'Student', id })

/** Adds absences to the gateway's students. */
export const attendance: Subgraph = {
  name: 'attendance',
  resolvers: {
    Query: {
      absencesOn: (_root: unknown, { day }: { day: string }) =>
        (ABSENT[day] ?? []).map((id) => ({ day, student: student(id) })),
    },
    Student: {
      __resolveReference: ({ id }: { id: string }) => student(id),
      absences: ({ id }: { id: string }) =>
        Object.keys(ABSENT)
          .filter((day) => ABSENT[day]?.includes(id))
          .map((day) => ({ day, student: student(id) })),
    },
  },
}
