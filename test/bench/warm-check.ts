import { ask } from './graphs.ts'
import { mustEqual } from './measure.ts'
import { type Asked, aboutContact, type Case, guardian, SERVICE, VIEWERS } from './warm-cases.ts'
import type { Server } from './warm-servers.ts'

/** Questions of a case that are compared before it is measured, from all over the district. */
const SAMPLE = 100

async function answerOf(server: Server, asked: Asked): Promise<unknown> {
  const headers = await server.headersOf(asked.viewer)
  return ask({ ...server, headers: () => headers }, asked)
}

/** Throws when two servers answer a question of the sample differently, and when any answers with an error. */
export async function mustAnswerAlike(
  { title, questionsFor }: Case,
  servers: readonly Server[],
): Promise<void> {
  const asked = await Promise.all(servers.map((server) => questionsFor(server)))
  const count = asked[0]?.length ?? 0
  const step = Math.max(1, Math.floor(count / SAMPLE))
  for (let place = 0; place < count; place += step) {
    const answers = await Promise.all(
      servers.map(async (server, nth) => {
        const question = asked[nth]?.[place]
        if (question === undefined) throw new Error(`${title}: ${server.name} has fewer questions`)
        return answerOf(server, question)
      }),
    )
    const [truth] = answers
    for (const [nth, answer] of answers.entries()) mustEqual(truth, answer, `${title}: ${servers[nth]?.name}`)
  }
}

interface OwnRecord {
  readonly contact: { readonly relationships: readonly unknown[] } | null
}

/** Contacts who, as guardians, see as much of their own record as a service does: the other servers can answer for them. */
export async function findGuardians(
  gateway: Server,
  contactIds: readonly string[],
): Promise<readonly string[]> {
  const found: string[] = []
  for (const id of contactIds) {
    if (found.length === VIEWERS) break
    const [all, own] = await Promise.all(
      [SERVICE, guardian(id)].map(
        async (viewer) => (await answerOf(gateway, aboutContact(id, viewer))) as OwnRecord,
      ),
    )
    const hasStudents = (all?.contact?.relationships.length ?? 0) > 0
    if (hasStudents && JSON.stringify(all) === JSON.stringify(own)) found.push(id)
  }
  if (found.length < VIEWERS)
    throw new Error(`only ${found.length} guardians see all of their own record: set --students higher`)
  return found
}
