import { execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { readAuditLine } from '../../src/audit/audit-line.ts'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { openAccess } from '../../src/open-access.ts'
import { readDocuments } from '../../src/open-documents.ts'
import { lastMessages, messaging } from '../federation/neighbors/messaging.ts'
import { type NeighborName, readNeighbor } from '../federation/neighbors/neighbor.ts'
import { createSupergraph } from '../federation/supergraph.ts'
import { type Block, type Page, ROOT, readPages, wordValue } from './markdown.ts'
import { checkShell } from './shell.ts'
import { createWorld, type World } from './world.ts'

const DISTRICT = '6385008f69df036e83e984a3'
const OTHER_PARENT = '65c2be785fe59948487c7ec0'

function hasCurl(): boolean {
  try {
    return execFileSync('curl', ['--version']).length > 0
  } catch {
    return false
  }
}
/** With CI=true they fail without curl. */
const canRun = process.env.CI === 'true' || hasCurl()

/** A reply without its cost and freshness, which differ each time. */
function withoutExtensions(reply: string): unknown {
  const { extensions: _differ, ...rest } = JSON.parse(reply)
  return rest
}

async function ask({ gateway, tokens }: World, query: string, person: string): Promise<string> {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${tokens.get(person)}` },
    body: JSON.stringify({ query }),
  })
  return response.text()
}

/** Reads the file as the gateway does at its start. Rejects with what is wrong with it. */
async function openFile(kind: string, text: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'docs-'))
  const path = join(folder, `${kind}.json`)
  await writeFile(path, text)
  if (kind === 'documents') return void (await readDocuments(path))
  const settings = {
    issuers: kind === 'issuers' ? path : ('EVERYBODY' as const),
    leeway: 0,
    proxies: { https: undefined, http: undefined, none: undefined },
    policy: kind === 'policy' ? path : undefined,
    overrides: kind === 'overrides' ? path : undefined,
  }
  const access = await openAccess(settings, systemClock, createLog('silent'), createMetrics())
  await access.close()
  await rm(folder, { recursive: true })
}

/** Runs a block, and returns its reply if it has one. */
async function execute(block: Block, world: World): Promise<string | undefined> {
  const { language, words, text } = block
  const [kind] = words
  const program = language === 'js' ? 'node' : 'bash'
  if (kind === 'run') return world.run(program, text)
  if (kind === 'stream') return follow(block, world)
  if (language === 'sh') return void checkShell(text)
  if (language !== 'graphql') throw new Error(`no test knows blocks of ${[language, ...words].join(' ')}`)
  if (kind === 'subscription') return void expect(validate(schema, parse(text))).toEqual([])
  const neighbor = wordValue(block, 'sdl')
  if (neighbor !== undefined) {
    const withoutDescriptions = readNeighbor(neighbor as NeighborName).replaceAll(/^".*"\n/gm, '')
    return void expect(`${text}\n`).toBe(withoutDescriptions)
  }
  const reply =
    kind === 'supergraph'
      ? JSON.stringify(
          await (await createSupergraph(world.gateway, [messaging(lastMessages)])).ask(text),
          // The router in the tests lists errors even where there are none.
          (key, value) => (key === 'errors' && value.length === 0 ? undefined : value),
        )
      : await ask(world, text, wordValue(block, 'as') ?? 'service')
  expect(JSON.parse(reply).errors).toBeUndefined()
  return reply
}

/** Opens a stream, which stays open for the rest of the page. */
async function follow({ language, text }: Block, { gateway, start }: World): Promise<undefined> {
  const open = async () => (await gateway.metrics.subscriptions.get()).values[0]?.value ?? 0
  const before = await open()
  streams.push(start(language === 'js' ? 'node' : 'bash', text))
  await vi.waitFor(async () => expect(await open()).toBe(before + 1), { timeout: 10_000, interval: 20 })
}
let streams: { output(): string }[] = []

async function checkJson(block: Block): Promise<void> {
  const file = wordValue(block, 'file')
  if (file !== undefined) return openFile(file, block.text)
  if (block.words[0] === 'audit')
    return void expect(readAuditLine(block.text)).toMatchObject({ audit: 'disclosure' })
  JSON.parse(block.text)
}

/** Each block that runs, with the reply that the page shows for it. */
function* examplesOf({ blocks }: Page): Generator<readonly [block: Block, reply: Block | undefined]> {
  for (const [index, block] of blocks.entries()) {
    const next = blocks[index + 1]
    const hasReply = next?.language === 'json' && next.words[0] === 'reply'
    if (block.language !== 'json' && !SHOWN.includes(block.language))
      yield [block, hasReply ? next : undefined]
  }
}

/** Blocks that show something, and that no program reads. */
const SHOWN = ['mermaid', 'text', 'yaml', 'ts', 'tsx']
const pages = readPages().filter(({ blocks }) => blocks.some(({ language }) => !SHOWN.includes(language)))

describe.each(pages.map((page) => [page.path, page] as const))('the examples of %s', (_path, page) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld()
    streams = []
  })
  afterAll(() => world[Symbol.asyncDispose]())

  for (const block of page.blocks.filter(({ language }) => language === 'json')) {
    it(`line ${block.line}: is JSON that its reader accepts`, () => checkJson(block))
  }

  for (const block of page.blocks) {
    const path = wordValue(block, 'from')
    if (path === undefined) continue
    it(`line ${block.line}: is the file ${path}`, async () =>
      expect(`${block.text}\n`).toBe(await readFile(join(ROOT, path), 'utf8')))
  }

  for (const [block, reply] of examplesOf(page)) {
    const isShell = block.language === 'sh' && block.words.length > 0
    const title = [block.language, ...block.words].join(' ')
    if (isShell && !canRun) continue
    it(`line ${block.line}: ${title} gives what the page shows`, async () => {
      const given = await execute(block, world)
      if (reply !== undefined) expect(withoutExtensions(given ?? '')).toEqual(JSON.parse(reply.text))
    })
  }

  if (!canRun || !page.blocks.some(({ words }) => words[0] === 'stream')) return
  it('the streams show a change of a contact after a sync', async () => {
    const district = `${world.gateway.sandbox.url}/_sandbox/districts/${DISTRICT}`
    const change = { contactId: OTHER_PARENT, studentId: '63850203bfb8460546071e6e' }
    await fetch(`${district}/end-relationship`, { method: 'POST', body: JSON.stringify(change) })
    await fetch(`${district}/sync`, { method: 'POST' })
    for (const { output } of streams)
      await vi.waitFor(() => expect(output()).toContain(OTHER_PARENT), { timeout: 10_000, interval: 50 })
    if (page.path === 'docs/quick-start.md')
      for (const kind of ['DELETED', 'CREATED']) expect(streams[0]?.output()).toContain(`"kind":"${kind}"`)
  })
})
