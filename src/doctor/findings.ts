/** How a check went. A warning means that the gateway works, but worse. */
export type Verdict = 'ok' | 'warn' | 'fail'

/** Prints the findings of an examination, and remembers their verdicts. */
export class Findings {
  readonly print: (line: string) => void
  readonly #verdicts = new Set<Verdict>()

  constructor(print: (line: string) => void) {
    this.print = print
  }

  say(verdict: Verdict, subject: string, text: string) {
    this.#verdicts.add(verdict)
    this.print(`${verdict.padEnd(5)}${subject.padEnd(12)}${text}`)
  }

  get worst(): Verdict {
    return (['fail', 'warn'] as const).find((verdict) => this.#verdicts.has(verdict)) ?? 'ok'
  }
}

/** A number of rows with its unit. Undefined where Clever does not count. */
export function count(rows: number | undefined, unit: string): string {
  return rows === undefined ? `an unknown number of ${unit}s` : `${rows} ${unit}${rows === 1 ? '' : 's'}`
}
