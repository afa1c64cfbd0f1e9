import type { Logger } from './log.ts'

/** Why the gateway is not ready, with what it means. The names are in the answer, the log and docs/operations.md. */
const REASONS = {
  draining: 'The process has received SIGTERM and ends soon.',
  overrides_refused:
    'The overrides file on disk is refused or cannot be read: older overrides are in force. See overridesProblems.',
  no_issuer_keys: 'The keys of no issuer have been read since the start, so no token can be checked.',
  audit_unwritable: 'The last line of the audit could not be written, and answers are withheld.',
  clever_failing: 'No call to Clever has succeeded since the start, for any district.',
} as const

export type NotReady = keyof typeof REASONS

/** Each says whether its reason holds at the moment. */
export type ReadinessChecks = Readonly<Partial<Record<Exclude<NotReady, 'draining'>, () => boolean>>>

/** Whether a balancer should send requests to this process, and why not. */
export class Readiness {
  readonly #checks: ReadinessChecks
  readonly #log: Logger | undefined
  #isDraining = false
  #logged = ''

  /** With a log, each change of the reasons is logged when it is noticed. */
  constructor(checks: ReadinessChecks = {}, log?: Logger) {
    this.#checks = checks
    this.#log = log
  }

  /** Whether each answer should ask its client to connect elsewhere. */
  get isDraining(): boolean {
    return this.#isDraining
  }

  drain() {
    this.#isDraining = true
  }

  /** Empty while the gateway is ready. */
  reasons(): readonly { readonly reason: NotReady; readonly message: string }[] {
    const found = Object.entries(this.#checks).flatMap(([reason, holds]) => (holds() ? [reason] : []))
    const reasons = [...(this.#isDraining ? ['draining'] : []), ...found] as NotReady[]
    this.#note(reasons.join())
    return reasons.map((reason) => ({ reason, message: REASONS[reason] }))
  }

  #note(reason: string) {
    if (reason === this.#logged) return
    this.#logged = reason
    if (reason === '') this.#log?.info('ready')
    else this.#log?.warn({ reason }, 'not ready')
  }
}
