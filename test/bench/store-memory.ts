import { parseUser } from '../../src/clever/records.ts'
import { encodeForRole, indexEntryOf } from '../../src/model/codec.ts'
import { type DistrictId, parseDistrictId } from '../../src/model/ids.ts'
import type { Role } from '../../src/model/ranges.ts'
import type { User } from '../../src/sandbox/roster/records.ts'
import { inventSchoolSystem } from '../../src/sandbox/school-system/school-system.ts'
import { createContactsByStudent } from '../../src/store/contacts-by-student.ts'
import { EVERYTHING } from '../../src/store/coverage.ts'
import type { EncodedRow } from '../../src/store/encoded-records.ts'
import { RecordTable } from '../../src/store/record-table.ts'
import { createSharedValues } from '../../src/store/shared-values.ts'
import { printMarkdown } from './table.ts'

/**
 * `npm run bench:memory`: the bytes that a record, a pair and a count of shared values take, beside what the store counts
 * for them. All that is measured is dropped part by part, and each part is what a collection then frees.
 */
const { RECORDS = '1000000' } = process.env
const STUDENTS_IN_DISTRICT = 20_000
const LAST_SYNC = Date.UTC(2026, 10, 1)

const tables: RecordTable[] = []
const contacts = [createContactsByStudent()]
const values = [createSharedValues()]
const counted = { records: 0, text: 0, pairs: 0, values: 0 }
const distinct = new Set<number>()

for (let index = 1; counted.records < Number(RECORDS); index += 1) {
  loadDistrict(index)
  process.stderr.write(`${counted.records.toLocaleString('en')} records\n`)
}
counted.values = distinct.size
distinct.clear()

const bytes = {
  records: tables.reduce((sum, table) => sum + table.bytes, 0),
  pairs: contacts.reduce((sum, each) => sum + each.bytes, 0),
  values: values.reduce((sum, each) => sum + each.bytes, 0),
}
const lines = [
  lineOf('Pair of a student and a contact', counted.pairs, bytes.pairs, freedBy(contacts)),
  lineOf('Value that may be shared', counted.values, bytes.values, freedBy(values)),
  lineOf('Record', counted.records, bytes.records, freedBy(tables)),
]
process.stdout.write(printMarkdown(['Bytes of one', 'Number', 'Counted', 'Measured'], lines, 1))
process.stdout.write(`
- A record has ${(counted.text / counted.records).toFixed(0)} characters of text.
`)

function loadDistrict(index: number) {
  const { record, users } = inventSchoolSystem({
    seed: 1,
    index,
    students: STUDENTS_IN_DISTRICT,
    lastSync: LAST_SYNC,
  })
  const districtId = parseDistrictId(record.id)
  if (districtId === undefined) throw new Error('the district has no id')
  for (const role of ['student', 'contact'] as const) {
    const rows = rowsOf(users, role, districtId)
    const table = new RecordTable(() => {})
    table.write({ ...EVERYTHING, asOf: LAST_SYNC }, rows)
    tables.push(table)
    counted.records += rows.length
    for (const [id, encoded] of rows) {
      counted.text += encoded.length
      if (role === 'contact') addToIndexes(id, encoded)
    }
  }
}

/** Cloned like the rows that a worker sends, so that no text is a part of another. */
function rowsOf(users: readonly User[], role: Role, districtId: DistrictId): readonly EncodedRow[] {
  const rows = users.flatMap((user) => {
    const encoded = encodeForRole(role, parseUser(user, districtId))
    return encoded === undefined ? [] : [[user.id, encoded] as const]
  })
  return structuredClone(rows.sort(([a], [b]) => (a < b ? -1 : 1)))
}

function addToIndexes(id: string, encoded: string) {
  const { students, sharedKeys } = indexEntryOf(encoded)
  counted.pairs += students.length
  for (const key of sharedKeys) distinct.add(key)
  for (const index of contacts) index.change(id, [], students)
  for (const index of values) index.change([], sharedKeys)
}

function lineOf(title: string, number: number, counted: number, measured: number): readonly string[] {
  return [title, number.toLocaleString('en'), (counted / number).toFixed(1), (measured / number).toFixed(1)]
}

/** Empties the list, and returns the bytes that were held only by it. */
function freedBy(list: unknown[]): number {
  const before = heldBytes()
  list.length = 0
  return before - heldBytes()
}

function heldBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run Node with --expose-gc')
  globalThis.gc()
  // Typed arrays are freed after the collection that finds them.
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
