import { parser } from '@prometheus-io/lezer-promql'
import { createMetrics, observeProcess } from '../../src/metrics.ts'

interface Selector {
  readonly metric: string
  /** The labels that the selector matches by. */
  readonly labels: readonly string[]
}

/** The selectors of an expression of PromQL. Throws with the place where it is not valid. */
export function selectorsOf(expression: string): readonly Selector[] {
  const text = expression.replaceAll('$__rate_interval', '5m')
  const selectors: { metric: string; labels: string[] }[] = []
  parser.parse(text).iterate({
    enter({ type, from, to, node }) {
      if (type.isError) throw new Error(`not PromQL at ${from}: ${text}`)
      if (type.name === 'VectorSelector') {
        const name = node.getChild('Identifier')
        selectors.push({ metric: name === null ? '' : text.slice(name.from, name.to), labels: [] })
      }
      if (type.name === 'LabelName' && node.parent?.type.name.endsWith('LabelMatcher'))
        selectors.at(-1)?.labels.push(text.slice(from, to))
    },
  })
  return selectors
}

/** The labels of each metric of the process, by its name. Prometheus adds `job` and `instance`. */
export function labelsByMetric(): ReadonlyMap<string, ReadonlySet<string>> {
  const metrics = createMetrics()
  observeProcess(metrics)
  const known = new Map<string, ReadonlySet<string>>([['up', new Set(['job', 'instance'])]])
  for (const metric of metrics.registry.getMetricsAsArray()) {
    const { name, type, labelNames } = metric as unknown as {
      name: string
      type: string
      labelNames: string[]
    }
    const labels = new Set([...labelNames, 'job', 'instance'])
    known.set(name, labels)
    if (type !== 'histogram') continue
    for (const suffix of ['_count', '_sum']) known.set(name + suffix, labels)
    known.set(`${name}_bucket`, new Set([...labels, 'le']))
  }
  return known
}
