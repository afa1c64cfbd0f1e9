import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readSync } from 'node:fs'
import {
  copyFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Audit, openAudit } from '../../src/audit/open-audit.ts'
import { LineWriter } from '../../src/line-writer.ts'
import { CHILD } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const NO_STDOUT = new LineWriter({ write: async () => {}, close: async () => {} }, { stuckAfterMs: 1_000 })

let folder: string
let path: string
let audit: Audit
let gateway: TestGateway
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'))
  path = join(folder, 'audit.log')
})
afterEach(async () => {
  await gateway[Symbol.asyncDispose]()
  await audit.close()
  await rm(folder, { recursive: true })
})

async function start(file = path, requestTimeout = 2_000) {
  audit = await openAudit(file, NO_STDOUT, requestTimeout)
  gateway = await startGateway({ audit: { sink: audit.sink, isRequired: true }, requestTimeout })
}

/** The id of the request that was answered, or the code of the error that came in place of the answer. */
async function ask(): Promise<string> {
  const { errors, headers } = await gateway.ask(`{ student(id: "${CHILD}") { id } }`)
  return String(errors[0]?.extensions.code ?? headers.get('x-request-id'))
}

/** The ids of the requests that a file has whole lines of. */
async function requestsIn(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  expect(lines.at(-1)).toBe('')
  return lines.flatMap((line) => (line.startsWith('{"audit"') ? JSON.parse(line).requestId : []))
}

const reasons = () =>
  gateway.lines
    .map((line) => JSON.parse(line))
    .flatMap(({ level, reason }) => (level === 'error' ? reason : []))

describe('O4: an audit file', () => {
  it('is created for its owner alone, and appended to by the next process', async () => {
    await start()
    const first = await ask()
    await gateway[Symbol.asyncDispose]()
    await audit.close()
    await start()
    const second = await ask()
    expect(await requestsIn(path)).toEqual([first, second])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('that is renamed is opened again at its path', async () => {
    await start()
    const before = await ask()
    await rename(path, `${path}.1`)
    const after = await ask()
    expect([await requestsIn(`${path}.1`), await requestsIn(path)]).toEqual([[before], [after]])
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('that logrotate renames and creates is the one at the path', async () => {
    await start()
    await ask()
    await rename(path, `${path}.1`)
    await writeFile(path, '', { mode: 0o640 })
    const after = await ask()
    expect(await requestsIn(path)).toEqual([after])
  })

  it('that logrotate copies and truncates is appended to', async () => {
    await start()
    const before = await ask()
    await copyFile(path, `${path}.1`)
    await truncate(path)
    const after = await ask()
    expect([await requestsIn(`${path}.1`), await requestsIn(path)]).toEqual([[before], [after]])
  })

  it('that is deleted does not count as written', async () => {
    await start()
    await ask()
    await rm(path)
    const after = await ask()
    expect(await requestsIn(path)).toEqual([after])
  })

  it('behind a symbolic link is the one that the link names by now', async () => {
    const link = join(folder, 'link')
    await symlink(path, link)
    await start(link)
    const before = await ask()
    await symlink(`${path}.2`, `${link}.new`)
    await rename(`${link}.new`, link)
    const after = await ask()
    expect([await requestsIn(path), await requestsIn(`${path}.2`)]).toEqual([[before], [after]])
  })

  it.each([
    ['a folder at its path', 'EISDIR', () => mkdir(path), () => rm(path, { recursive: true })],
    [
      'a folder that is gone',
      'ENOENT',
      () => rename(folder, `${folder}.gone`),
      () => rename(`${folder}.gone`, folder),
    ],
    ['a link to nowhere', 'ENOENT', () => symlink(join(folder, 'no', 'such'), path), () => rm(path)],
  ])('that cannot be opened, as for %s, withholds answers until it can', async (_what, code, spoil, mend) => {
    await start()
    await ask()
    await rename(path, `${path}.1`)
    await spoil()
    expect(await ask()).toBe('AUDIT_UNAVAILABLE')
    await expect(audit.reopen?.()).rejects.toMatchObject({ code })
    expect(reasons()).toContain(code)
    await mend()
    const after = await ask()
    expect(await requestsIn(path)).toEqual([after])
  })

  it('is opened again on request, though its path has stayed', async () => {
    await start()
    const before = await ask()
    await audit.reopen?.()
    const after = await ask()
    expect(await requestsIn(path)).toEqual([before, after])
  })
})

describe('O5: an audit file', () => {
  it('that ends in the middle of a line gets the next line on a line of its own', async () => {
    const torn = '{"audit":"disclosure","time":"2026-'
    await writeFile(path, torn)
    await start()
    const after = await ask()
    const [first, second = '', ...rest] = (await readFile(path, 'utf8')).split('\n')
    expect([first, JSON.parse(second).requestId, ...rest]).toEqual([torn, after, ''])
  })

  it('on a full disk withholds the answers, with the reason in the log', async () => {
    await start('/dev/full')
    expect(await ask()).toBe('AUDIT_UNAVAILABLE')
    expect(reasons()).toContain('ENOSPC')
  })

  it('that is a named pipe without a reader withholds the answers in time, and holds no thread', async () => {
    const fifo = join(folder, 'fifo')
    execFileSync('mkfifo', [fifo])
    await expect(openAudit(fifo, NO_STDOUT, 500)).rejects.toThrow('AUDIT: the named pipe has no reader')
    const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK)
    const filler = await open(fifo, constants.O_WRONLY | constants.O_NONBLOCK)
    await start(fifo, 500)
    for (let isFull = false; !isFull; )
      isFull = await filler.write('x'.repeat(4_095).concat('\n')).then(
        () => false,
        () => true,
      )
    const startedAt = performance.now()
    expect(await Promise.all(Array.from({ length: 8 }, ask))).toEqual(Array(8).fill('AUDIT_UNAVAILABLE'))
    expect(performance.now() - startedAt).toBeLessThan(2_000)

    const text: string[] = []
    const chunk = Buffer.alloc(65_536)
    const drain = () => {
      for (;;) {
        try {
          const length = readSync(reader, chunk)
          if (length === 0) return
          text.push(chunk.toString('utf8', 0, length))
        } catch {
          return
        }
      }
    }
    drain()
    const answered = await vi.waitFor(async () => {
      const answer = await ask()
      expect(answer).not.toBe('AUDIT_UNAVAILABLE')
      return answer
    })
    drain()
    const lines = text
      .join('')
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(lines.map((line) => JSON.parse(line).requestId)).toContain(answered)
    await filler.close()
    closeSync(reader)
    expect(await ask()).toBe('AUDIT_UNAVAILABLE')
    expect(reasons().at(-1)).toMatch(/EPIPE|ENXIO/)
  })
})

describe('AUDIT', () => {
  it('off audits nothing', async () => {
    audit = await openAudit('off', NO_STDOUT, 1_000)
    gateway = await startGateway({ audit: { sink: audit.sink, isRequired: true } })
    expect(await ask()).toMatch(/^[0-9a-f-]{36}$/)
  })

  it.each([
    ['a folder', () => folder, 'AUDIT: the path is a folder (EISDIR): name a file'],
    [
      'in a folder that does not exist',
      () => join(folder, 'no', 'such'),
      'AUDIT: the folder of the file does not exist (ENOENT): create it',
    ],
  ])('that is %s stops the start', async (_what, file, message) => {
    await start()
    await expect(openAudit(file(), NO_STDOUT, 1_000)).rejects.toThrow(message)
  })
})
