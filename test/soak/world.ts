import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSignIn, type SignIn } from '../../src/sandbox/sign-in.ts'
import { freePort } from '../bench/child.ts'
import { findRedis, type RedisServer, startRedis } from '../replicas/redis-server.ts'
import { LateBalancer } from '../support/late-balancer.ts'
import { type RunningMain, runMain } from '../support/run-main.ts'
import { START_ARGS } from '../support/start-args.ts'
import { SandboxControl } from './clever.ts'
import { loadRoster, type Roster } from './roster.ts'

/** How late the balancer acts on readiness. ms */
export const LATE_MS = 1_000
export const MAX_AGES = { decision: 15_000, display: 60_000 }
export const ROUTER_SECRET = 'soak-0123456789abcdef0123456789abcdef'

/** As `npm start`. All garbage is collected every 20 s, so that what is left is what the process holds. */
const NODE_ARGS = [...START_ARGS, '--expose-gc', '--import', './test/soak/collect-garbage.ts']

/** One gateway process. */
export interface Gateway {
  readonly main: RunningMain
  readonly port: number
  readonly startedAt: number
  readonly logFile: string
  isKilled: boolean
}

export interface World extends AsyncDisposable {
  /** Of the balancer. */
  readonly url: string
  readonly balancer: LateBalancer
  /** Undefined where there is no redis-server. */
  readonly redis: RedisServer | undefined
  readonly sandbox: RunningMain
  readonly control: SandboxControl
  readonly roster: Roster
  readonly signIn: SignIn
  /** Those that the balancer knows. */
  readonly serving: Gateway[]
  /** Also those that have ended. */
  readonly all: Gateway[]
  start(): Promise<Gateway>
  /** The tokens that the gateways read for the districts. */
  writeTokens(): Promise<void>
}

/** Two gateways with Redis behind a balancer, over a sandbox with three districts: each in a process of its own. */
export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-'))
  const redis = findRedis() ? await startRedis() : undefined
  const sandbox = runMain({
    args: ['sandbox'],
    environment: { SANDBOX_DISTRICTS: '3', SANDBOX_STUDENTS: '300', SANDBOX_LATENCY: 'clever' },
  })
  const control = new SandboxControl(await sandbox.printed(/CLEVER_API_URL=(\S+)/))
  const tokens = new Map(
    (await sandbox.printed(/CLEVER_DISTRICT_TOKENS=(\S+)/))
      .split(',')
      .map((pair) => pair.split('=') as [string, string]),
  )
  const roster = await loadRoster(control, tokens)
  await control.forgetCalls()
  const signIn = await createSignIn()
  const environment = await writeSettings(folder, control, signIn, redis)
  const writeTokens = () => writeFile(environment.CLEVER_DISTRICT_TOKENS_FILE, printTokens(tokens))
  await writeTokens()
  const balancer = new LateBalancer(LATE_MS)
  const url = await balancer.listen()
  const all: Gateway[] = []

  async function start(): Promise<Gateway> {
    const port = await freePort()
    const logFile = join(folder, `gateway-${port}.log`)
    const stdout = await open(logFile, 'w')
    const main = runMain({
      environment: { ...environment, PORT: String(port) },
      nodeArgs: NODE_ARGS,
      stdout: stdout.fd,
    })
    const gateway = { main, port, startedAt: Date.now(), logFile, isKilled: false }
    all.push(gateway)
    await balancer.add(port)
    await stdout.close()
    return gateway
  }

  process.once('exit', () => {
    for (const { child } of [sandbox, ...all.map(({ main }) => main)]) child.kill('SIGKILL')
  })
  const serving = await Promise.all([start(), start()])
  return {
    url,
    balancer,
    redis,
    sandbox,
    control,
    roster,
    signIn,
    serving,
    all,
    start,
    writeTokens,
    async [Symbol.asyncDispose]() {
      for (const { main } of all) main.child.kill('SIGKILL')
      sandbox.child.kill('SIGKILL')
      await balancer[Symbol.asyncDispose]()
      await redis?.[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

/** What a process has printed so far: its log with the audit, and stderr. */
export async function outputOf({ main, logFile }: Gateway) {
  return { log: await readFile(logFile, 'utf8'), stderr: main.output() }
}

async function writeSettings(
  folder: string,
  control: SandboxControl,
  signIn: SignIn,
  redis: RedisServer | undefined,
) {
  const AUTH_FILE = join(folder, 'issuers.json')
  await writeFile(AUTH_FILE, JSON.stringify({ issuers: [signIn.issuer] }))
  return {
    AUTH_FILE,
    CLEVER_API_URL: control.url,
    CLEVER_DISTRICT_TOKENS_FILE: join(folder, 'tokens'),
    ...(redis && { REDIS_URL: redis.url, REPLICAS_SECRET: ROUTER_SECRET }),
    REPLICAS: '2',
    // Longer than by default, because the clients and the sandbox have the same processors as the gateways.
    REQUEST_TIMEOUT_MS: '30000',
    SHUTDOWN_GRACE_MS: '45000',
    ROUTER_SECRET,
    EVENTS_INTERVAL_MS: '2000',
    RELATIONSHIP_MAX_AGE_MS: String(MAX_AGES.decision),
    DISPLAY_MAX_AGE_MS: String(MAX_AGES.display / 2),
    DISPLAY_HARD_MAX_AGE_MS: String(MAX_AGES.display),
    DISCLOSURE_QUOTA: 'service=1000000',
  }
}

function printTokens(tokens: ReadonlyMap<string, string>): string {
  return [...tokens].map(([id, token]) => `${id}=${token}`).join('\n')
}
