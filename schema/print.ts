import { readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { issuersFile } from '../src/access/issuers-file.ts'
import { overridesFile } from '../src/access/overrides.ts'
import { policyFile } from '../src/access/policy.ts'
import { schema } from './schema.ts'
import { printSdl } from './sdl.ts'

/**
 * `node schema/print.ts` writes what others build on: the contract, and for editors the shape of the three files of
 * access. With `--check` it only fails when that would change something.
 */
const printed: Readonly<Record<string, string>> = {
  'schema.graphql': printSdl(schema),
  'policy.schema.json': jsonSchema(policyFile),
  'overrides.schema.json': jsonSchema(overridesFile),
  'issuers.schema.json': jsonSchema(issuersFile),
}

for (const [name, text] of Object.entries(printed)) {
  const file = new URL(name, import.meta.url)
  if (!process.argv.includes('--check')) writeFileSync(file, text)
  else if (readFileSync(file, 'utf8') !== text) {
    console.error(
      `schema/${name} is not what the code says: run \`npm run schema\` and review the difference.`,
    )
    process.exitCode = 1
  }
}

function jsonSchema(file: z.ZodType): string {
  // What only code can check, such as the form of an id, is left to the start of the gateway.
  return `${JSON.stringify(z.toJSONSchema(file, { io: 'input', unrepresentable: 'any' }), null, 2)}\n`
}
