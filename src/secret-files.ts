import type { Clock } from './clock.ts'
import { type Config, ConfigError } from './config.ts'
import { readSecretText, SecretFileError } from './files/secret-text.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'

export interface SecretFilesOptions {
  /** The files that may change. */
  readonly paths: readonly string[]
  /** Reads all settings again, with these files. Throws ConfigError. */
  readonly read: () => Config
  readonly onChange: (config: Config) => void
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** ms */
const POLL_MS = 1_000

/**
 * Reads files with secrets again within seconds of a change, until `ending`. Changed secrets that are refused change nothing: the
 * last good ones stay in use. The files are read and not watched, because a watcher does not follow links that are replaced.
 */
export async function followSecretFiles(options: SecretFilesOptions, ending: AbortSignal): Promise<void> {
  const { paths, clock } = options
  if (paths.length === 0) return
  let seen = textsOf(paths)
  let isRefused = false
  while (!ending.aborted) {
    await clock.sleep(POLL_MS, ending).catch(() => {})
    if (ending.aborted) return
    const texts = textsOf(paths)
    // Files that belong together may change one after the other, so that a refusal is tried again.
    if (texts === seen && !isRefused) continue
    const isNews = texts !== seen
    seen = texts
    isRefused = !apply(options, isNews)
  }
}

/** False if the secrets are refused. */
function apply({ read, onChange, log, metrics }: SecretFilesOptions, isNews: boolean): boolean {
  try {
    onChange(read())
    metrics.secretFiles.inc({ outcome: 'used' })
    log.info('the secrets in files changed, and are used')
    return true
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    if (!isNews) return false
    metrics.secretFiles.inc({ outcome: 'refused' })
    log.error(
      { problems: error.problems },
      'changed secrets in files are refused: the last good ones stay in use',
    )
    return false
  }
}

function textsOf(paths: readonly string[]): string {
  return JSON.stringify(paths.map(textOf))
}

function textOf(path: string): string {
  try {
    return readSecretText(path)
  } catch (error) {
    if (error instanceof SecretFileError) return `\0${error.message}`
    throw error
  }
}
