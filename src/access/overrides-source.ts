import { unwatchFile, watchFile } from 'node:fs'
import { JsonFileError, readJsonFile } from './json-file.ts'
import { createOverrides, type Overrides, type OverridesFile, overridesFile } from './overrides.ts'
import type { Policy } from './policy.ts'

export interface OverridesSource {
  current(): Overrides
  /** False while the file on disk is not the one that holds, because it cannot be read. */
  isCurrent(): boolean
  close(): void
}

const POLL = 1_000

/**
 * The overrides of a file, read again when it changes. Throws JsonFileError when it cannot be read at first; later the
 * last good ones stay in force, and `onChange` is told of each reading: the problems, or none.
 */
export async function watchOverrides(
  path: string,
  policy: Policy,
  onChange: (problems: readonly string[]) => void,
): Promise<OverridesSource> {
  let overrides = await read(path, policy)
  let isCurrent = true
  let latest = 0

  async function reload() {
    latest += 1
    const reading = latest
    const outcome = await read(path, policy).then(
      (next) => ({ next, problems: [] }),
      (error: unknown) => ({ next: undefined, problems: problemsOf(error) }),
    )
    // A reading that was overtaken says nothing of the file as it is.
    if (reading !== latest) return
    overrides = outcome.next ?? overrides
    isCurrent = outcome.next !== undefined
    onChange(outcome.problems)
  }

  // Polled by its status: a mounted file is often replaced by way of links, which file events do not follow.
  const listener = () => void reload()
  watchFile(path, { interval: POLL, persistent: false }, listener)
  return { current: () => overrides, isCurrent: () => isCurrent, close: () => unwatchFile(path, listener) }
}

function problemsOf(error: unknown): readonly string[] {
  return error instanceof JsonFileError ? error.problems : ['the file cannot be used']
}

async function read(path: string, policy: Policy): Promise<Overrides> {
  const file = await readJsonFile(path, overridesFile)
  const unknown = unknownPrivileges(file, policy)
  if (unknown.length > 0) throw new JsonFileError(unknown)
  return createOverrides(file)
}

/** A denial of a misspelt privilege would deny nothing. */
function unknownPrivileges({ overrides }: OverridesFile, policy: Policy): readonly string[] {
  return overrides.flatMap(({ privileges }, index) =>
    privileges === 'ALL' || privileges.every((privilege) => policy.privileges.has(privilege))
      ? []
      : [`overrides.${index}.privileges: names one that the policy does not have`],
  )
}
