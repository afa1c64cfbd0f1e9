import { hash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSignIn } from '../../src/sandbox/sign-in.ts'
import { type BenchClever, startFastClever } from './clever.ts'
import { readAll } from './clever-user.ts'
import { type Case, casesOf } from './warm-cases.ts'
import { findGuardians } from './warm-check.ts'
import { type Server, type ServerName, startOther, startWarmGateway } from './warm-servers.ts'

/** The servers, each a process of its own, over one sandbox, and what to ask them. */
export interface Bench extends AsyncDisposable {
  readonly clever: BenchClever
  readonly servers: readonly Server[]
  readonly cases: readonly Case[]
}

export interface BenchPlan {
  readonly students: number
  readonly names: readonly ServerName[]
  /** Of the gateway: options of Node, and further settings. */
  readonly nodeArgs?: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
  /** Numbers of cases. */
  readonly only: ReadonlySet<string>
}

export async function startBench({ students, names, only, ...gatewayPlan }: BenchPlan): Promise<Bench> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'bench-'))
  stack.defer(() => rm(folder, { recursive: true }))
  const signIn = await createSignIn()
  const authFile = join(folder, 'issuers.json')
  await writeFile(authFile, JSON.stringify({ issuers: [signIn.issuer] }))
  const clever = stack.use(await startFastClever({ students }))
  // The textbook gateway would use up the minute of the token that the gateway shares with it.
  const cleverOfOthers = stack.use(await startFastClever({ students }))

  async function start(name: ServerName): Promise<Server> {
    if (name !== 'gateway') return startOther(name, cleverOfOthers)
    return startWarmGateway({
      clever,
      signIn,
      authFile,
      auditFile: join(folder, 'audit.jsonl'),
      ...gatewayPlan,
    })
  }
  const servers: Server[] = []
  for (const name of names) servers.push(stack.use(await start(name)))
  const cases = await readCases(clever, serverOf(servers, 'gateway'))
  const owned = stack.move()
  return {
    clever,
    servers,
    cases: cases.filter(({ id }) => only.has(String(id))),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

async function readCases(clever: BenchClever, gateway: Server): Promise<readonly Case[]> {
  const idsOf = async (role: 'student' | 'contact') => {
    const users = await readAll(clever.read, role)
    return shuffled(users.map(({ id }) => id))
  }
  const contactIds = await idsOf('contact')
  const guardianIds = await findGuardians(gateway, contactIds)
  return casesOf({ contactIds, guardianIds, studentIds: await idsOf('student') })
}

export function serverOf(servers: readonly Server[], wanted: ServerName): Server {
  const server = servers.find(({ name }) => name === wanted)
  if (server === undefined) throw new Error(`${wanted} has not been started`)
  return server
}

/** The same order in each run, and not the order of the ids. */
function shuffled(ids: readonly string[]): readonly string[] {
  const key = new Map(ids.map((id) => [id, hash('sha1', id)]))
  return ids.toSorted((a, b) => ((key.get(a) ?? '') < (key.get(b) ?? '') ? -1 : 1))
}
