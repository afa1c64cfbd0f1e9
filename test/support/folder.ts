import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of one test, so that tests with files can wait side by side. */
export async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'gateway-test-'))
  return {
    path,
    in: (name: string) => join(path, name),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
