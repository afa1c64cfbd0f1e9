import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NO_OVERRIDES } from '../../src/access/overrides.ts'
import { systemClock } from '../../src/clock.ts'
import { watchOverrides } from '../../src/overrides-source.ts'
import { DEFAULT_POLICY, startGateway, type TestGateway } from '../support/gateway.ts'
import { DENIALS, type DenialRow, MORE_DENIALS } from './denial-rows.ts'
import { OFFICE_DENIALS } from './office-rows.ts'

const ROWS: readonly DenialRow[] = [...DENIALS, ...MORE_DENIALS, ...OFFICE_DENIALS]

/** Each row has a student and a contact of its own, who is a parent and nothing else. */
async function startSchool(folder: string) {
  let current = () => NO_OVERRIDES
  const gateway = await startGateway({
    sandbox: { students: ROWS.length },
    overrides: () => current(),
  })
  const school = gateway.sandbox.districts[0] ?? expect.unreachable()
  const contacts = school.roster.users('contact').map(({ id }) => id)
  const pairs = ROWS.map(([, order, record], i) => {
    const [student = '', contact = ''] = [school.students[i], contacts[i]]
    const { name, email, phone, sis_id } = record
    const entries = [{ student, relationship: 'Parent', type: 'Parent/Guardian' }]
    school.editContact(
      contact,
      { name: { last: name }, email },
      { phone, sis_id, legacy_id: undefined, student_relationships: entries },
    )
    return { student, contact, order }
  })
  const overrides = pairs.map(({ student, order }) => ({
    effect: 'DENY',
    student,
    privileges: 'ALL',
    reason: 'court order',
    contact: order,
  }))
  const path = join(folder, 'overrides.json')
  await writeFile(path, JSON.stringify({ overrides }))
  const source = await watchOverrides(path, DEFAULT_POLICY, systemClock, () => {})
  current = () => source.current()
  return { gateway, source, pairs }
}

async function askAccess(gateway: TestGateway, contactId: string, studentId: string) {
  const { data } = await gateway.ask(
    `query ($contactId: ID!, $studentId: ID!) {
      contactAccess(contactId: $contactId, studentId: $studentId, privilege: PICK_UP) { allowed reason }
    }`,
    { contactId, studentId },
  )
  return data.contactAccess
}

describe('an order of the overrides file, over HTTP', () => {
  let folder: string
  let school: Awaited<ReturnType<typeof startSchool>>
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'orders-'))
    school = await startSchool(folder)
  })
  afterAll(async () => {
    await school.gateway[Symbol.asyncDispose]()
    school.source.close()
    await rm(folder, { recursive: true })
  })

  const rows = ROWS.map((row, i) => [i, ...row] as const)

  async function expectRow(i: number, right: string) {
    const { contact, student } = school.pairs[i] ?? expect.unreachable()
    expect(await askAccess(school.gateway, contact, student)).toEqual(
      right === 'DENIED'
        ? { allowed: false, reason: 'OVERRIDE_DENIES' }
        : { allowed: true, reason: 'RELATIONSHIP' },
    )
  }

  it.each(rows)('row %i: %s', (i, _why, _order, _record, right) => expectRow(i, right))

  it('holds as well once all contacts are known, of whom many have the same phone', async () => {
    await school.gateway.ask('{ contacts(first: 1, filter: { hasPhone: true }) { totalCount } }')
    for (const [i, , , , right] of rows) await expectRow(i, right)
  })
})
