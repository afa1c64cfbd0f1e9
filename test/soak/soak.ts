import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createSignIn } from '../../src/sandbox/sign-in.ts'
import { Excuses } from './excuses.ts'
import { createKinds } from './kinds.ts'
import { Load } from './load.ts'
import { createPrincipals, tokensOf } from './principals.ts'
import { SoakRecord } from './record.ts'
import { printMinutes, printSubscribers } from './report.ts'
import { RosterChanges } from './roster-changes.ts'
import { Samples } from './samples.ts'
import { runSteps, stop } from './steps.ts'
import { Subscriber } from './subscribers.ts'
import { checkFigures, checkHeard, checkLogs } from './verify.ts'
import { startWorld, type World } from './world.ts'

const WHOLE_DISTRICT_SUBSCRIBERS = 4

/** `npm run soak -- --minutes 2`: load, faults and restarts at once. Fails when a promise of the gateway was broken. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const world = await startWorld()
try {
  const violations = await soak(world, Number(values.minutes) * 60_000)
  const verdict = violations.length === 0 ? 'Every promise was kept.' : `BROKEN\n${violations.join('\n')}`
  process.stdout.write(`\n${verdict}\n`)
  process.exitCode = violations.length === 0 ? 0 : 1
} finally {
  await world[Symbol.asyncDispose]()
}

/** Prints the figures, and returns what broke. */
async function soak(world: World, wholeMs: number): Promise<readonly string[]> {
  const { url, control, roster } = world
  const principals = await createPrincipals(roster, world.signIn, await createSignIn())
  for (const token of tokensOf(principals)) roster.secrets.add(token)
  const [record, excuses] = [new SoakRecord(wholeMs), new Excuses()]
  excuses.begin(['UPSTREAM_RATE_LIMITED'], 0, roster.busy.id)
  const options = { url, truth: roster.truth, record, excuses }
  const { service, admin } = principals
  const listeners = [...Array(WHOLE_DISTRICT_SUBSCRIBERS).fill(service), admin, ...principals.subscribers]
  const subscribers = listeners.map((principal) => new Subscriber({ ...options, principal }))
  const load = new Load({ ...options, kinds: createKinds(roster, principals) })
  const changes = new RosterChanges(control, roster, principals)
  const samples = new Samples(world, record)

  await runSteps({ world, record, excuses, wholeMs })
  await delay(Math.max(0, record.startedAt + wholeMs - Date.now()))
  await changes.end()
  await checkHeard(world, record, subscribers)
  await Promise.all(subscribers.map((subscriber) => subscriber.end()))
  await load.end()
  const growth = await samples.end()
  const calls = await control.calls()
  await Promise.all(world.serving.map((gateway) => stop(world, record, gateway)))
  await checkLogs(world, record)
  const figures = [
    `${changes.changes} changes of the roster.`,
    checkFigures(record, calls),
    printSubscribers(subscribers),
    ...growth,
  ]
  process.stdout.write(`${printMinutes(record, calls)}\n${figures.join('\n')}\n`)
  return record.violations()
}
