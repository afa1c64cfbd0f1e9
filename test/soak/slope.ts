export interface Point {
  /** ms */
  readonly at: number
  readonly value: number
}

/** The length of a part of which only the least value counts: in each, garbage is collected several times. ms */
const PART_MS = 60_000

/** The least value of each minute. */
export function floorOf(points: readonly Point[]): readonly Point[] {
  const parts = Map.groupBy(points, ({ at }) => Math.floor(at / PART_MS))
  return [...parts.values()].map((part) =>
    part.reduce((least, each) => (each.value < least.value ? each : least)),
  )
}

/** The growth per minute, by least squares. 0 for fewer than two points. */
export function slopePerMinute(points: readonly Point[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, each) => sum + each, 0) / values.length
  const [at, value] = [mean(points.map((point) => point.at)), mean(points.map((point) => point.value))]
  const spread = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0)
  if (points.length < 2 || spread === 0) return 0
  return (points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0) / spread) * 60_000
}
