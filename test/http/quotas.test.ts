import { afterEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import {
  type Claims,
  limitsFrom,
  SERVICE,
  startGateway,
  type TestGateway,
  type TestOptions,
} from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

const PAGE = 'query ($first: Int!) { students(first: $first) { nodes { id displayName } } }'

let gateway: TestGateway
async function start(options: TestOptions) {
  gateway = await startGateway(options)
  return gateway
}
afterEach(() => gateway[Symbol.asyncDispose]())

const codes = (errors: readonly { extensions: Record<string, unknown> }[]) =>
  errors.map(({ extensions }) => extensions.code)
const logged = (text: string) =>
  gateway.lines.filter((line) => line.includes(text)).map((line) => JSON.parse(line))
const quotas = async () =>
  (await gateway.metrics.quotas.get()).values
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => [labels.outcome, value])

describe('DISCLOSURE_QUOTA', () => {
  it('refuses an answer beyond it as a whole: no data, no line in the audit, 429 and when to try again', async () => {
    const clock = createFakeClock()
    await start({ clock, disclosureQuota: limitsFrom('service=10') })
    const before = await gateway.ask(PAGE, { first: 6 })
    expect([before.status, before.data.students.nodes.length, gateway.audited.length]).toEqual([200, 6, 1])

    const beyond = await gateway.ask(PAGE, { first: 11 })
    expect([beyond.status, beyond.data, codes(beyond.errors)]).toEqual([
      429,
      null,
      ['DISCLOSURE_QUOTA_EXCEEDED'],
    ])
    expect(beyond.headers.get('retry-after')).toBe('3600')
    expect(beyond.errors[0]?.extensions.retryAfterSeconds).toBe(3_600)
    expect(gateway.audited).toHaveLength(1)
    for (const id of before.data.students.nodes) expect(beyond.errors[0]?.message).not.toContain(id.id)

    expect((await gateway.ask(PAGE, { first: 10 })).data.students.nodes).toHaveLength(10)
    expect((await gateway.ask(PAGE, { first: 10 })).data.students.nodes).toHaveLength(10)
    // Setting the clock of the host opens no new window.
    clock.setBy(86_400_000)
    const other = { ...SERVICE, sub: 'test-service' }
    expect(codes((await gateway.ask(PAGE, { first: 11 }, other)).errors)).toEqual([
      'DISCLOSURE_QUOTA_EXCEEDED',
    ])
    clock.setBy(-86_400_000)
    await clock.advance(3_600_000)
    expect((await gateway.ask(PAGE, { first: 10 })).data.students.nodes).toHaveLength(10)
  })

  it('warns the operator before it refuses, by the id of the request, and names no principal', async () => {
    await start({ disclosureQuota: limitsFrom('service=10') })
    await gateway.ask(PAGE, { first: 7 })
    expect(await quotas()).toEqual([])
    const near = await gateway.ask(PAGE, { first: 8 })
    expect(await quotas()).toEqual([['near', 1]])
    expect(logged('most of its DISCLOSURE_QUOTA')).toMatchObject([
      { level: 'warn', requestId: near.headers.get('x-request-id'), kind: 'service', shown: 8, limit: 10 },
    ])
    await gateway.ask(PAGE, { first: 12 })
    await gateway.ask(PAGE, { first: 12 })
    expect(await quotas()).toEqual([
      ['near', 1],
      ['refused', 2],
    ])
    expect(logged('has reached its DISCLOSURE_QUOTA')).toMatchObject([
      { level: 'error', shown: 8, limit: 10 },
    ])
    expect(gateway.lines.join()).not.toContain('test-service')
  })

  it('counts what a filter finds, and every way to a person', async () => {
    await start({ disclosureQuota: limitsFrom('service=5') })
    const ways = [
      '{ contacts(first: 1, filter: { hasEmail: true }) { totalCount } }',
      '{ contacts(first: 20) { nodes { displayName } } }',
      '{ contacts(first: 20) { nodes { relationships { student { displayName } } } } }',
    ]
    for (const way of ways)
      expect(codes((await gateway.ask(way)).errors)).toEqual(['DISCLOSURE_QUOTA_EXCEEDED'])
    expect(gateway.audited).toEqual([])
  })

  it('is unlimited for a kind only where it says so', async () => {
    const child = '63850203bfb8460546071e6e'
    const guardian: Claims = { clever_kind: 'guardian', clever_contact_ids: ['63850203bfb8460546071ef6'] }
    await start({ disclosureQuota: limitsFrom('guardian=1') })
    expect((await gateway.ask(PAGE, { first: 20 })).data.students.nodes).toHaveLength(20)
    const own = await gateway.ask('query ($id: ID!) { student(id: $id) { id } }', { id: child }, guardian)
    expect(own.data.student).toEqual({ id: child })
  })

  it('ends a subscription whose next change is beyond it', async () => {
    await start({ warm: 'eager', eventsInterval: 20, disclosureQuota: limitsFrom('service=3') })
    await using stream = await subscribe(gateway)
    const district = gateway.sandbox.districts[0] ?? expect.unreachable()
    district.changeContacts(1)
    district.sync()
    let told = 0
    for (;;) {
      const { errors } = (await stream.next()) ?? expect.unreachable('the stream is at its end')
      if (errors === undefined) told += 1
      else {
        expect(codes(errors)).toEqual(['DISCLOSURE_QUOTA_EXCEEDED'])
        break
      }
    }
    expect(told).toBeGreaterThan(0)
    expect(await stream.next()).toBeUndefined()
    expect(gateway.audited).toHaveLength(told)
  })
})

describe('COST_QUOTA', () => {
  it('refuses queries beyond it before they run, and lets them run again after a while', async () => {
    const clock = createFakeClock()
    await start({ clock, costQuota: limitsFrom('service=1000') })
    const answers = []
    for (let time = 0; time < 40; time += 1) answers.push(await gateway.ask(PAGE, { first: 20 }))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(5)
    expect(answers[0]?.status).toBe(200)
    for (const { errors, calls, headers } of refused) {
      expect([codes(errors), calls]).toEqual([['COST_QUOTA_EXCEEDED'], []])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    await clock.advance(60_000)
    expect((await gateway.ask(PAGE, { first: 20 })).status).toBe(200)
  })
})
