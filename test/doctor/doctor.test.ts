import { describe, expect, it } from 'vitest'
import { connectClever } from '../../src/clever/connect.ts'
import { systemClock } from '../../src/clock.ts'
import { examineDistricts } from '../../src/doctor/examine-districts.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'

interface Examined {
  readonly sandbox: Sandbox
  readonly diagnosis: string
  readonly lines: readonly string[]
  /** The lines about one subject, by how it went. */
  readonly about: (subject: string) => readonly string[]
  readonly progress: readonly string[]
}

/** What the doctor says of a sandbox, after something was done to it. */
async function examine(
  options: SandboxOptions = {},
  spoil: (sandbox: Sandbox) => void = () => {},
  maxBytes = 100_000_000,
): Promise<Examined> {
  const sandbox = await startSandbox(options)
  const [lines, progress]: [string[], string[]] = [[], []]
  const log = createLog('debug', { write: (line: string) => void lines.push(line) })
  const metrics = createMetrics()
  const tokens = new Map(
    sandbox.districts.map(({ id, token }) => [parseDistrictId(id) ?? expect.unreachable(), token]),
  )
  const clever = connectClever({
    source: { kind: 'district-tokens', tokens },
    apiUrl: sandbox.url,
    oauthUrl: sandbox.url,
    version: 'v3.1',
    connections: 8,
    clock: systemClock,
    log,
    metrics,
  })
  spoil(sandbox)
  const diagnosis = await examineDistricts({
    clients: clever.clients,
    credentials: 'district-tokens',
    maxBytes,
    phoneCountry: 'US',
    requiredFields: ['email'],
    clock: systemClock,
    log,
    metrics,
    print: (line) => lines.push(line),
    progress: (role, rows, of) => progress.push(`${role} ${rows}/${of}`),
  })
  await clever.close()
  await sandbox.close()
  const about = (subject: string) => lines.filter((line) => line.slice(5).startsWith(subject))
  return { sandbox, diagnosis, lines, about, progress }
}

describe('the doctor', () => {
  it('names the district and its way of syncing, and says what is shared, whether events come and what to expect', async () => {
    const { sandbox, diagnosis, about, lines, progress } = await examine()
    const [district] = sandbox.districts
    expect(diagnosis).toBe('warn')
    expect(about('token')).toEqual([expect.stringMatching(/^ok /)])
    expect(about('district')).toEqual([expect.stringContaining(`${district?.name}, SIS type sftp`)])
    expect(about('events')).toEqual([expect.stringMatching(/^ok .* the newest at \d{4}-/)])
    expect(about('sharing')).toEqual([expect.stringContaining('41 contacts, 24 students')])
    expect(lines).toContainEqual(expect.stringContaining('at most five contacts'))
    expect(progress).toEqual(['contact 41/41', 'student 24/24'])
  })

  it('counts the warnings and the fields that are required, as the contact report does', async () => {
    const { lines, about } = await examine()
    expect(lines).toContainEqual(expect.stringMatching(/^ +MISSING_EMAIL +2 \(5 %\)$/))
    expect(about('required')).toEqual([expect.stringMatching(/^warn .*email +missing in 2 \(5 %\)$/)])
  })

  it('counts restriction notes, contacts without a readable entry, and records that were cut', async () => {
    const { lines } = await examine({}, ({ districts: [district] }) => {
      const [noted = '', alone = '', long = ''] = district?.contacts ?? []
      district?.editContact(noted, { name: { last: 'NO CONTACT' } })
      district?.editContact(alone, {}, { student_relationships: [] })
      district?.editContact(long, { name: { last: 'Ana '.repeat(1_000) } })
    })
    const counted = lines.map((line) => line.trim().split(/\s+/))
    for (const code of ['RESTRICTION_NOTE', 'NO_READABLE_ENTRY', 'RECORD_CUT'])
      expect(counted).toContainEqual([code, '1', expect.any(String), '%)'])
  })

  it('says how many schools there are, and warns where Clever refuses them', async () => {
    const { about } = await examine()
    expect(about('schools')).toEqual([expect.stringMatching(/^ok .*3 schools read/)])
    const refused = await examine({}, ({ faults }) => void faults.add({ path: '/schools', status: 403 }))
    expect(refused.about('schools')).toEqual([expect.stringMatching(/^warn .*refuses them/)])
    expect(refused.about('contacts')).toHaveLength(1)
  })

  it('asks Clever nine times for a small district', async () => {
    const { sandbox } = await examine()
    expect(sandbox.calls.all().map(({ path, query }) => (query ? `${path}?${query}` : path))).toEqual([
      expect.stringContaining('/districts/'),
      expect.stringContaining('/events?'),
      expect.stringContaining('count=true'),
      expect.stringContaining('count=true'),
      expect.stringContaining('/schools?'),
      expect.stringContaining('role=contact'),
      expect.stringContaining('role=student'),
      expect.stringContaining('limit=1&ending_before='),
      expect.stringContaining('limit=1&starting_after='),
    ])
  })

  it('prints and logs no personal data', async () => {
    const { sandbox, lines } = await examine()
    const said = lines.join('\n')
    const roster = sandbox.districts[0]?.roster ?? expect.unreachable()
    const [district] = sandbox.districts
    for (const id of [...(district?.contacts ?? []), ...(district?.students ?? [])]) {
      const { name, email } = roster.user(id) ?? expect.unreachable()
      for (const text of [id, name?.last, email]) if (text) expect(said).not.toContain(text)
    }
    expect(said).not.toContain(district?.token)
  })

  it('fails where Clever refuses the token, and goes on with the other districts', async () => {
    const { diagnosis, lines, about } = await examine({ districts: 2 }, ({ districts }) =>
      districts[0]?.rotateToken(),
    )
    expect(diagnosis).toBe('fail')
    expect(about('token')).toEqual([
      expect.stringMatching(/^fail .*UPSTREAM_UNAUTHORIZED/),
      expect.stringMatching(/^ok /),
    ])
    expect(lines.at(-1)).toContain('does not work')
  })

  it('warns where the district has no events, or where its last sync failed', async () => {
    const { about } = await examine({}, ({ districts: [district] }) => {
      district?.setEvents('off')
      district?.editRecord({ state: 'error' })
    })
    expect(about('events')).toEqual([expect.stringMatching(/^warn .*off/)])
    expect(about('district')).toEqual([expect.stringMatching(/^warn /)])
  })

  it('says that cursors are compared with ids, and warns where they are looked up', async () => {
    expect((await examine()).about('cursors')).toEqual([expect.stringMatching(/^ok .*compared/)])
    for (const cursors of ['lookups', 'lookups-empty'] as const) {
      const { about, diagnosis } = await examine({ cursors })
      expect([about('cursors'), diagnosis]).toEqual([[expect.stringMatching(/^warn .*looked up/)], 'warn'])
    }
  })

  it('distinguishes a token that Clever does not know from a district that stopped sharing', async () => {
    const tokenLine = async (path: RegExp, status: number) =>
      (await examine({}, ({ faults }) => faults.add({ path, status }))).about('token')
    expect(await tokenLine(/./, 401)).toEqual([
      expect.stringMatching(/^fail .*does not know CLEVER_DISTRICT_TOKENS.*UPSTREAM_UNAUTHORIZED/),
    ])
    for (const status of [403, 404])
      expect(await tokenLine(/districts/, status)).toEqual([
        expect.stringMatching(/^fail .*does not share.*UPSTREAM_UNAUTHORIZED/),
      ])
  })

  it('says which question Clever refuses', async () => {
    const { about } = await examine({}, ({ faults }) => faults.add({ path: /role=contact/, status: 403 }))
    expect(about('sharing')).toEqual([expect.stringMatching(/^fail .*status 403.*UPSTREAM_FORBIDDEN/)])
  })

  it('fails where no contacts are shared', async () => {
    const { diagnosis, about } = await examine({}, ({ districts: [district] }) => district?.removeContacts(1))
    expect(diagnosis).toBe('fail')
    expect(about('sharing')).toEqual([expect.stringMatching(/^fail .*no contacts/)])
    expect(about('reading')).toEqual([])
  })

  it('fails where the district does not fit into memory', async () => {
    const { diagnosis, about } = await examine({ students: 400 }, () => {}, 20_000)
    expect(diagnosis).toBe('fail')
    expect(about('reading')).toEqual([expect.stringMatching(/^fail .*DIRECTORY_MAX_BYTES/)])
  })

  it('fails where Clever fails in the midst of it, and says with which code', async () => {
    const { diagnosis, about } = await examine({}, ({ faults }) =>
      faults.add({ path: /role=contact.*limit=10000/, status: 400 }),
    )
    expect(diagnosis).toBe('fail')
    expect(about('reading')).toEqual([expect.stringMatching(/^fail .*\(UPSTREAM_/)])
  })
})
