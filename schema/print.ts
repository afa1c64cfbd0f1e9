import { readFileSync, writeFileSync } from 'node:fs'
import { schema } from './schema.ts'
import { printSdl } from './sdl.ts'

/** `node schema/print.ts` writes the contract; with `--check` it only fails when that would change it. */
const file = new URL('schema.graphql', import.meta.url)
const sdl = printSdl(schema)

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== sdl) {
    console.error(
      'schema/schema.graphql is not what the code says: run `npm run schema` and review the difference.',
    )
    process.exitCode = 1
  }
} else {
  writeFileSync(file, sdl)
}
