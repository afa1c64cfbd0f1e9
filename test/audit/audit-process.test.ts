import { execFileSync } from 'node:child_process'
import { open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { openFolder } from '../support/folder.ts'
import { runMain } from '../support/run-main.ts'
import { answered, ask, BUSY, EVERYBODY, get, MANY, SLACK_MS, WAIT, WITHHELD } from './asking.ts'

describe.concurrent('a process with an audit file', BUSY, () => {
  it('O4: opens the file again at SIGHUP, also before the next request; ends at SIGTERM though connections are open', async () => {
    await using folder = await openFolder()
    const path = folder.in('audit.log')
    await using main = runMain({ environment: { ...EVERYBODY, AUDIT: path, SHUTDOWN_GRACE_MS: '1500' } })
    const port = await main.printed(/"port":(\d+)/)
    await answered(port)
    await rename(path, `${path}.1`)
    main.child.kill('SIGHUP')
    await main.printed(/(the audit file is open again)/)
    expect(await readFile(path, 'utf8')).toBe('')
    await rm(path)
    await rename(folder.path, `${folder.path}.gone`)
    main.child.kill('SIGHUP')
    await main.printed(/"reason":"(ENOENT)"/)
    expect((await ask(port)).codes).toEqual(WITHHELD)
    await rename(`${folder.path}.gone`, folder.path)
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

describe.concurrent('O5: an audit disk that hangs', BUSY, () => {
  it('withholds answers in time, holds one thread, and does not keep SIGTERM from ending the process', async () => {
    await using folder = await openFolder()
    const path = folder.in('audit.log')
    const overrides = folder.in('overrides.json')
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

describe.concurrent('O5: an audit disk that is full in the middle of a line', BUSY, () => {
  it('withholds the answer, and the next line starts on a line of its own', async () => {
    await using folder = await openFolder()
    const path = folder.in('audit.log')
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

describe.concurrent('O5: SIGTERM', BUSY, () => {
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
