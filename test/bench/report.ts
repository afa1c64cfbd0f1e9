import type { Cost } from './clever.ts'
import type { Cell } from './table.ts'

/** The facts of a run beside its table. */
export interface Report {
  /** To stderr, at once. */
  say(progress: string): void
  /** Stands below the table. */
  note(line: string): void
  /** A failure goes into the table, below it and into the exit code, and does not stop the rest. */
  attempt(what: string, measure: () => Promise<Cost>): Promise<Cell>
  /** As `attempt`, of whole rows. `print`: a row as progress. */
  collect<Item>(
    what: string,
    rows: AsyncIterable<Item>,
    print: (row: Item) => string,
  ): Promise<readonly Item[]>
  readonly notes: readonly string[]
  readonly failures: readonly string[]
}

export function createReport(): Report {
  const startedAt = performance.now()
  const notes: string[] = []
  const failures: string[] = []

  function say(progress: string) {
    const seconds = Math.round((performance.now() - startedAt) / 1_000)
    process.stderr.write(`${String(seconds).padStart(4)} s  ${progress}\n`)
  }
  function fail(what: string, error: unknown) {
    process.exitCode = 1
    const failure = `FAILED: ${what}: ${error instanceof Error ? error.message : error}`
    failures.push(failure)
    say(failure)
  }

  return {
    say,
    note(line) {
      notes.push(line)
      say(line)
    },
    async attempt(what, measure) {
      try {
        return await measure()
      } catch (error) {
        fail(what, error)
        return 'FAILED'
      }
    },
    async collect<Item>(what: string, rows: AsyncIterable<Item>, print: (row: Item) => string) {
      const collected: Item[] = []
      try {
        for await (const row of rows) {
          collected.push(row)
          say(print(row))
        }
      } catch (error) {
        fail(what, error)
      }
      return collected
    },
    notes,
    failures,
  }
}
