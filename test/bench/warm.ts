import { parseArgs } from 'node:util'
import { measureDecisions } from './decision-cost.ts'
import { measureHeap } from './heap.ts'
import { MACHINE } from './machine.ts'
import { measureStart } from './start-time.ts'
import { startBench } from './warm-bench.ts'
import { runCases } from './warm-run.ts'
import { printNumber, printPartTable, printRatio, printWarmTable, type WarmRow } from './warm-table.ts'

/**
 * Requests a second of the gateway when it knows all that is asked, beside a textbook gateway, which asks Clever each
 * time, and a bare server, which only answers. The gateway has its token, decisions, audit and log on. Each server is a
 * process of its own, over one sandbox that answers at once; this process sends the requests. The tables go to stdout,
 * progress to stderr. Fails when two servers answer differently, and when one answers with an error.
 *
 *   node test/bench/warm.ts [--only 1,2,3,4,5,6,7,8,9] [--rounds 3] [--seconds 4] [--students 2000]
 *   node test/bench/warm.ts --heap [--seconds 600]
 *
 * `--seconds` is for each turn, or for all of `--heap`, which shows how the memory of the gateway grows under load.
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '1,2,3,4,5,6,7,8,9' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string' },
    students: { type: 'string', default: '2000' },
    heap: { type: 'boolean', default: false },
  },
})

const SECONDS = 4
const HEAP_SECONDS = 600

const only = new Set(flags.only.split(','))
const students = Number(flags.students)
const benchStartedAt = performance.now()

if (flags.heap) {
  const seconds = Number(flags.seconds ?? HEAP_SECONDS)
  process.stdout.write(await measureHeap({ students, seconds, only, say }))
} else {
  await compare(Number(flags.seconds ?? SECONDS), Number(flags.rounds))
}

async function compare(seconds: number, rounds: number) {
  const { decided, remembered } = measureDecisions()
  say('decisions: done')
  const start = await measureStart()
  say('starts: done')
  await using bench = await startBench({ students, names: ['gateway', 'textbook', 'bare'], only })
  const { rows, requests, calls } = await runCases(bench, { rounds, seconds, say })
  const notes = [
    ...ownRecordNote(rows),
    `A decision for a guardian with three entries takes ${printNumber(decided)} µs; to look it up again, ${printNumber(remembered)} µs.`,
    `From the start of the process to ready with the small sandbox: ${printNumber(start)} ms.`,
    `The gateway sent Clever ${calls.toLocaleString('en')} calls during ${requests.toLocaleString('en')} requests.`,
    `${students.toLocaleString('en')} students; medians of ${rounds} rounds of ${seconds} s. The servers' answers were equal.`,
    'CPU busy is the share of one processor that the server used. Where it is well below 100 %, the client or the sandbox was the limit: compare CPU ms/request.',
    MACHINE,
  ]
  process.stdout.write(`${printWarmTable(rows)}
${printPartTable(rows)}
${notes.map((line) => `- ${line}\n`).join('')}`)
}

/** The cost of a guardian's own record beside that of the same records for a service: cases 6 and 7. */
function ownRecordNote(rows: readonly WarmRow[]): readonly string[] {
  const cpuOf = (wanted: number) => rows.find(({ id }) => id === wanted)?.figures.get('gateway')?.cpu
  const guardian = cpuOf(6)
  const service = cpuOf(7)
  if (guardian === undefined || service === undefined) return []
  return [`A guardian's own record costs ${printRatio(guardian, service)} the CPU time of a service's.`]
}

function say(progress: string) {
  const seconds = Math.round((performance.now() - benchStartedAt) / 1_000)
  process.stderr.write(`${String(seconds).padStart(4)} s  ${progress}\n`)
}
