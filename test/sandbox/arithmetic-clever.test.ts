import { expect, onTestFinished, test } from 'vitest'
import { readUserPage } from '../../src/clever/user-page.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import { NO_OPTIONAL_FIELDS } from '../../src/model/optional-fields.ts'
import type { Role } from '../../src/model/ranges.ts'
import { serveArithmeticClever } from '../bench/arithmetic-clever.ts'
import { readAll, readPage } from '../bench/clever-user.ts'
import { unpacked } from '../support/user-page.ts'
import { askSandbox, firstDistrict } from './ask-clever.ts'

async function startArithmeticClever(records: number) {
  const clever = await serveArithmeticClever([records])
  onTestFinished(() => clever.close())
  return { url: clever.url, token: clever.districts[0]?.token ?? expect.unreachable() }
}

test.each(['student', 'contact'] as const)(
  'the gateway reads a page of the role %s of the arithmetic Clever like one of the sandbox',
  async (role) => {
    const { sandbox } = await askSandbox({ students: 500, now: () => Date.UTC(2026, 0, 1) })
    const theirs = await readShapes({ url: sandbox.url, token: firstDistrict(sandbox).token }, role)
    const ours = await readShapes(await startArithmeticClever(6_000), role)
    expect(ours.page).toMatchObject({ rowCount: 1_000, hasNameless: false, counts: { unreadable: 0 } })
    expect([...ours.rows].filter((row) => !theirs.rows.has(row))).toEqual([])
    expect([...ours.records].filter((record) => !theirs.records.has(record))).toEqual([])
  },
)

test('the pages of the arithmetic Clever cover each role once, and its relationships agree', async () => {
  const { url, token } = await startArithmeticClever(15_003)
  const read = (path: string) => readPage(url, token, path)
  const contacts = await readAll(read, 'contact')
  const students = await readAll(read, 'student')
  expect([contacts, students].map((users) => new Set(users.map(({ id }) => id)).size)).toEqual([
    10_002, 5_001,
  ])
  const student = students[4_321]?.id ?? expect.unreachable()
  const named = contacts.filter(({ roles }) =>
    roles.contact?.student_relationships.some((entry) => entry.student === student),
  )
  expect((await read(`/users/${student}/mycontacts`)).data.map(({ data }) => data)).toEqual(named)
  expect((await read(`/users/${named[0]?.id}`)).data).toEqual(named[0])
})

/** A page as Clever sends it and as the gateway keeps it, without what differs between two people of one template. */
async function readShapes({ url, token }: { readonly url: string; readonly token: string }, role: Role) {
  const response = await fetch(`${url}/v3.1/users?role=${role}&limit=1000`, {
    headers: { authorization: `Bearer ${token}` },
  })
  const body = await response.arrayBuffer()
  const districtId = parseDistrictId('d'.repeat(24)) ?? expect.unreachable()
  const page = readUserPage(body, { role, districtId, keptFields: NO_OPTIONAL_FIELDS })
  const { data } = JSON.parse(Buffer.from(body).toString()) as { data: readonly unknown[] }
  const rows = data.map((row) => shapeOf(JSON.stringify(row)))
  // What stands before the JSON of a record are digests of its ids and values.
  const records = unpacked(page).rows.map(({ encoded }) =>
    shapeOf(encoded?.slice(encoded.indexOf('[')) ?? ''),
  )
  return { page, rows: new Set(rows), records: new Set(records) }
}

function shapeOf(json: string): string {
  return json.replaceAll(/[0-9a-f]{24}/g, '').replaceAll(/[^a-z"{}[\]:]/gi, '')
}
