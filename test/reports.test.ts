import { describe, expect, it } from 'vitest'
import type { CleverClient } from '../src/clever/client.ts'
import { createReports, type DatedReport } from '../src/reports.ts'
import { createFakeClock } from './support/fake-clock.ts'

const DISTRICT = {} as CleverClient
const reportOf = (contacts: number): DatedReport => ({
  contacts,
  withWarnings: 0,
  warnings: [],
  missing: [],
  asOf: '2026-11-22T12:00:00.000Z',
})

describe('the report of a district', () => {
  it('is counted once for all who ask while it is counted, and kept from when it is complete', async () => {
    const clock = createFakeClock()
    const counting: PromiseWithResolvers<DatedReport>[] = []
    function read() {
      const count = Promise.withResolvers<DatedReport>()
      counting.push(count)
      return count.promise
    }
    const reports = createReports(read, clock, 1_000)
    const asked = [reports.of(DISTRICT), reports.of(DISTRICT)]
    await clock.advance(5_000)
    asked.push(reports.of(DISTRICT))
    counting[0]?.resolve(reportOf(1))
    expect(await Promise.all(asked)).toEqual([reportOf(1), reportOf(1), reportOf(1)])

    await clock.advance(999)
    expect(await reports.of(DISTRICT)).toEqual(reportOf(1))
    await clock.advance(1)
    const anew = reports.of(DISTRICT)
    counting[1]?.resolve(reportOf(2))
    expect(await anew).toEqual(reportOf(2))
    expect(counting).toHaveLength(2)
  })

  it('that fails is counted again a minute later, for the next request', async () => {
    const answers = [Promise.reject(new Error('down')), Promise.resolve(reportOf(3))]
    const clock = createFakeClock()
    const reports = createReports(() => answers.shift() ?? expect.unreachable(), clock, 1_000)
    await expect(reports.of(DISTRICT)).rejects.toThrow('down')
    await clock.advance(59_999)
    await expect(reports.of(DISTRICT)).rejects.toThrow('down')
    await clock.advance(1)
    expect(await reports.of(DISTRICT)).toEqual(reportOf(3))
  })

  it('is that of its own district', async () => {
    const [one, other] = [{ ...DISTRICT }, { ...DISTRICT }]
    const reports = createReports(
      async (client) => reportOf(client === one ? 1 : 2),
      createFakeClock(),
      1_000,
    )
    expect([await reports.of(one), await reports.of(other)]).toEqual([reportOf(1), reportOf(2)])
  })
})
