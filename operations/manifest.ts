import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Kind, type OperationDefinitionNode, parse, validate } from 'graphql'
import { schema } from '../schema/schema.ts'

/**
 * `npm run operations` writes manifest.json from the operations of this folder, in the format of Apollo's persisted queries. With
 * `--check` it writes nothing and fails if the file would change. Each file has one operation, which has the name of the file and
 * begins with a comment. MCP servers show the comment as the description of a tool, so it is part of the document.
 */
const { check } = parseArgs({ options: { check: { type: 'boolean' } } }).values
const FILE = join(import.meta.dirname, 'manifest.json')

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.graphql'))
const operations = names.toSorted().map(readOperation)
const text = `${JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations }, null, 2)}\n`
if (!check) writeFileSync(FILE, text)
else if (readFileSync(FILE, 'utf8') !== text)
  fail('operations/manifest.json differs from the operations. Run `npm run operations`.')

function readOperation(fileName: string) {
  const body = readFileSync(join(import.meta.dirname, fileName), 'utf8').trim()
  const { name, type } = onlyOperation(fileName, body)
  if (`${name}.graphql` !== fileName) fail(`${fileName}: the operation must have the name of the file`)
  if (!body.startsWith('# '))
    fail(`${fileName}: the file must begin with a comment that describes the operation`)
  return { id: createHash('sha256').update(body).digest('hex'), name, type, body }
}

function onlyOperation(fileName: string, body: string) {
  const document = parse(body)
  for (const { message } of validate(schema, document)) fail(`${fileName}: ${message}`)
  const [operation, ...others] = document.definitions.filter(
    (each): each is OperationDefinitionNode => each.kind === Kind.OPERATION_DEFINITION,
  )
  if (operation === undefined || others.length > 0) fail(`${fileName}: the file must have one operation`)
  return { name: operation?.name?.value, type: operation?.operation }
}

function fail(problem: string) {
  console.error(problem)
  process.exitCode = 1
}
