import { setTimeout as delay } from 'node:timers/promises'
import type { Excuses } from './excuses.ts'
import type { SoakRecord } from './record.ts'
import { type Gateway, LATE_MS, type World } from './world.ts'

export interface Step {
  readonly name: string
  /** When it begins, as a share of the whole time. */
  readonly at: number
  run(soak: Soak): Promise<void>
}

export interface Soak {
  readonly world: World
  readonly record: SoakRecord
  readonly excuses: Excuses
  readonly wholeMs: number
}

const OUTAGE = [
  'UPSTREAM_UNAVAILABLE',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_INVALID_RESPONSE',
  'UPSTREAM_RATE_LIMITED',
]
const WITHDRAWN = [...OUTAGE, 'UPSTREAM_UNAUTHORIZED']
/** How long answers may fail after a fault has ended. ms */
const GRACE_MS = 10_000
/** After Clever's 429 the rate limiter waits for the next window. ms */
const GRACE_OF_WINDOW_MS = 65_000
const ALL_CALLS = '/v3'

/** What happens to the gateways, in this order. A step that lasts longer delays the next one. */
export const STEPS: readonly Step[] = [
  fault('500 from Clever', 0.05, 0.015, { status: 500 }),
  { name: 'rolling restart of A', at: 0.1, run: (soak) => restart(soak) },
  { name: 'rolling restart of B', at: 0.15, run: (soak) => restart(soak) },
  { name: 'SIGKILL', at: 0.2, run: kill },
  fault('429 from Clever', 0.26, 0.01, { status: 429 }, GRACE_OF_WINDOW_MS),
  fault('slow Clever', 0.36, 0.025, { delayMs: 3_000 }),
  fault('broken JSON', 0.42, 0.015, { garble: true }),
  fault('connection resets', 0.47, 0.015, { cut: 'before-headers' }),
  { name: 'Redis away', at: 0.52, run: redisAway },
  { name: 'district withdraws', at: 0.7, run: withdraw },
  fault('bodies that end early', 0.86, 0.015, { cut: 'mid-body' }),
]

/** Runs the steps at their times. */
export async function runSteps(soak: Soak): Promise<void> {
  for (const step of STEPS) {
    await delay(Math.max(0, soak.record.startedAt + soak.wholeMs * step.at - Date.now()))
    soak.record.minute.steps.push(step.name)
    process.stderr.write(`${new Date().toISOString()} ${step.name}\n`)
    await step.run(soak)
  }
}

function fault(name: string, at: number, lasts: number, what: object, graceMs = GRACE_MS): Step {
  return {
    name,
    at,
    async run({ world, excuses, wholeMs }) {
      const end = excuses.begin(OUTAGE, graceMs)
      await world.control.act('/faults', { pattern: ALL_CALLS, ...what })
      await delay(wholeMs * lasts)
      await world.control.clearFaults()
      end()
    },
  }
}

/** As an orchestrator does it: a new process, then the end of the oldest one. */
async function restart({ world, record }: Soak) {
  world.serving.push(await world.start())
  const old = world.serving.shift()
  if (old !== undefined) await stop(world, record, old)
}

/** Stops the process with SIGTERM, and checks how it ends. */
export async function stop(world: World, record: SoakRecord, { main, port }: Gateway) {
  main.child.kill('SIGTERM')
  const code = await main.ended
  if (code !== 0) record.broke('a process did not exit with 0 at SIGTERM', String(code))
  world.balancer.remove(port)
}

/** The balancer learns of it late: until then, the requests that it sends there fail. */
async function kill({ world, excuses }: Soak) {
  const victim = world.serving.shift()
  if (victim === undefined) return
  const end = excuses.begin(['CONNECTION'], LATE_MS + 500)
  victim.isKilled = true
  victim.main.child.kill('SIGKILL')
  await victim.main.ended
  end()
  await delay(LATE_MS + 500)
  world.balancer.remove(victim.port)
  world.serving.push(await world.start())
}

async function redisAway({ world, record, excuses, wholeMs }: Soak) {
  if (world.redis === undefined) return void record.minute.steps.push('(skipped)')
  const end = excuses.begin(['EVENTS_LOST'], GRACE_MS)
  await world.redis.kill()
  await delay(wholeMs * 0.12)
  record.minute.steps.push('Redis back')
  await world.redis.start()
  end()
}

/** Clever refuses the token of the district, until the district gives another one. */
async function withdraw({ world, record, excuses, wholeMs }: Soak) {
  const { id } = world.roster.withdrawing
  const end = excuses.begin(WITHDRAWN, 2 * GRACE_MS, id)
  const { token } = await world.control.act(`/districts/${id}/rotate-token`)
  world.roster.truth.withdraw(id, Date.now())
  await delay(wholeMs * 0.12)
  record.minute.steps.push('district returns')
  world.roster.truth.giveBack(id, Date.now())
  world.roster.tokens.set(id, String(token))
  world.roster.secrets.add(String(token))
  await world.writeTokens()
  end()
}
