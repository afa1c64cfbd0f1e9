import { appendFileSync } from 'node:fs'

/**
 * Preloaded into a gateway with `--expose-gc --import`: appends its memory to HEAP_FILE, a JSON object a line, after a
 * full collection, so that only memory that is held counts.
 */
const EVERY_MS = 5_000
const { HEAP_FILE = '' } = process.env
const startedAt = performance.now()

setInterval(() => {
  globalThis.gc?.()
  const { heapUsed, external, rss } = process.memoryUsage()
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  appendFileSync(HEAP_FILE, `${JSON.stringify({ seconds, heapUsed, external, rss })}\n`)
}, EVERY_MS).unref()
