import { parseArgs } from 'node:util'
import type { DistrictSize } from './clever.ts'
import type { Settings } from './graphs.ts'
import { compareIdle } from './idle.ts'
import { MACHINE } from './machine.ts'
import { compareQueries, QUERIES } from './one-query.ts'
import { createReport } from './report.ts'
import { printRow, printTable, type Row } from './table.ts'
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

const SMALL: DistrictSize = { students: 100 }
const MIDDLE: DistrictSize = { students: 2_000 }
const LARGE: DistrictSize = { students: Number(flags.students), contacts: Number(flags.contacts) }

const ALL_WELL =
  "Every answer of the gateway was equal to the textbook's. No call was answered with 429, and no minute's calls were spent."

const chosen = new Set(flags.only.split(','))
const gateway: Settings = Object.fromEntries(flags.gateway.map((pair) => pair.split(/=(.*)/s, 2)))
const report = createReport()
const rows = [
  ...(await compareIn(SMALL, [2])),
  ...(await compareIn(MIDDLE, [1, 2, 3])),
  ...(await compareIn(LARGE, [2, 3])),
]
if (chosen.has('4') || chosen.has('5')) {
  const whole = compareWholeDistrict({ district: LARGE, gateway, withChanges: chosen.has('5'), report })
  rows.push(...(await report.collect('4 and 5', whole, printRow)))
}
if (chosen.has('6'))
  rows.push(...(await report.collect('6', compareIdle({ district: MIDDLE, gateway }), printRow)))

const verdict = report.failures.length === 0 ? [ALL_WELL] : report.failures
process.stdout.write(`${printTable(rows.toSorted((a, b) => scenarioOf(a) - scenarioOf(b)))}
${[...report.notes, ...verdict, MACHINE].map((line) => `- ${line}\n`).join('')}`)

async function compareIn(district: DistrictSize, scenarios: readonly (1 | 2 | 3)[]): Promise<readonly Row[]> {
  const queries = scenarios.filter((scenario) => chosen.has(String(scenario))).map((each) => QUERIES[each])
  if (queries.length === 0) return []
  const what = `${scenarios.join(', ')} of ${district.students} students`
  return report.collect(what, compareQueries({ queries, district, gateway, report }), printRow)
}

function scenarioOf({ title }: Row): number {
  return Number.parseInt(title, 10)
}
