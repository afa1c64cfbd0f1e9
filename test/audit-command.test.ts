import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { searchAudit } from '../src/audit-command.ts'
import { CHILD, MIXED, NIECE } from './federation/documented-family.ts'
import { disclosedIn } from './support/audited.ts'
import { guardian, startGateway } from './support/gateway.ts'
import { runMain } from './support/run-main.ts'

/** Real lines: a guardian sees her student, a service sees two students and the contacts of one. */
let lines: readonly string[]
let folder: string
let path: string
let count = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  await using gateway = await startGateway()
  await gateway.ask(`{ student(id: "${CHILD}") { displayName } }`, {}, guardian(MIXED))
  await gateway.ask(
    `{ a: student(id: "${CHILD}") { relationships { contact { id } } } b: student(id: "${NIECE}") { id } }`,
  )
  await gateway.ask('{ students(first: 2) { nodes { id } } }')
  lines = [...gateway.audited]
  expect(lines).toHaveLength(3)
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(async () => {
  count += 1
  await mkdir(join(folder, String(count)))
  path = join(folder, String(count), 'audit.log')
})

const text = (...some: readonly (string | undefined)[]) => some.map((line) => `${line}\n`).join('')

interface SearchOptions {
  readonly audit?: string
  readonly stdin?: string | Readable
  readonly most?: number
}

async function search(
  args: readonly string[],
  { audit = path, stdin = '', most = Number.POSITIVE_INFINITY }: SearchOptions = {},
) {
  let printed = ''
  const warnings: string[] = []
  const code = await searchAudit({
    args,
    audit,
    stdin: typeof stdin === 'string' ? Readable.from([Buffer.from(stdin)]) : stdin,
    async print(more) {
      printed += more
      return printed.length < most
    },
    warn: (line) => void warnings.push(line),
  })
  const [header, ...rows] = printed.split('\n').slice(0, -1)
  return { code, header, rows: rows.map((row) => row.split('\t')), warnings: warnings.join('\n') }
}

describe('npm run audit', () => {
  it('shows who saw a student: when, in which request, by which privilege and reason, with which contacts', async () => {
    await writeFile(path, text(...lines))
    const { code, header, rows, warnings } = await search(['--student', CHILD])
    expect([code, header]).toEqual([0, 'time\trequestId\tprincipal\tprivilege\treason\tstudent\tcontacts'])
    const expected = disclosedIn(lines).filter(({ studentId }) => studentId === CHILD)
    expect(rows).toEqual(
      expected.map(({ time, requestId, principal, privilege, reason, studentId, contactIds }) => [
        time,
        requestId,
        principal,
        privilege,
        reason,
        studentId,
        contactIds.join(' '),
      ]),
    )
    expect(rows.map(([, , principal]) => principal)).toContain(`guardian:${MIXED}`)
    expect(rows.map(([, , principal]) => principal)).toContain('service:test-service')
    expect(warnings).toBe(`${rows.length} found in 3 audit lines of 1 file`)
  })

  it.each([
    ['in full', `guardian:${MIXED}`],
    ['by its id', MIXED],
  ])('tells what a principal saw, named %s', async (_how, principal) => {
    await writeFile(path, text(...lines))
    const { rows } = await search(['--principal', principal])
    expect(rows.map((row) => row.slice(2, 6))).toEqual([
      [`guardian:${MIXED}`, 'VIEW_STUDENT', 'RELATIONSHIP', CHILD],
    ])
    expect((await search(['--principal', principal, '--student', NIECE])).rows).toEqual([])
  })

  it('shows contacts without a student, also where there are none but them', async () => {
    const group = { privilege: 'VIEW_CONTACTS', reason: 'SCOPE', students: {}, contacts: [MIXED, NIECE] }
    await writeFile(path, text(JSON.stringify({ ...JSON.parse(lines[1] ?? ''), disclosed: [group] })))
    const { rows } = await search(['--principal', 'test-service'])
    expect(rows.map((row) => row.slice(3))).toEqual([['VIEW_CONTACTS', 'SCOPE', '', `${MIXED} ${NIECE}`]])
    expect((await search(['--student', CHILD])).rows).toEqual([])
  })

  it('finds a guardian of several contacts by each of them, and no service by a part of its name', async () => {
    const as = (principal: string) => lines[0]?.replace(`guardian:${MIXED}`, principal)
    await writeFile(path, text(as(`guardian:${CHILD}+${MIXED}`), as(`service:a+${MIXED}`)))
    expect((await search(['--principal', MIXED])).rows).toHaveLength(1)
    expect((await search(['--principal', `guardian:${MIXED}+${CHILD}`])).rows).toHaveLength(1)
    expect((await search(['--principal', `student:${MIXED}`])).rows).toEqual([])
    expect((await search(['--principal', `a+${MIXED}`])).rows).toHaveLength(1)
  })

  it('reads the rotated files too, oldest first, compressed or not, and no other file', async () => {
    const rotated: readonly [string, Buffer | string][] = [
      ['.3.gz', gzipSync(text(lines[0]))],
      ['-2026-11-02.log.gz', gzipSync(text(lines[0]))],
      ['-20261101.zst', zstdCompressSync(text(lines[1]))],
      ['.1', text(lines[2])],
      ['', text(lines[0])],
      ['.bak', text(lines[0])],
      ['ged.1', text(lines[0])],
    ]
    for (const [index, [suffix, content]] of rotated.entries()) {
      const file = suffix.includes('.log') ? path.replace(/\.log$/, suffix) : path + suffix
      await writeFile(file, content)
      await utimes(file, 1_000 + index, 1_000 + index)
    }
    await utimes(path, 1, 1)
    const { rows, warnings } = await search(['--principal', 'service:test-service'])
    const expected = disclosedIn(lines).filter(({ principal }) => principal === 'service:test-service')
    expect(rows.map(([, requestId]) => requestId)).toEqual(expected.map(({ requestId }) => requestId))
    expect(warnings).toContain('in 5 audit lines of 5 files')
    const guardians = await search(['--principal', MIXED])
    expect(guardians.rows).toHaveLength(3)
  })

  it('understands captured output: log lines, prefixes and wrappers of containers, a greeting, broken lines', async () => {
    const [first = '', second = ''] = lines
    const captured = text(
      '{"level":"info","time":"2026-11-22T12:00:00.000Z","msg":"request"}',
      `2026-11-22T12:00:00.1Z stdout F ${first}`,
      `gateway-1  | ${first}`,
      JSON.stringify({ log: `${first}\n`, stream: 'stdout', time: 'x' }),
      JSON.stringify({ log: '{"level":"info"}\n', stream: 'stdout' }),
      first.slice(0, 70),
      '{"audit":"disclosure","time":5}',
      '  No Clever credentials are set, so this is the sandbox',
      '5',
      '',
      `${first}\r`,
    )
    const { rows, code, warnings } = await search(['--principal', MIXED, '-'], { stdin: captured + second })
    expect([rows.length, code]).toEqual([4, 0])
    expect(warnings).toBe(
      '4 found in 5 audit lines of 1 file; 3 other lines skipped; 3 lines that are no whole JSON line skipped: an audit line may be among them',
    )
  })

  it.each(['log', 'MESSAGE', 'message'])('unwraps a line that a collector has put into %s', async (field) => {
    await writeFile(path, text(JSON.stringify({ stream: 'stdout', pid: 1, [field]: `${lines[0]}\n` })))
    expect((await search(['--principal', MIXED])).rows).toHaveLength(1)
  })

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
    ['plain text', (line: string) => Buffer.from(line)],
  ])('understands %s that arrives byte by byte', async (_what, pack) => {
    const encoded = pack(text(lines[0]))
    const stdin = Readable.from(Array.from(encoded, (byte) => Buffer.of(byte)))
    expect((await search(['--principal', MIXED, '-'], { stdin })).rows).toHaveLength(1)
  })

  it('reads lines of any length across the chunks of a stream', async () => {
    const contacts = Array.from({ length: 20_000 }, (_, index) => index.toString(16).padStart(24, '0'))
    const group = { privilege: 'VIEW_CONTACTS', reason: 'SCOPE', students: { [CHILD]: contacts } }
    const line = JSON.stringify({ ...JSON.parse(lines[0] ?? ''), disclosed: [group] })
    await writeFile(path, text(line, lines[0]))
    const { rows } = await search(['--student', CHILD])
    expect(rows.map(([, , , , , , ids = '']) => ids.split(' ').length)).toEqual([20_000, 1])
  })

  it('prints no character that a terminal obeys', async () => {
    await writeFile(path, text(lines[0]?.replace(`guardian:${MIXED}`, 'service:\\u001b[31m\\tx\\u202e')))
    expect((await search(['--student', CHILD])).rows[0]?.[2]).toBe('service:\ufffd[31m\ufffdx\ufffd')
  })

  it.each([
    ['nothing to search for', [], 'Name a student or a principal'],
    ['an id that is none', ['--student', 'abc'], 'The id of a student has 24 digits'],
    ['a principal in upper case', ['--principal', `guardian:${MIXED.toUpperCase()}`], 'are in lower case'],
    ['an unknown option', ['--students', CHILD], "Unknown option '--students'"],
    ['no file at the path', ['--student', CHILD], 'There is no file at the path in AUDIT'],
  ])('ends with 1 and says how it is used for %s', async (_what, args, message) => {
    const { code, warnings, header } = await search(args)
    expect([code, header]).toEqual([1, undefined])
    expect(warnings).toContain(message)
    expect(warnings).toContain('Usage: npm run audit -- --student ID | --principal ID [FILE…]')
  })

  it('asks for files where the audit goes to stdout', async () => {
    const { code, warnings } = await search(['--student', CHILD], { audit: 'stdout' })
    expect(code).toBe(1)
    expect(warnings).toContain('AUDIT is stdout: name the files to search, or - for standard input.')
  })

  it('reads the other files where one cannot be read, and ends with 1', async () => {
    await writeFile(path, text(lines[0]))
    const damaged = gzipSync(text(lines[0], lines[0])).subarray(0, -12)
    await writeFile(`${path}.gz`, damaged)
    await writeFile(`${path}.xz`, Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]))
    const files = [join(folder, 'none'), folder, `${path}.gz`, `${path}.xz`, path]
    const { code, rows, warnings } = await search(['--student', CHILD, ...files])
    expect([code, rows.length >= 1]).toEqual([1, true])
    expect(warnings.split('\n').slice(0, 4)).toEqual([
      `${join(folder, 'none')}: does not exist`,
      `${folder}: is a folder: name files`,
      expect.stringMatching(/audit.log.gz: is damaged, or ends too early \(Z_BUF_ERROR\)$/),
      `${path}.xz: cannot be read: decompress it first (xz)`,
    ])
    expect(warnings).toContain('4 not read to the end')
  })

  it('reads the other rotated files where one has just gone, and ends with 1', async () => {
    await writeFile(path, text(lines[0]))
    await symlink(join(folder, 'none'), `${path}.1`)
    const { code, rows, warnings } = await search(['--principal', MIXED])
    expect([code, rows.length]).toEqual([1, 1])
    expect(warnings).toContain('audit.log.1: does not exist')
  })

  it('stops when the reader of its output has gone', async () => {
    await writeFile(path, text(lines[0]).repeat(1_000))
    const { code, rows } = await search(['--student', CHILD], { most: 100 })
    expect([code, rows.length]).toEqual([0, 1])
  })

  it('is a command of the process, which reads the file of AUDIT', async () => {
    await writeFile(path, text(...lines))
    await using main = runMain({ args: ['audit', '--student', CHILD], environment: { AUDIT: path } })
    expect(await main.ended).toBe(0)
    expect(main.output()).toContain(`guardian:${MIXED}\tVIEW_STUDENT\tRELATIONSHIP\t${CHILD}\t`)
    expect(main.output()).toContain('audit lines of 1 file')
  }, 60_000)
})

const hasJq = () => {
  try {
    execFileSync('jq', ['--version'])
    return true
  } catch {
    return false
  }
}

/** With CI=true they fail without jq. */
describe.skipIf(process.env.CI !== 'true' && !hasJq())('the recipes for jq in docs/audit.md', () => {
  async function recipe(beginning: string, folderOfFile: string): Promise<string[]> {
    const page = await readFile(new URL('../docs/audit.md', import.meta.url), 'utf8')
    const start = page.indexOf(beginning)
    expect(start).toBeGreaterThan(0)
    const command = page.slice(start, page.indexOf(' audit.log', start) + ' audit.log'.length)
    const output = execFileSync('bash', ['-c', command], { cwd: folderOfFile, encoding: 'utf8' })
    return output.trim().split('\n')
  }

  beforeEach(async () => {
    await writeFile(
      path,
      text('a greeting', lines[0], '{"level":"info"}', lines[0]?.slice(0, 50), '5', lines[1]),
    )
  })

  it('find what a principal saw', async () => {
    const found = await recipe('jq -cR --arg principal', join(path, '..'))
    expect(found).toEqual([lines[0]])
  })

  it('find who saw a student', async () => {
    const found = await recipe('jq -rR --arg student', join(path, '..'))
    const { rows } = await search(['--student', CHILD])
    expect(found.map((line) => line.split('\t'))).toEqual(rows)
  })
})
