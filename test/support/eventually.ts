import { vi } from 'vitest'

/** Looks again and again, soon and for long: tests that wait side by side make each other late. */
export function eventually<Result>(look: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(look, { timeout: 10_000, interval: 5 })
}
