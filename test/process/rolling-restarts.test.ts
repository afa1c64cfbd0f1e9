import { describe, expect, it } from 'vitest'
import { restartRolling } from '../support/rolling-restarts.ts'

describe('rolling restarts behind a balancer that notices readiness half a second late', {
  timeout: 300_000,
}, () => {
  // `npm run bench:restarts` makes ten of them, with 10,000 requests.
  it('lose no request', async () => {
    const { requests, failures, codes } = await restartRolling({
      restarts: 3,
      rate: 100,
      drainMs: 1_000,
      lateMs: 500,
    })
    expect(failures).toEqual({})
    expect(codes).toEqual([0, 0, 0])
    expect(requests).toBeGreaterThan(300)
  })
})
