import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readDocuments } from '../src/open-documents.ts'

const folder = mkdtempSync(join(tmpdir(), 'documents-'))
afterAll(() => rmSync(folder, { recursive: true }))

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const A = 'query A { districts { id } }'
const B = 'query B { districts { name } }'

let files = 0
/** Reads a file with this content. */
function read(content: string | Buffer | object) {
  files += 1
  const path = join(folder, `${files}.json`)
  const isRaw = typeof content === 'string' || Buffer.isBuffer(content)
  writeFileSync(path, isRaw ? content : JSON.stringify(content))
  return readDocuments(path)
}

async function problemOf(content: string | Buffer | object): Promise<string> {
  return read(content).then(
    () => expect.unreachable('the file was accepted'),
    (error: Error) => error.message,
  )
}

const manifest = (...operations: object[]) => ({
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations,
})
const operation = (id: string, body: string) => ({ id, body, name: 'A', type: 'query' })

describe('TRUSTED_DOCUMENTS is read', () => {
  it.each([
    ['the client preset, with SHA-1', 'f4b8c8fc8c2a1d6e1c0f5a1fba0e2cf1ba0e2cf1'],
    ['gql.tada, with a prefix', `sha256:${sha256(A)}`],
    ['Relay, with MD5', '0cc175b9c0f1b6a831c399e269772661'],
    ['a tool with names of its own', 'Districts_v2'],
    ['a tool with base64', 'a+b/c=='],
  ])('as the map that %s writes', async (_tool, id) => {
    expect(await read({ [id]: A, other: B })).toEqual([
      { id, text: A },
      { id: 'other', text: B },
    ])
  })

  it("as Apollo's manifest, with ids of its own or with hashes, and with fields that are not known", async () => {
    const file = manifest(operation(sha256(A), A), { ...operation('b', B), clientName: null })
    expect(await read({ ...file, $schema: 'https://example.com' })).toEqual([
      { id: sha256(A), text: A },
      { id: 'b', text: B },
    ])
  })

  it('as UTF-8 with a byte-order mark', async () => {
    expect(await read(`\ufeff${JSON.stringify({ a: A })}`)).toEqual([{ id: 'a', text: A }])
  })

  it('and one document may have several ids', async () => {
    expect(await read({ a: A, b: A })).toHaveLength(2)
    expect(await read(manifest(operation('a', A), operation('a', A)))).toHaveLength(2)
  })
})

describe('TRUSTED_DOCUMENTS is refused', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(JSON.stringify({ a: A }), 'utf16le')])

  it.each([
    ['in UTF-16', utf16, /UTF-16/],
    ['empty', '', /empty/],
    ['cut off', '{"a":"{ di', /ends too early/],
    ['with an id twice', `{"a":${JSON.stringify(A)},"a":${JSON.stringify(B)}}`, /given twice/],
    ['with __proto__ as an id', `{"__proto__":${JSON.stringify(A)}}`, /__proto__ is not allowed/],
    ['a list', [A], /expected record/],
    ['a number', '5', /expected record/],
    ['without documents', {}, /has no documents/],
    ['with no operations', manifest(), /has no documents/],
    ['with a document that is no text', { a: { text: A } }, /expected string/],
    ['with an id that is no text', manifest({ id: 5, body: A }), /operations\.0\.id: .*expected string/],
    ['with an operation without a body', manifest({ id: 'a' }), /operations\.0\.body/],
    ['of a later version', { ...manifest(operation('a', A)), version: 2 }, /version/],
    ['of another format', { ...manifest(operation('a', A)), format: 'other' }, /format/],
    ['with an empty id', { '': A }, /id of document 1 must have/],
    ['with an id with a space', { 'a b': A }, /id of document 1 must have/],
    ['with an id that is too long', { ['a'.repeat(201)]: A }, /id of document 1 must have/],
    ['with two documents for an id', manifest(operation('a', A), operation('a', B)), /^a: .*two documents/],
    ['with the hash of another document', { [sha256(B)]: A, b: B }, /SHA-256 of another document/],
    ['with the same and a prefix', { [`sha256:${sha256(B)}`]: A, b: B }, /SHA-256 of another document/],
    ['with a wrong hash', manifest(operation(sha256(`${A}\n`), A)), /not that of its document/],
  ])('%s', async (_what, content, problem) => {
    const message = await problemOf(content)
    expect(message).toMatch(problem)
    expect(message).not.toContain('districts')
  })

  it('with 100,000 documents, at once', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_each, n) => [`id-${n}`, `${A} # ${n}`]))
    const message = await problemOf(many)
    expect(message).toContain('more than 2000 documents')
    expect(message.length).toBeLessThan(500)
  })

  it('with more text than fits in memory once it is compiled', async () => {
    expect(await problemOf({ a: `${A} # ${'x'.repeat(1_000_000)}` })).toContain(
      'more than 1000000 characters',
    )
  })

  it('if it cannot be read', async () => {
    await expect(readDocuments(join(folder, 'none.json'))).rejects.toThrow(/ENOENT/)
    await expect(readDocuments(folder)).rejects.toThrow(/folder/)
  })
})
