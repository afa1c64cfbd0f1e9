import { createOverrides, type Overrides, type OverridesFile, overridesFile } from './access/overrides.ts'
import type { Policy } from './access/policy.ts'
import type { Clock } from './clock.ts'
import { JsonFileError, parseJsonFile, type RefusalOfFile, readFileOrRefuse } from './files/json-file.ts'
import { fingerprintOf } from './files/stable-file.ts'

export interface OverridesSource {
  current(): Overrides
  /** Why the file on disk is not in force, without its content. Empty if it is in force. */
  problems(): readonly string[]
  close(): void
}

/** Why a file is refused while older overrides stay in force. */
export interface OverridesRefused {
  readonly reason: RefusalOfFile
  readonly problems: readonly string[]
}

/** ms */
const POLL_MS = 1_000
/**
 * The number of polls that read the file even if its status has not changed, because a second write within
 * one tick of the file system's clock may not change it.
 */
const SETTLING_POLLS = 3

interface Reading {
  /** Undefined if the file could not be read. Each poll then tries again. */
  readonly fingerprint: string | undefined
  readonly bytes: Buffer | undefined
  readonly outcome: Outcome
}

type Outcome =
  | { readonly overrides: Overrides; readonly refused?: undefined }
  | { readonly overrides?: undefined; readonly refused: OverridesRefused }

/**
 * The overrides of a file, read again within seconds of a change. Throws JsonFileError when the file is refused at first.
 * When it is refused later, the last good overrides stay in force. `onChange` receives why a changed file is refused, or
 * undefined for a good one.
 */
export async function watchOverrides(
  path: string,
  policy: Policy,
  clock: Clock,
  onChange: (refused: OverridesRefused | undefined) => void,
): Promise<OverridesSource> {
  let reading = await readOverrides(path, policy)
  const { refused } = reading.outcome
  if (refused !== undefined) throw new JsonFileError(refused.reason, refused.problems)
  let overrides = reading.outcome.overrides
  let samePolls = 0
  const closed = new AbortController()

  /**
   * Polls the status instead of watching the file, because a watcher does not follow a file that is replaced
   * by links.
   */
  async function poll() {
    const { fingerprint, outcome } = reading
    const isSettled = samePolls >= SETTLING_POLLS && fingerprint !== undefined
    if (isSettled && (await fingerprintOf(path)) === fingerprint) return
    const next = await readOverrides(path, policy, reading)
    if (closed.signal.aborted) return
    samePolls = next.fingerprint === fingerprint ? samePolls + 1 : 0
    reading = next
    if (isSame(next.outcome, outcome)) return
    overrides = next.outcome.overrides ?? overrides
    onChange(next.outcome.refused)
  }

  async function keepPolling() {
    for (;;) {
      await clock.sleep(POLL_MS, closed.signal)
      await poll()
    }
  }

  keepPolling().catch(() => {})
  return {
    current: () => overrides,
    problems: () => reading.outcome.refused?.problems ?? [],
    close: () => closed.abort(),
  }
}

function isSame(a: Outcome, b: Outcome): boolean {
  return a === b || (a.refused !== undefined && a.refused.problems.join() === b.refused?.problems.join())
}

/** Never throws. Bytes that were read before are not parsed again. */
async function readOverrides(path: string, policy: Policy, before?: Reading): Promise<Reading> {
  try {
    const { fingerprint, bytes } = await readFileOrRefuse(path)
    const outcome = before?.bytes?.equals(bytes) ? before.outcome : parseOverrides(bytes, policy)
    return { fingerprint, bytes, outcome }
  } catch (error) {
    return { fingerprint: undefined, bytes: undefined, outcome: { refused: refusalOf(error) } }
  }
}

function parseOverrides(bytes: Buffer, policy: Policy): Outcome {
  try {
    const file = parseJsonFile(bytes, overridesFile)
    const problems = unknownPrivileges(file, policy)
    return problems.length > 0
      ? { refused: { reason: 'INVALID', problems } }
      : { overrides: createOverrides(file) }
  } catch (error) {
    return { refused: refusalOf(error) }
  }
}

function refusalOf(error: unknown): OverridesRefused {
  return error instanceof JsonFileError
    ? error
    : { reason: 'UNREADABLE', problems: ['the file cannot be used'] }
}

/** A denial of a misspelled privilege would deny nothing. */
function unknownPrivileges({ overrides }: OverridesFile, policy: Policy): readonly string[] {
  return overrides.flatMap(({ privileges }, index) =>
    privileges === 'ALL' || privileges.every((privilege) => policy.privileges.has(privilege))
      ? []
      : [`overrides.${index}.privileges: names one that the policy does not have`],
  )
}
