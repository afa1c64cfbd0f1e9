import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openFolder } from '../support/folder.ts'
import { type RunOptions, runMain } from '../support/run-main.ts'
import { answered, ask, BUSY, EVERYBODY, get, MANY, SLACK_MS, WAIT, WITHHELD } from './asking.ts'

const TIMEOUT_MS = 2_000

type Folder = Awaited<ReturnType<typeof openFolder>>

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

async function readMore(pipe: Pipe, bytes: number, isOver: AbortSignal): Promise<void> {
  while (!isOver.aborted) {
    pipe.read(bytes)
    await delay(1)
  }
}

describe('stdout as log and audit', BUSY, () => {
  let folder: Folder
  let overrides: string
  let pipe: Pipe
  let main: ReturnType<typeof startOn>
  beforeAll(async () => {
    folder = await openFolder()
    overrides = folder.in('overrides.json')
    await writeFile(overrides, '{"overrides":[]}')
    pipe = openPipe(folder.path)
    main = startOn(pipe, {
      environment: {
        ...EVERYBODY,
        ...MANY,
        OVERRIDES_FILE: overrides,
        REQUEST_TIMEOUT_MS: String(TIMEOUT_MS),
        SHUTDOWN_GRACE_MS: '2000',
      },
    })
  })
  afterAll(async () => {
    await main[Symbol.asyncDispose]()
    pipe[Symbol.dispose]()
    await folder[Symbol.asyncDispose]()
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
    for (const { milliseconds } of answers) expect(milliseconds).toBeLessThan(TIMEOUT_MS + SLACK_MS)
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
    expect(performance.now() - startedAt).toBeLessThan(TIMEOUT_MS + SLACK_MS)
  })
})

describe.concurrent('stdout as log and audit', BUSY, () => {
  it('O5: that is closed by its reader withholds answers, and the process goes on', async () => {
    await using folder = await openFolder()
    const pipe = openPipe(folder.path)
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

describe.concurrent('O5: a file as stdout that an earlier process left in the middle of a line', BUSY, () => {
  it('goes on with a line of its own', async () => {
    await using folder = await openFolder()
    const path = folder.in('stdout')
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
