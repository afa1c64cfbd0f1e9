import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import type { Settings } from './graphs.ts'
import { measureBeside } from './load-beside.ts'
import { measureCold } from './load-cold.ts'
import { measureMillion } from './load-million.ts'
import { type Figure, printFigure, printFigures } from './load-table.ts'
import { MACHINE } from './machine.ts'
import { compareManyDistricts } from './many-districts.ts'
import { createReport } from './report.ts'

/**
 * Cold reads and full loads of large districts, each figure beside its target. Clever and the gateway are processes of their
 * own, each on a processor of its own where the machine lets it. The table goes to stdout, progress to stderr. Fails when an
 * answer differs from the textbook's.
 *
 *   node test/bench/load-bench.ts [--only 1,2,3,4,5,6,7] [--records 1000000] [--gateway NAME=VALUE]... [--unpinned]
 *
 * `--records` is for rows 4 and 6, which are measured together; `--gateway` is a further setting of the gateway.
 */
const { values: flags } = parseArgs({
  options: {
    only: { type: 'string', default: '1,2,3,4,5,6,7' },
    records: { type: 'string', default: '1000000' },
    gateway: { type: 'string', multiple: true, default: [] },
    // Read in `child.ts`.
    unpinned: { type: 'boolean', default: false },
  },
})

const LARGE = { students: 50_000, contacts: 100_000 }

const chosen = new Set(flags.only.split(','))
const isChosen = (row: number) => chosen.has(String(row))
const gateway: Settings = Object.fromEntries(flags.gateway.map((pair) => pair.split(/=(.*)/s, 2)))
const report = createReport()
const figures: Figure[] = []

const loadBefore = loadavg()[0]?.toFixed(1)

async function add(what: string, rows: AsyncIterable<Figure>) {
  figures.push(...(await report.collect(what, rows, printFigure)))
}
if (isChosen(1) || isChosen(2) || isChosen(3))
  await add('1, 2, 3', measureCold({ district: LARGE, gateway, report, isChosen }))
if (isChosen(4) || isChosen(6))
  await add('4, 6', measureMillion({ records: Number(flags.records), gateway, report }))
if (isChosen(5)) await add('5', measureBeside({ gateway, report }))
if (isChosen(7)) await add('7', compareManyDistricts({ records: 50_000, gateway, report }))

const OTHERS = `Load average of the machine: ${loadBefore} before, ${loadavg()[0]?.toFixed(1)} at the end. These processes make about 2 of it.`
process.stdout.write(`${printFigures(figures)}
${[...report.notes, ...report.failures, MACHINE, OTHERS].map((line) => `- ${line}\n`).join('')}`)
