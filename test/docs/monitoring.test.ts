import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../../src/metrics.ts'
import { anchorsOf, codeOf, ROOT, readPages } from './markdown.ts'
import { labelsByMetric, selectorsOf } from './promql.ts'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook: string }
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly description?: string
  readonly targets?: readonly { readonly expr: string }[]
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const alerts: readonly Alert[] = parse(read('docs/monitoring/alerts.yaml')).groups.flatMap(
  ({ rules }: { rules: Alert[] }) => rules,
)
const panels: readonly Panel[] = JSON.parse(read('docs/monitoring/dashboard.json')).panels
const graphs = panels.filter(({ type }) => type !== 'row')
const known = labelsByMetric()
const pages = readPages()
const runbook = pages.find(({ path }) => path === 'docs/runbook.md') ?? expect.unreachable()
const namedIn = (expression: string) => selectorsOf(expression).map(({ metric }) => metric)

describe.each([
  ...alerts.map(({ alert, expr }) => [`the alert ${alert}`, [expr]] as const),
  ...graphs.map(
    ({ title, targets = [] }) => [`the panel ${title}`, targets.map(({ expr }) => expr)] as const,
  ),
])('%s', (_name, expressions) => {
  it('is valid, and names metrics and labels that exist', () => {
    const selectors = expressions.flatMap(selectorsOf)
    expect(selectors.length).toBeGreaterThan(0)
    const wrong = selectors.filter(
      ({ metric, labels }) => !labels.every((label) => known.get(metric)?.has(label)) || !known.has(metric),
    )
    expect(wrong).toEqual([])
  })
})

describe('a test of an expression', () => {
  it.each(['sum by (', 'rate(up[5x])', 'sum(up', 'up{job=}'])(
    'refuses what is not PromQL: %s',
    (expression) => {
      expect(() => selectorsOf(expression)).toThrow('not PromQL')
    },
  )

  it('finds each metric and label', () => {
    expect(selectorsOf('sum by (a) (rate(b{c="d",e=~"f"}[5m])) / g')).toEqual([
      { metric: 'b', labels: ['c', 'e'] },
      { metric: 'g', labels: [] },
    ])
  })
})

describe('the alerts', () => {
  it('have names of their own, a summary, a severity, and an entry in the runbook', () => {
    const names = alerts.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
    for (const { alert, labels, annotations } of alerts) {
      expect(['page', 'ticket']).toContain(labels.severity)
      expect(annotations.summary).toMatch(/\.$/)
      expect(annotations.runbook).toBe(`docs/runbook.md#${alert.toLowerCase()}`)
      expect(anchorsOf(runbook)).toContain(alert.toLowerCase())
    }
  })

  it('are all that the runbook has entries for', () => {
    const entries = [...runbook.prose.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    expect(entries.toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
  })
})

// Prometheus is no package of npm. On a machine with it, its own tool evaluates the alerts.
const hasPromtool = spawnSync('promtool', ['--version']).status === 0
describe.skipIf(!hasPromtool)('promtool, on a machine that has it', () => {
  it('fires each alert for its failure, and none for a healthy gateway', () => {
    const { status, stderr } = spawnSync('promtool', ['test', 'rules', 'test/docs/alerts.rules-test.yaml'], {
      cwd: ROOT,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([0, ''])
  })
})

describe('the dashboard', () => {
  it('has an id of its own for each panel, and a runbook entry for each panel that says what is wrong', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
    const names = new Set(alerts.map(({ alert }) => alert))
    const wrong = graphs.filter(({ type }) => type === 'stat')
    expect(wrong).toHaveLength(8)
    for (const { description = '' } of wrong) {
      const [, entries = ''] = /Runbook: ([\w, ]+)\.$/.exec(description) ?? []
      expect(entries.split(', ').every((entry) => names.has(entry))).toBe(true)
    }
  })

  it('and the alerts show each metric of the gateway, so a new one needs a panel too', () => {
    const expressions = [
      ...alerts.map(({ expr }) => expr),
      ...graphs.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ]
    const shown = new Set(
      expressions.flatMap(namedIn).map((name) => name.replace(/_(count|sum|bucket)$/, '')),
    )
    const all = createMetrics().registry.getMetricsAsArray()
    const missing = all.map(({ name }) => name).filter((name) => !shown.has(name))
    expect(missing).toEqual([
      'clever_unknown_values_total',
      'clever_values_cut_total',
      'access_overrides_refused_total',
      'gateway_documents_refused_total',
      'gateway_callback_messages_total',
      'gateway_changes_told_total',
    ])
  })
})

describe('the docs', () => {
  it.each(pages.map((each) => [each.path, each] as const))('%s names metrics that exist', (_path, each) => {
    const NAME =
      /\b(?:gateway|clever|directory|access|audit|log|nodejs|process)_[a-z0-9_]+_(?:total|seconds|bytes|count|sum|bucket)\b/g
    const named = codeOf(each).flatMap((code) => code.match(NAME) ?? [])
    expect(named.filter((name) => !known.has(name))).toEqual([])
  })
})
