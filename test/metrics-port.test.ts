import { describe, expect, it } from 'vitest'
import { runMain } from './support/run-main.ts'

async function statusOf(port: string, path: string) {
  const response = await fetch(`http://localhost:${port}${path}`)
  return [response.status, await response.text()] as const
}

describe('the metrics of the process', () => {
  it('are on a port and path of their own by setting, and there alone', async () => {
    const environment = { METRICS_PORT: '0', METRICS_PATH: '/internal/metrics' }
    await using main = runMain({ environment })
    const own = await main.printed(/"port":(\d+),"msg":"serving metrics"/)
    const port = await main.printed(/"port":(\d+),"msg":"listening"/)
    const [status, text] = await statusOf(own, '/internal/metrics')
    expect(status).toBe(200)
    // Those of prom-client, of the event loop, the heap and the garbage collection.
    for (const name of [
      'nodejs_eventloop_lag_p99_seconds',
      'nodejs_heap_size_used_bytes',
      'nodejs_gc_duration_seconds',
    ])
      expect(text).toContain(`# TYPE ${name} `)
    expect((await statusOf(own, '/metrics'))[0]).toBe(404)
    expect((await statusOf(own, '/graphql'))[0]).toBe(404)
    for (const path of ['/metrics', '/internal/metrics']) expect((await statusOf(port, path))[0]).toBe(404)
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
  })

  it('are on another path of the same port by setting', async () => {
    await using main = runMain({ environment: { METRICS_PATH: '/internal/metrics' } })
    const port = await main.printed(/"port":(\d+),"msg":"listening"/)
    expect((await statusOf(port, '/internal/metrics'))[1]).toContain('gateway_request_seconds')
    expect((await statusOf(port, '/metrics'))[0]).toBe(404)
  })
})
