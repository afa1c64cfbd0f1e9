import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type AccessSettings, openAccess } from '../../src/access/open-access.ts'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { guardian, startGateway } from '../support/gateway.ts'

const SECRET = 'Zebulon Marker'
const denial = (more: object = {}) => ({
  effect: 'DENY',
  student: CHILD,
  privileges: 'ALL',
  reason: `${SECRET} has a court order`,
  contact: { name: 'Aaron Collins', email: 'aaron.collins@example.org' },
  ...more,
})
const file = (...overrides: object[]) => JSON.stringify({ overrides })

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overrides-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(({ task }) => {
  path = join(folder, `${task.id}.json`)
})

async function open(settings: Partial<AccessSettings> = {}) {
  const lines: string[] = []
  const metrics = createMetrics()
  const access = await openAccess(
    { issuers: 'EVERYBODY', policy: undefined, overrides: path, audit: 'off', ...settings },
    systemClock,
    createLog('info', { write: (line: string) => void lines.push(line) }),
    metrics,
  )
  return {
    access,
    lines,
    isCurrent: async () => (await metrics.overridesCurrent.get()).values[0]?.value,
    [Symbol.asyncDispose]: () => access.close(),
  }
}

/** Longer than the file is polled. */
const SOON = { timeout: 5_000, interval: 50 }

describe('the overrides of a file', () => {
  it('follow the file, keep the last good ones through a bad one, and recover', async () => {
    await writeFile(path, file())
    await using opened = await open()
    const { access, lines, isCurrent } = opened
    await using gateway = await startGateway({ overrides: () => access.overrides.current() })
    const child = async () =>
      (await gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, guardian(MIXED))).data.student
    expect(await child()).toEqual({ id: CHILD })
    expect(await isCurrent()).toBe(1)

    // Replaced as a mounted file is.
    await writeFile(`${path}.new`, file(denial()))
    await rename(`${path}.new`, path)
    await vi.waitFor(async () => expect(await child()).toBeNull(), SOON)
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['info'])

    await writeFile(path, `{ "overrides": [ ${SECRET}`)
    await vi.waitFor(async () => expect(await isCurrent()).toBe(0), SOON)
    expect(access.overrides.isCurrent()).toBe(false)
    expect(await child()).toBeNull()
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'error',
      problems: ['the file is no JSON'],
    })

    await rm(path)
    await vi.waitFor(() => expect(lines.at(-1)).toContain('ENOENT'), SOON)
    expect([await isCurrent(), await child()]).toEqual([0, null])

    await writeFile(path, file())
    await vi.waitFor(async () => expect(await child()).toEqual({ id: CHILD }), SOON)
    expect([await isCurrent(), access.overrides.isCurrent()]).toEqual([1, true])
    expect(lines.join()).not.toContain(SECRET)
  })

  it.each([
    ['is not there', undefined, 'the file cannot be read (ENOENT)'],
    ['is no JSON', `${SECRET} {`, 'the file is no JSON'],
    ['is empty', '', 'the file is no JSON'],
    ['has another shape', JSON.stringify([SECRET]), 'the file: '],
    ['has a denial of a Clever id alone', file(denial({ contact: { id: MIXED } })), 'overrides.0.contact: '],
    ['has a reason that is none', file(denial({ reason: { text: SECRET } })), 'overrides.0.reason: '],
    ['has an effect that is none', file(denial({ effect: SECRET })), 'overrides.0.effect: '],
    ['has an unknown field', file(denial({ [SECRET]: 1 })), 'overrides.0'],
    [
      'misspells a privilege',
      file(denial(), denial({ privileges: ['PICKUP', SECRET] })),
      'overrides.1.privileges: ',
    ],
    ['misspells ALL', file(denial({ privileges: 'all' })), 'overrides.0.privileges: '],
    ['has a student that is none', file(denial({ student: SECRET })), 'overrides.0.student: '],
  ])('refuse to start when the file %s, and quote nothing of it', async (_what, text, problem) => {
    if (text !== undefined) await writeFile(path, text)
    const refusal = await open().then(
      () => 'opened',
      (error: Error) => `${error.name} ${error.message}`,
    )
    expect(refusal).toContain(`AccessFileError OVERRIDES_FILE: ${problem}`)
    expect(refusal).not.toContain(SECRET)
    expect(refusal).not.toContain(MIXED)
  })
})

describe('a policy file', () => {
  const roles = { TEACHER: [], SCHOOL_STAFF: [], DISTRICT_ADMIN: [], STUDENT: [] }
  const privileges = { VIEW_STUDENT: 'x', VIEW_CONTACTS: 'x' }
  it.each([
    ['lacks a privilege of the gateway', { privileges: { VIEW_STUDENT: 'x' }, relationships: [], roles }],
    [
      'grants what it does not name',
      { privileges, relationships: [], roles: { ...roles, STUDENT: ['PICK_UP'] } },
    ],
    [
      'has a row of a type alone',
      { privileges, relationships: [{ type: ['FAMILY'], privileges: ['VIEW_STUDENT'] }], roles },
    ],
    [
      'names a relationship of its own',
      {
        privileges,
        relationships: [{ relationship: ['UNSPECIFIED'], type: ['FAMILY'], privileges: ['VIEW_STUDENT'] }],
        roles,
      },
    ],
    ['lacks a role', { privileges, relationships: [], roles: { TEACHER: [] } }],
  ])('that %s is refused at the start', async (_what, policy) => {
    await writeFile(path, JSON.stringify(policy))
    await expect(open({ policy: path, overrides: undefined })).rejects.toThrow(/^POLICY_FILE: /)
  })
})
