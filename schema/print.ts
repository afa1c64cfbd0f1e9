import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { JsonFileError } from '../src/files/json-file.ts'
import { FEDERATION_VERSIONS } from './federation-version.ts'
import { printedFiles } from './printed.ts'

/**
 * `npm run schema` writes the printed files into this folder, or into the one that `--to` names. With `--check` it writes
 * nothing and fails if a file would change. The privileges are those of POLICY_FILE, and the version is that of
 * FEDERATION_VERSION, if they are set.
 */
const { check, to } = parseArgs({
  options: { check: { type: 'boolean' }, to: { type: 'string', default: import.meta.dirname } },
}).values

const version = FEDERATION_VERSIONS.find((each) => each === process.env.FEDERATION_VERSION)
if (process.env.FEDERATION_VERSION && version === undefined)
  exit(`FEDERATION_VERSION must be one of ${FEDERATION_VERSIONS.join(', ')}`)
const files = await printedFiles(process.env.POLICY_FILE, version).catch(exitUnlessJson)
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
  return exit(`POLICY_FILE: ${error.message}`)
}

function exit(problem: string): never {
  console.error(problem)
  process.exit(1)
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
