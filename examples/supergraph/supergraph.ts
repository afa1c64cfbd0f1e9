import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose, type Exposure, type SubgraphAddress, type Supergraphs } from './compose.ts'
import { type ContactsGateway, startGateway } from './gateway.ts'
import { close, freePort, listen, urlOf } from './listen.ts'
import { attendance } from './neighbors/attendance.ts'
import { messaging } from './neighbors/messaging.ts'
import { createSubgraphServer } from './neighbors/subgraph.ts'
import { transport } from './neighbors/transport.ts'
import { type Program, runProgram } from './program.ts'

export const ROUTERS = ['hive', 'hive-router', 'apollo'] as const
export type Router = (typeof ROUTERS)[number]

export function isRouter(name: string): name is Router {
  return ROUTERS.some((router) => router === name)
}

/** The gateway, its neighbors, and the supergraph of them. */
export interface Subgraphs extends AsyncDisposable {
  readonly gateway: ContactsGateway
  readonly supergraph: Supergraphs
}

const AS_THEY_ARE: Exposure = { expose: async ({ url }) => url }

/** Starts the gateway with these settings, and its neighbors, and composes them. */
export async function startSubgraphs(
  settings: Readonly<Record<string, string>> & { readonly ROUTER_SECRET: string },
  exposure = AS_THEY_ARE,
): Promise<Subgraphs> {
  await using stack = new AsyncDisposableStack()
  const gateway = stack.use(await startGateway(settings))
  const addresses: SubgraphAddress[] = [{ name: 'clever-contacts', url: gateway.url }]
  for (const neighbor of [attendance, messaging, transport]) {
    const server = stack.adopt(createSubgraphServer(neighbor), close)
    addresses.push({ name: neighbor.name, url: await listen(server) })
  }
  const supergraph = await compose(addresses, exposure, settings.ROUTER_SECRET)
  const running = stack.move()
  return { gateway, supergraph, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

export interface RouterOptions {
  readonly supergraph: string
  readonly secret: string
  /** Default: a free port. */
  readonly port?: number
  /** The configuration of Hive Gateway. */
  readonly config?: string
}

export interface RunningRouter extends AsyncDisposable {
  readonly url: string
  readonly program: Program
}

/** Starts a router as a program of its own, and waits until it listens. */
export async function startRouter(router: Router, options: RouterOptions): Promise<RunningRouter> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.adopt(await mkdtemp(join(tmpdir(), 'supergraph-')), (path) =>
    rm(path, { recursive: true }),
  )
  const file = join(folder, 'supergraph.graphql')
  await writeFile(file, options.supergraph)
  const port = options.port ?? (await freePort())
  const program = stack.use(
    runProgram(process.execPath, argumentsOf(router, file, port, options.config), {
      cwd: import.meta.dirname,
      env: { PORT: String(port), ROUTER_SECRET: options.secret },
    }),
  )
  await program.printed(/(Listening) on/)
  const running = stack.move()
  return {
    url: urlOf(port),
    program,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  }
}

function argumentsOf(router: Router, file: string, port: number, config = 'routers/hive.ts'): string[] {
  if (router === 'apollo') return ['routers/apollo.ts', file]
  return [
    'node_modules/.bin/hive-gateway',
    ...['supergraph', file, '--config-path', config, '--host', '127.0.0.1', '--port', String(port)],
    ...(router === 'hive-router' ? ['--hive-router-runtime'] : []),
  ]
}
