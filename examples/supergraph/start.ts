import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { freePort } from './listen.ts'
import type { Program } from './program.ts'
import { isRouter, ROUTERS, startRouter, startSubgraphs } from './supergraph.ts'

/** Each router, and the composer whose supergraph it gets here. It runs with the other one too. */
const CHOICES = {
  hive: { name: 'Hive Gateway', composer: 'hive' },
  'hive-router': { name: 'Hive Gateway with the planner of Hive Router', composer: 'hive' },
  apollo: { name: "Apollo's gateway for JavaScript", composer: 'apollo' },
} as const

const QUERY =
  '{ absencesOn(day: \\"2026-11-20\\") { student { displayName relationships { relationship lastMessageAt contact { displayName } } } } }'

const [, , router = 'hive'] = process.argv
if (!isRouter(router)) throw new Error(`The router must be one of ${ROUTERS.join(', ')}.`)
const { name, composer } = CHOICES[router]

await using stack = new AsyncDisposableStack()
// A terminal sends the signal to the gateway and the router too. They may end before the first query.
const stopped = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)))
const secret = randomBytes(32).toString('hex')
const { gateway, supergraph } = stack.use(await startSubgraphs({ ROUTER_SECRET: secret }))
const port = Number(process.env.PORT ?? 4000) || (await freePort())
const running = stack.use(await startRouter(router, { supergraph: supergraph[composer], secret, port }))

console.log(`
  ${name} in front of clever-contacts, attendance, messaging and transport.

  Supergraph       ${running.url}
  clever-contacts  ${gateway.url}
  Clever           ${gateway.sandbox}

  Tokens of a service and of a guardian, and a query over three teams:

  export TOKEN=${gateway.tokens.service}
  export GUARDIAN=${gateway.tokens.guardian}

  curl ${running.url} -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\
    -d '{"query":"${QUERY}"}'
`)

const ended = async (what: string, { program }: { readonly program: Program }) => {
  await program.ended
  return `${what} has ended:\n${program.output().slice(-2000)}`
}
const problem = await Promise.race([stopped, ended('The gateway', gateway), ended('The router', running)])
if (typeof problem === 'string') {
  console.error(problem)
  process.exitCode = 1
}
