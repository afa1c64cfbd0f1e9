import type { BenchClever, Cost } from './clever.ts'

export interface Measured<Data> extends Cost {
  readonly data: Data
}

/** What `work` takes, and the calls to Clever since the last `forget`, as a rule right before. */
export async function measureOn<Data>(
  clever: BenchClever,
  work: () => Promise<Data>,
): Promise<Measured<Data>> {
  const startedAt = performance.now()
  const data = await work()
  const ms = performance.now() - startedAt
  return { data, ms, calls: (await clever.calls()).length }
}

export async function measure<Data>(clever: BenchClever, work: () => Promise<Data>): Promise<Measured<Data>> {
  await clever.forget()
  return measureOn(clever, work)
}

/** Each figure by itself. */
export function medianOf(costs: readonly Cost[]): Cost {
  return { calls: median(costs.map(({ calls }) => calls)), ms: median(costs.map(({ ms }) => ms)) }
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** Throws unless both are equal as JSON; names the place, and none of the data. */
export function mustEqual(textbook: unknown, gateway: unknown, other = 'the gateway'): void {
  const place = firstDifference(textbook, gateway)
  if (place !== undefined) throw new Error(`${other} differs from the textbook at ${place}`)
}

function firstDifference(a: unknown, b: unknown, path = '$'): string | undefined {
  if (!isObject(a) || !isObject(b)) return a === b ? undefined : path
  if (Array.isArray(a) !== Array.isArray(b)) return path
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const place = firstDifference(a[key], b[key], `${path}.${key}`)
    if (place !== undefined) return place
  }
  return undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
