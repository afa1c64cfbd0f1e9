import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { JsonFileError } from '../src/files/json-file.ts'
import { printedFiles } from './printed.ts'

/**
 * `npm run schema` writes the printed files into this folder, or into the one that `--to` names. With `--check` it writes
 * nothing and fails if a file would change. The privileges are those of POLICY_FILE, if it is set.
 */
const { check, to } = parseArgs({
  options: { check: { type: 'boolean' }, to: { type: 'string', default: import.meta.dirname } },
}).values

const files = await printedFiles(process.env.POLICY_FILE).catch(exitUnlessJson)
if (!check) mkdirSync(to, { recursive: true })
for (const [name, text] of Object.entries(files)) {
  const path = join(to, name)
  if (!check) writeFileSync(path, text)
  else if (read(path) !== text) {
    console.error(
      `schema/${name} differs from the schema in code. Run \`npm run schema\` and review the difference.`,
    )
    process.exitCode = 1
  }
}

function exitUnlessJson(error: unknown): never {
  if (!(error instanceof JsonFileError)) throw error
  console.error(`POLICY_FILE: ${error.message}`)
  process.exit(1)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
