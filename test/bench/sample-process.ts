import { appendFileSync } from 'node:fs'
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/**
 * Preloaded into a gateway with `--import`: appends its memory, its processor time and its pauses since the last sample to SAMPLE_FILE, a
 * JSON object a line, every SAMPLE_EVERY_MS. With SAMPLE_AFTER_GC=true and `--expose-gc`, each sample follows a full
 * collection, so that only memory that is held counts. SIGUSR2 takes one such sample at once.
 */
const { SAMPLE_FILE = '', SAMPLE_EVERY_MS = '', SAMPLE_AFTER_GC } = process.env
/** The delay of a timer that is due each millisecond. */
const RESOLUTION_MS = 1
const NS_PER_MS = 1e6
const US_PER_MS = 1e3

if (isMainThread) watch()

function watch() {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delays.enable()
  let longestGcMs = 0
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longestGcMs = Math.max(longestGcMs, duration)
  }).observe({ entryTypes: ['gc'] })

  function sample(isCollected: boolean) {
    const longestPauseMs = Math.max(0, delays.max / NS_PER_MS - RESOLUTION_MS)
    if (isCollected) globalThis.gc?.()
    const { heapUsed, external, rss } = process.memoryUsage()
    const { user, system } = process.cpuUsage()
    const cpuMs = (user + system) / US_PER_MS
    const memory = { heapUsed, external, rss, peakRss: process.resourceUsage().maxRSS * 1024 }
    const line = { at: Date.now(), isCollected, ...memory, cpuMs, longestPauseMs, longestGcMs }
    appendFileSync(SAMPLE_FILE, `${JSON.stringify(line)}\n`)
    delays.reset()
    longestGcMs = 0
  }
  setInterval(() => sample(SAMPLE_AFTER_GC === 'true'), Number(SAMPLE_EVERY_MS)).unref()
  process.on('SIGUSR2', () => sample(true))
}
