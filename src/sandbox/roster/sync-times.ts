/** Milliseconds since 1970 as Clever writes times: 2024-11-04T21:05:06.631Z. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}

const dayMs = 86_400_000
/** When the sandbox's districts sync at night, in UTC. */
const syncAtMs = ((8 * 60 + 8) * 60 + 34) * 1000 + 367
/** Seen on the wire: the events of a sync at 16:08:34.367 had the time 16:09:40. */
export const eventDelayMs = 66_000

/** The end of the last nightly sync whose events have appeared by `now`. */
export function lastNightlySync(now: number): number {
  const settled = now - eventDelayMs - syncAtMs
  return Math.floor(settled / dayMs) * dayMs + syncAtMs
}
