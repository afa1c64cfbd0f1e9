import type { RunningMain } from '../support/run-main.ts'

interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

type Samples = (name: string, labels?: Readonly<Record<string, RegExp>>) => number

/** A row of the table in docs/runbook.md: what the metrics show, and a reason in the log. */
interface Symptom {
  readonly isShown: (sum: Samples) => boolean
  readonly reason: RegExp
}

/** The eight failures of docs/runbook.md, by the name that the table gives them. */
export const SYMPTOMS = {
  'Clever down': {
    isShown: (sum) =>
      sum('clever_call_seconds_count', { status: /^(5..|lost|not sent)$/, route: /users/ }) > 0,
    reason: /^UPSTREAM_(UNAVAILABLE|TIMEOUT)$/,
  },
  'Calls used up': {
    isShown: (sum) => sum('clever_call_seconds_count', { status: /^429$/ }) > 0,
    reason: /^UPSTREAM_RATE_LIMITED$/,
  },
  'Token refused by Clever': {
    isShown: (sum) => sum('clever_call_seconds_count', { status: /^401$/ }) > 0,
    reason: /^UPSTREAM_UNAUTHORIZED$/,
  },
  'Keys of an issuer missing': {
    isShown: (sum) =>
      sum('access_issuer_key_fetches_total', { outcome: /^(?!ok$)/ }) > 0 &&
      sum('access_sign_ins_total', { outcome: /^unavailable$/ }) > 0,
    reason: /^(unreachable|timeout|status|too_large|not_json|no_usable_key)$/,
  },
  'Audit not written': {
    isShown: (sum) => sum('audit_lines_total', { outcome: /^failed$/ }) > 0,
    reason: /^ENOSPC$/,
  },
  'Overrides file broken': {
    isShown: (sum) => sum('access_overrides_current') === 0,
    reason: /^(NOT_JSON|INVALID|UNREADABLE)$/,
  },
  'Events off': {
    isShown: (sum) => sum('directory_events_off') > 0,
    reason: /^events off$/,
  },
  'Events late': {
    isShown: (sum) => sum('directory_feed_total', { outcome: /^(failed|lost)$/ }) > 0,
    reason: /^fails$/,
  },
  Overload: {
    isShown: (sum) => sum('gateway_requests_overloaded_total') > 0,
    reason: /^OVERLOADED$/,
  },
  'Blocked event loop': {
    isShown: (sum) => sum('nodejs_eventloop_lag_max_seconds') > 0.5,
    reason: /^EVENT_LOOP_BLOCKED$/,
  },
} satisfies Record<string, Symptom>

export type Failure = keyof typeof SYMPTOMS

/** What an engineer on call sees: the failures that the metrics show, and those that the log names. */
export async function diagnose(main: RunningMain, port: string) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const samples = text.split('\n').flatMap(readSample)
  const sum: Samples = (name, labels = {}) =>
    samples
      .filter((sample) => sample.name === name)
      .filter((sample) =>
        Object.entries(labels).every(([label, value]) => value.test(sample.labels[label] ?? '')),
      )
      .reduce((total, { value }) => total + value, 0)
  const reasons = warningsOf(main).map(({ reason }) => reason)
  const names = Object.keys(SYMPTOMS) as Failure[]
  return {
    byMetrics: names.filter((name) => SYMPTOMS[name].isShown(sum)),
    byLog: names.filter((name) => reasons.some((reason) => SYMPTOMS[name].reason.test(reason))),
  }
}

/** The warnings and errors of the log that have a reason. */
export function warningsOf(main: RunningMain): readonly { readonly reason: string; readonly msg: string }[] {
  return main
    .output()
    .split('\n')
    .filter((line) => /^\{"level":"(warn|error)".*\}$/.test(line))
    .map((line) => JSON.parse(line))
    .filter(({ reason }) => typeof reason === 'string')
}

function readSample(line: string): readonly Sample[] {
  const [, name, inner = '', value] = /^([a-z_0-9]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
  if (name === undefined) return []
  const labels = Object.fromEntries(
    [...inner.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]),
  )
  return [{ name, labels, value: Number(value) }]
}
