import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import type { DistrictSize } from './clever.ts'
import type { Settings } from './graphs.ts'
import { compareIdle } from './idle.ts'
import { compareManyStudents, compareOneContact, comparePageOfContacts } from './one-query.ts'
import { printCost, printTable, type Row } from './table.ts'
import { compareWholeDistrict } from './whole-district.ts'

/**
 * Calls to Clever and milliseconds, of the gateway and of the textbook, on a sandbox as slow as Clever is. Everything is
 * a process of its own; the table goes to stdout, what happens meanwhile to stderr. Fails when the two answer
 * differently, when either answers with an error, and when a minute's calls are spent.
 *
 *   node test/bench/upstream.ts [--only 2,3] [--students 50000] [--contacts 100000] [--gateway NAME=VALUE]...
 *
 * `--students` and `--contacts` are of the large district; `--gateway` is a further setting of the gateway.
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '1,2,3,4,5,6' },
    students: { type: 'string', default: '50000' },
    contacts: { type: 'string', default: '100000' },
    gateway: { type: 'string', multiple: true, default: [] },
  },
})

const ALL_WELL =
  "Every answer of the gateway was equal to the textbook's. No call was answered with 429, and no minute's calls were spent."

const SMALL: DistrictSize = { students: 100 }
const MIDDLE: DistrictSize = { students: 2_000 }
const LARGE: DistrictSize = { students: Number(flags.students), contacts: Number(flags.contacts) }

const chosen = new Set(flags.only.split(','))
const gateway: Settings = Object.fromEntries(flags.gateway.map((pair) => pair.split(/=(.*)/s, 2)))

const rows: Row[] = []
const failures: string[] = []
const startedAt = performance.now()

await run('1', () => [
  compareOneContact({ title: `1. One contact with its students, ${of(MIDDLE)}`, district: MIDDLE, gateway }),
])
for (const district of [SMALL, MIDDLE, LARGE])
  await run('2', () => [
    comparePageOfContacts({
      title: `2. 100 contacts with their students, ${of(district)}`,
      district,
      gateway,
    }),
  ])
for (const district of [MIDDLE, LARGE])
  await run('3', () => [
    compareManyStudents({ title: `3. 500 students with their contacts, ${of(district)}`, district, gateway }),
  ])
if (chosen.has('5')) chosen.add('4')
await run('4', () =>
  compareWholeDistrict({ district: LARGE, gateway, withChanges: chosen.has('5'), say: tell }),
)
await run('6', () => [compareIdle({ district: MIDDLE, gateway })])

process.stdout.write(printTable(rows) + notes())

async function run(
  scenario: string,
  compare: () => AsyncIterable<Row> | Iterable<Promise<Row>>,
): Promise<void> {
  if (!chosen.has(scenario)) return
  try {
    for await (const row of compare()) {
      rows.push(row)
      tell(printTable([row]).split('\n').at(2) ?? '')
    }
  } catch (error) {
    process.exitCode = 1
    const failure = `Scenario ${scenario} FAILED: ${error instanceof Error ? error.message : error}`
    failures.push(failure)
    tell(failure)
  }
}

function tell(progress: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  process.stderr.write(`${String(seconds).padStart(4)} s  ${progress}\n`)
}

function of({ students }: DistrictSize): string {
  return `of ${students.toLocaleString('en')} students`
}

function notes(): string {
  const sweeps = rows.flatMap(({ title, sweep }) => (sweep ? [`- ${title}: ${printCost(sweep)}\n`] : []))
  const ahead =
    sweeps.length > 0
      ? `Before the warm column the gateway had read the district ahead, from the start of its process:\n\n${sweeps.join('')}\n`
      : ''
  return `
${ahead}${failures.length > 0 ? failures.join('\n') : ALL_WELL}
Node ${process.version}, ${availableParallelism()} processors, all processes on one machine.
`
}
