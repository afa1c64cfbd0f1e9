import { mkdir, mkdtemp, open as openFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { type AccessSettings, openAccess } from '../../src/open-access.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { guardian, startGateway } from '../support/gateway.ts'
import { contact, NOW, privilege, user } from './people.ts'

const SECRET = 'Zebulon Marker'
const AARON = contact({
  id: MIXED,
  first: 'Aaron',
  last: 'Collins',
  email: 'aaron.collins@example.org',
  entries: [{ student: CHILD }],
})
const AARON_CHILD = user(CHILD)
const VIEW = privilege('VIEW_STUDENT')
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
  const clock = createFakeClock()
  const access = await openAccess(
    { issuers: 'EVERYBODY', leeway: 5_000, proxies: {}, policy: undefined, overrides: path, ...settings },
    clock,
    createLog('info', { write: (line: string) => void lines.push(line) }),
    metrics,
  )
  return {
    access,
    lines,
    metrics,
    /** Lets the file be polled until it is as expected. */
    soon: (expected: () => unknown) =>
      vi.waitFor(
        async () => {
          await clock.advance(1_000)
          await expected()
        },
        { timeout: 5_000, interval: 5 },
      ),
    isCurrent: async () => (await metrics.overridesCurrent.get()).values[0]?.value,
    [Symbol.asyncDispose]: () => access.close(),
  }
}

describe('the overrides of a file', () => {
  it('follow the file, keep the last good ones through a bad one, and recover', async () => {
    await writeFile(path, file())
    await using opened = await open()
    const { access, lines, isCurrent, soon } = opened
    await using gateway = await startGateway({ overrides: () => access.overrides.current() })
    const child = async () =>
      (await gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, guardian(MIXED))).data.student
    expect(await child()).toEqual({ id: CHILD })
    expect(await isCurrent()).toBe(1)

    // Replaced as a mounted file is.
    await writeFile(`${path}.new`, file(denial()))
    await rename(`${path}.new`, path)
    await soon(async () => expect(await child()).toBeNull())
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['info'])

    await writeFile(path, `{ "overrides": [ ${SECRET}`)
    await soon(async () => expect(await isCurrent()).toBe(0))
    expect(access.overrides.problems()).toHaveLength(1)
    expect(await child()).toBeNull()
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
      level: 'error',
      reason: 'NOT_JSON',
      problems: ['overrides.0: the file is not valid JSON: a value is expected (line 1, column 18)'],
    })

    await rm(path)
    await soon(() => expect(lines.at(-1)).toContain('ENOENT'))
    expect([await isCurrent(), await child()]).toEqual([0, null])

    await writeFile(path, file())
    await soon(async () => expect(await child()).toEqual({ id: CHILD }))
    expect([await isCurrent(), access.overrides.problems()]).toEqual([1, []])
    expect(lines.join()).not.toContain(SECRET)
  })

  /** Whether the denial of the file is in force. */
  const denies = ({ access }: Awaited<ReturnType<typeof open>>) =>
    access.overrides.current().denial(AARON, AARON_CHILD, VIEW, NOW) !== undefined

  it.each(Array.from({ length: 12 }, (_each, turns) => turns))(
    'O6: a file that is replaced %i turns after its first reading has begun is noticed',
    async (turns) => {
      await writeFile(path, file())
      await writeFile(`${path}.new`, file(denial()))
      const opening = open()
      for (let turn = 0; turn < turns; turn += 1) await nextTurn()
      await rename(`${path}.new`, path)
      await using opened = await opening
      await opened.soon(() => expect(denies(opened)).toBe(true))
      expect(await opened.isCurrent()).toBe(1)
    },
  )

  it('O6: a second write that leaves size and time of the file as they were is noticed', async () => {
    const [before, after] = [
      file(denial({ effect: 'DENY' })),
      file(denial({ expires: '2026-01-01T00:00:00Z' })),
    ]
    await writeFile(path, before.padEnd(after.length))
    await using opened = await open()
    expect(denies(opened)).toBe(true)
    await writeFile(path, after)
    await utimes(path, 1_000, 1_000)
    await opened.soon(() => expect(denies(opened)).toBe(false))
  })

  it('follow a file that is mounted through a folder of links, as Kubernetes mounts it', async () => {
    const mount = `${path}.mount`
    for (const [version, text] of [file(), file(denial())].entries()) {
      await mkdir(join(mount, `..${version}`), { recursive: true })
      await writeFile(join(mount, `..${version}`, 'overrides.json'), text)
    }
    await symlink('..0', join(mount, '..data'))
    await symlink(join('..data', 'overrides.json'), join(mount, 'overrides.json'))
    await using opened = await open({ overrides: join(mount, 'overrides.json') })
    expect(denies(opened)).toBe(false)
    await symlink('..1', join(mount, '..data_tmp'))
    await rename(join(mount, '..data_tmp'), join(mount, '..data'))
    await opened.soon(() => expect(denies(opened)).toBe(true))
  })

  it('stay in force while an editor has written half of the file, and follow when it has written all', async () => {
    await writeFile(path, file(denial()))
    await using opened = await open()
    const text = file(denial(), denial({ expires: '2027-01-01T00:00:00Z' }))
    const editor = await openFile(path, 'w')
    await opened.soon(() => expect(opened.access.overrides.problems()).toEqual(['the file is empty']))
    await editor.write(text.slice(0, 60))
    await opened.soon(() =>
      expect(opened.access.overrides.problems()[0]).toContain('the file ends too early'),
    )
    expect(denies(opened)).toBe(true)
    await editor.write(text.slice(60))
    await editor.close()
    await opened.soon(() => expect(opened.access.overrides.problems()).toEqual([]))
    expect(denies(opened)).toBe(true)
  })

  it('that are refused say why in the log, in /ready and in a metric, once for each change', async () => {
    await writeFile(path, file(denial()))
    await using opened = await open()
    const { access, lines, metrics, soon } = opened
    await using gateway = await startGateway({ overridesProblems: access.overrides.problems })
    const ready = async () => (await (await fetch(`${gateway.url}/ready`)).json()) as object
    expect(await ready()).toEqual({ status: 'ready', overrides: 'current' })

    await writeFile(path, Buffer.from(`\uFEFF${file(denial())}`, 'utf16le'))
    const problems = ['the file is UTF-16 (little-endian): save it as UTF-8']
    await soon(async () =>
      expect(await ready()).toEqual({ status: 'ready', overrides: 'last good', overridesProblems: problems }),
    )
    // Polls that find the same say no more.
    await soon(() => {})
    await soon(() => {})
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'error', reason: 'ENCODING', problems },
    ])
    expect((await metrics.overridesRefused.get()).values).toMatchObject([
      { value: 1, labels: { reason: 'encoding' } },
    ])
    expect(denies(opened)).toBe(true)

    await writeFile(path, file(...Array(30).fill(denial({ reason: '' }))))
    await soon(() => expect(access.overrides.problems().at(-1)).toBe('and 10 more problems'))
    await writeFile(path, file())
    await soon(async () => expect(await ready()).toEqual({ status: 'ready', overrides: 'current' }))
    expect(denies(opened)).toBe(false)
  })

  it.each([
    ['is not there', undefined, 'the file cannot be read (ENOENT)'],
    ['is no JSON', `${SECRET} {`, 'the file: the file is not valid JSON: a value is expected'],
    ['is empty', '', 'the file is empty'],
    ['has a person for a key', JSON.stringify({ overrides: [], [SECRET]: 1 }), 'the file: has a field'],
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
