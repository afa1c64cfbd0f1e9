import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { mkdtemp, open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { type RunOptions, runMain } from '../support/run-main.ts'

const EVERYBODY = { AUTHENTICATION: 'everybody-may-read-everything', HOST: '127.0.0.1' }
const PAGE = '{ contacts(first: 100) { nodes { id relationships { student { displayName } } } } }'
/** 100 contacts and their students are about 10 KB in the audit. */
const MANY = { SANDBOX_STUDENTS: '100' }

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  path = join(folder, 'audit.log')
})
afterEach(() => rm(folder, { recursive: true }))

/** A pipe that is read when the test says so, and holds 64 KiB until then. */
function openPipe(within: string) {
  const fifo = join(within, 'stdout')
  execFileSync('mkfifo', [fifo])
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(fifo, constants.O_WRONLY)
  let text = ''
  return {
    writer,
    text: () => text,
    /** Reads so many bytes at most; false when there are none. */
    read(most: number): boolean {
      const chunk = Buffer.alloc(most)
      try {
        const length = readSync(reader, chunk)
        text += chunk.toString('utf8', 0, length)
        return length > 0
      } catch {
        return false
      }
    },
    [Symbol.dispose]() {
      closeSync(reader)
    },
  }
}

type Pipe = ReturnType<typeof openPipe>

function startOn(pipe: Pipe, options: RunOptions) {
  const main = runMain({ ...options, stdout: pipe.writer })
  closeSync(pipe.writer)
  const port = vi.waitFor(() => {
    pipe.read(4_096)
    return /"port":(\d+)/.exec(pipe.text())?.[1] ?? expect.unreachable()
  }, WAIT)
  return { ...main, port, [Symbol.asyncDispose]: main[Symbol.asyncDispose] }
}

/** The codes of the errors, how long the answer took, and the id of the request. */
async function ask(port: string, query = PAGE) {
  const startedAt = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
  const milliseconds = performance.now() - startedAt
  const codes = errors.map(({ extensions }) => extensions.code)
  return { codes, milliseconds, requestId: response.headers.get('x-request-id') ?? '' }
}

async function get(port: string, where: string): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}${where}`)).text()
}

const WITHHELD = ['AUDIT_UNAVAILABLE']
/** Other processes of the machine may be busy. */
const SLACK_MS = 4_000
const WAIT = { timeout: 30_000, interval: 20 }
const BUSY = { timeout: 60_000 }

/** As soon as a query is answered as a whole. */
async function answered(port: string, query = PAGE): Promise<void> {
  await vi.waitFor(async () => expect((await ask(port, query)).codes).toEqual([]), WAIT)
}

async function readMore(pipe: Pipe, bytes: number, isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted) {
    pipe.read(bytes)
    await delay(1)
  }
}

describe('a process with an audit file', BUSY, () => {
  it('O4: opens the file again at SIGHUP, also before the next request; ends at SIGTERM though connections are open', async () => {
    await using main = runMain({ environment: { ...EVERYBODY, AUDIT: path, SHUTDOWN_GRACE_MS: '1500' } })
    const port = await main.printed(/"port":(\d+)/)
    await answered(port)
    await rename(path, `${path}.1`)
    main.child.kill('SIGHUP')
    await main.printed(/(the audit file is open again)/)
    expect(await readFile(path, 'utf8')).toBe('')
    await rm(path)
    await rename(folder, `${folder}.gone`)
    main.child.kill('SIGHUP')
    await main.printed(/"reason":"(ENOENT)"/)
    expect((await ask(port)).codes).toEqual(WITHHELD)
    await rename(`${folder}.gone`, folder)
    expect((await ask(port)).codes).toEqual([])
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(1)

    const stream = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { contactChanges { eventId } }' }),
    })
    const startedAt = performance.now()
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(1_500 + SLACK_MS)
    await stream.body?.cancel()
  })
})

describe('stdout as log and audit', BUSY, () => {
  let own: string
  let overrides: string
  let pipe: Pipe
  let main: ReturnType<typeof startOn>
  beforeAll(async () => {
    own = await mkdtemp(join(tmpdir(), 'audit-'))
    overrides = join(own, 'overrides.json')
    await writeFile(overrides, '{"overrides":[]}')
    pipe = openPipe(own)
    main = startOn(pipe, {
      environment: {
        ...EVERYBODY,
        ...MANY,
        OVERRIDES_FILE: overrides,
        REQUEST_TIMEOUT_MS: '3000',
        SHUTDOWN_GRACE_MS: '2000',
      },
    })
  })
  afterAll(async () => {
    await main[Symbol.asyncDispose]()
    pipe[Symbol.dispose]()
    await rm(own, { recursive: true })
  })

  /** Every answer goes out, after the reader has taken all that waits. */
  async function recovered() {
    const isOver = new AbortController()
    const reading = readMore(pipe, 65_536, isOver.signal)
    await answered(await main.port)
    isOver.abort()
    await reading
  }

  it('O3: is whole lines of JSON for a slow reader, the greeting apart', async () => {
    await recovered()
    const before = pipe.text().lastIndexOf('\n') + 1
    const isOver = new AbortController()
    const reading = readMore(pipe, 3_000, isOver.signal)
    const port = await main.port
    const asked: string[] = []
    for (let round = 0; round < 6; round += 1) {
      const answers = await Promise.all(Array.from({ length: 5 }, () => ask(port)))
      // On a busy machine, some may be out of time.
      asked.push(...answers.filter(({ codes }) => codes.length === 0).map(({ requestId }) => requestId))
    }
    expect(asked.length).toBeGreaterThan(10)
    const lines = () => pipe.text().slice(before).split('\n')
    const ofRequests = () => lines().filter((line) => line.includes('"msg":"request"'))
    await vi.waitFor(() => expect(ofRequests().length).toBeGreaterThanOrEqual(30), WAIT)
    isOver.abort()
    await reading
    const parsed = lines()
      .slice(0, -1)
      .map((line) => JSON.parse(line))
    const audited = parsed.filter(({ audit }) => audit === 'disclosure').map(({ requestId }) => requestId)
    expect(asked.filter((id) => audited.filter((each) => each === id).length !== 1)).toEqual([])
  })

  it('O5: that is not read any more withholds answers in time, and stops neither health nor overrides', async () => {
    const port = await main.port
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port)))
    expect(answers.flatMap(({ codes }) => codes)).toContain('AUDIT_UNAVAILABLE')
    for (const { milliseconds } of answers) expect(milliseconds).toBeLessThan(3_000 + SLACK_MS)
    expect((await ask(port)).codes).toEqual(WITHHELD)
    expect(await get(port, '/health')).toContain('up')

    await writeFile(overrides, 'spoilt')
    const current = async () => /^access_overrides_current (\d)/m.exec(await get(port, '/metrics'))?.[1]
    await vi.waitFor(async () => expect(await current()).toBe('0'), WAIT)
    await writeFile(overrides, '{"overrides":[]}')
    await vi.waitFor(async () => expect(await current()).toBe('1'), WAIT)
  })

  it('O5: is written to again when it is read again', recovered)

  it('O5: that is not read any more does not keep SIGTERM from ending the process within its grace', async () => {
    const port = await main.port
    await Promise.all(Array.from({ length: 20 }, () => ask(port)))
    const startedAt = performance.now()
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(3_000 + SLACK_MS)
  })

  it('O5: that is closed by its reader withholds answers, and the process goes on', async () => {
    const pipe = openPipe(folder)
    await using main = startOn(pipe, { environment: { ...EVERYBODY } })
    const port = await main.port
    pipe[Symbol.dispose]()
    expect((await ask(port)).codes).toEqual(WITHHELD)
    expect((await ask(port)).codes).toEqual(WITHHELD)
    expect(await get(port, '/health')).toContain('up')
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
  })
})

/** Each write to a file hangs in its thread while there is a named pipe beside it that is not opened: a disk that hangs. */
const HANGING_DISK = `
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { write } = fs
fs.write = (fd, ...rest) => {
  const pipe = fs.readlinkSync('/proc/self/fd/' + fd) + '.hang'
  if (fs.existsSync(pipe)) fs.open(pipe, 'r', () => write(fd, ...rest))
  else write(fd, ...rest)
}
Object.defineProperties(fs.write, Object.getOwnPropertyDescriptors(write))
syncBuiltinESMExports()
`

describe('O5: an audit disk that hangs', BUSY, () => {
  it('withholds answers in time, holds one thread, and does not keep SIGTERM from ending the process', async () => {
    const overrides = join(folder, 'overrides.json')
    await writeFile(overrides, '{"overrides":[]}')
    await using main = runMain({
      nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(HANGING_DISK)}`],
      environment: {
        ...EVERYBODY,
        AUDIT: path,
        OVERRIDES_FILE: overrides,
        REQUEST_TIMEOUT_MS: '1500',
        SHUTDOWN_GRACE_MS: '1500',
      },
    })
    const port = await main.printed(/"port":(\d+)/)
    await answered(port)
    execFileSync('mkfifo', [`${path}.hang`])
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(port)))
    for (const { codes, milliseconds } of answers) {
      expect(codes).toEqual(WITHHELD)
      expect(milliseconds).toBeLessThan(1_500 + SLACK_MS)
    }
    expect(await get(port, '/health')).toContain('up')
    await writeFile(overrides, 'spoilt')
    await main.printed(/(last good)/)

    // The disk comes back: what hung is written, and answers go out again.
    const disk = await open(`${path}.hang`, 'w')
    await rm(`${path}.hang`)
    await disk.close()
    await answered(port)
    for (const line of (await readFile(path, 'utf8')).trim().split('\n'))
      expect(JSON.parse(line)).toMatchObject({ audit: 'disclosure' })

    execFileSync('mkfifo', [`${path}.hang`])
    expect((await ask(port)).codes).toEqual(WITHHELD)
    const startedAt = performance.now()
    main.child.kill('SIGTERM')
    // A thread that hangs lets no process end by itself. Every request was answered.
    expect(await main.ended).toBe(0)
    expect(performance.now() - startedAt).toBeLessThan(1_500 + SLACK_MS)
  })
})

describe('O5: an audit disk that is full in the middle of a line', BUSY, () => {
  it('withholds the answer, and the next line starts on a line of its own', async () => {
    await using main = runMain({
      environment: { ...EVERYBODY, ...MANY, AUDIT: path },
      largestFileKiB: 64,
    })
    const port = await main.printed(/"port":(\d+)/)
    let answered = 0
    for (; answered < 20; answered += 1) if ((await ask(port)).codes.length > 0) break
    expect(answered).toBeGreaterThan(0)
    expect(await main.printed(/"reason":"(\w+)"/)).toBe('EFBIG')
    const full = await readFile(path)
    expect(full).toHaveLength(65_536)
    const lines = full.toString().split('\n')
    expect(lines).toHaveLength(answered + 1)
    expect((await ask(port)).codes).toEqual(WITHHELD)

    const torn = lines.at(-1)?.slice(0, 100)
    await truncate(path, 65_536 - (lines.at(-1)?.length ?? 0) + 100)
    // There is room for a smaller answer.
    const small = '{ students(first: 1) { nodes { id } } }'
    expect((await ask(port, small)).codes).toEqual([])
    const after = (await readFile(path, 'utf8')).split('\n')
    expect(after.slice(answered, answered + 1)).toEqual([torn])
    expect(JSON.parse(after[answered + 1] ?? '')).toMatchObject({ audit: 'disclosure' })
    expect(after.slice(answered + 2)).toEqual([''])
  })
})

describe('O5: a file as stdout that an earlier process left in the middle of a line', BUSY, () => {
  it('goes on with a line of its own', async () => {
    const torn = '{"audit":"disclo'
    await writeFile(path, torn)
    const stdout = await open(path, 'a')
    await using main = runMain({ environment: { ...EVERYBODY }, stdout: stdout.fd })
    await stdout.close()
    await vi.waitFor(async () => expect(await readFile(path, 'utf8')).toContain('"listening"'), WAIT)
    const [first, ...lines] = (await readFile(path, 'utf8')).split('\n')
    expect(first).toBe(torn)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'listening' })
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
  })
})

describe('O5: SIGTERM', BUSY, () => {
  it('a second time ends the process at once; two in quick sequence are one', async () => {
    await using main = runMain({
      environment: { ...EVERYBODY, SHUTDOWN_GRACE_MS: '60000', REQUEST_TIMEOUT_MS: '60000' },
    })
    const port = await main.printed(/"port":(\d+)/)
    const clever = await main.printed(/Clever\s+(http\S+)/)
    await fetch(`${clever}/faults`, {
      method: 'POST',
      body: JSON.stringify({ pattern: '/users', delayMs: 30_000 }),
    })
    const answer = ask(port).catch(() => 'none')
    await vi.waitFor(
      async () => expect(await (await fetch(`${clever}/calls`)).text()).toContain('/users'),
      WAIT,
    )
    main.child.kill('SIGINT')
    main.child.kill('SIGTERM')
    await main.printed(/(shutting down)/)
    await delay(700)
    expect(main.child.exitCode).toBeNull()
    expect(main.child.signalCode).toBeNull()
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(1)
    expect(await answer).toBe('none')
  })
})
