import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunningMain, runMain } from '../support/run-main.ts'
import { type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts'

const AARON = '63850203bfb8460546071ef6'
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const OTHER_TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = 'b7ad6b7169203331'
const QUERY = `query ContactOfJane($id: ID!) { contact(id: $id) { displayName relationships { student { displayName } } } }`

/** The gateway on its sandbox, as an operator starts it with traces. */
function startTraced(endpoint: string, more: Record<string, string> = {}) {
  return runMain({
    nodeArgs: ['--import', './src/tracing/register.ts'],
    environment: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_BSP_SCHEDULE_DELAY: '50', ...more },
  })
}

async function ask(main: RunningMain, headers: Record<string, string> = {}, id = AARON) {
  const port = await main.printed(/localhost:(\d+)\/graphql/)
  const token = await main.printed(/ {2}export TOKEN=(\S+)\n/)
  const response = await fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ query: QUERY, variables: { id } }),
  })
  return { response, token, answer: await response.json() }
}

async function spansOf(spans: readonly ReceivedSpan[], trace: string) {
  const find = () => spans.find(({ kind, traceId }) => kind === 2 && traceId === trace)
  // Sooner than in the 5 s that a batch would wait without the variable.
  const request = await vi.waitFor(() => find() ?? expect.unreachable(), 4_000)
  const mine = spans.filter(({ traceId }) => traceId === trace)
  return {
    request,
    rounds: mine.filter(({ name }) => name === 'round'),
    calls: mine.filter(({ kind }) => kind === 3),
  }
}

describe('with an OTLP endpoint and --import', () => {
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>
  let main: RunningMain
  beforeAll(async () => {
    receiver = await startOtlpReceiver()
    main = startTraced(receiver.url)
  })
  afterAll(async () => {
    await main[Symbol.asyncDispose]()
    await receiver[Symbol.asyncDispose]()
  })

  it('the request, each round and each call to Clever are spans of the trace of the client, without a value', async () => {
    const { answer, token } = await ask(main, {
      traceparent: `00-${TRACE}-${PARENT}-01`,
      tracestate: 'vendor=jane.doe',
      baggage: 'user=jane.doe',
    })
    expect(answer).toMatchObject({ data: { contact: { displayName: 'Aaron Collins' } } })
    const { request, rounds, calls } = await spansOf(receiver.spans, TRACE)
    expect(request).toMatchObject({ name: 'query', traceId: TRACE, parentSpanId: PARENT, status: 0 })
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/graphql',
      'http.response.status_code': 200,
      'graphql.operation.type': 'query',
      'graphql.operation.name': 'ContactOf*',
      'graphql.document.hash': expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      'gateway.request.id': TRACE,
      'gateway.outcome': 'ok',
      'gateway.principal.kind': 'service',
      'gateway.districts': 1,
      'gateway.calls': calls.length,
      'gateway.rounds': rounds.length,
    })
    expect(rounds.length).toBeGreaterThan(1)
    expect(new Set(rounds.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([request.spanId]))
    expect(calls.length).toBeGreaterThan(0)
    const parents = new Set(rounds.map(({ spanId }) => spanId))
    for (const call of calls) {
      expect(parents).toContain(call.parentSpanId)
      expect(call.name).toBe(`GET ${call.attributes['url.template']}`)
      expect(call.attributes).toMatchObject({
        'http.response.status_code': 200,
        'server.address': '127.0.0.1',
      })
    }
    expect(receiver.resources[0]).toMatchObject({ 'service.name': 'clever-contacts-gateway' })
    expect(main.output()).toContain(`"traceId":"${TRACE}"`)
    for (const secret of [AARON, 'Aaron', 'Collins', 'Jane', 'jane', token, 'displayName'])
      expect(receiver.text()).not.toContain(secret)
  })

  it('a failure of Clever is an error of the call and of the request, with the code', async () => {
    const clever = await main.printed(/Clever\s+(http\S+)/)
    await fetch(`${clever}/faults`, {
      method: 'POST',
      body: JSON.stringify({ pattern: '/users', status: 500 }),
    })
    // A contact that is not in memory.
    await ask(main, { traceparent: `00-${OTHER_TRACE}-${PARENT}-01` }, '63850203bfb84605460700ff')
    await fetch(`${clever}/faults`, { method: 'DELETE' })
    const { request, calls } = await spansOf(receiver.spans, OTHER_TRACE)
    expect(request).toMatchObject({
      status: 2,
      attributes: { 'error.type': 'UPSTREAM_UNAVAILABLE', 'gateway.error.codes': ['UPSTREAM_UNAVAILABLE'] },
    })
    const failed = calls.filter(({ status }) => status === 2)
    expect(failed[0]?.attributes).toMatchObject({ 'error.type': '500', 'http.response.status_code': 500 })
  })

  it('spans that wait are sent before the process ends', async () => {
    await using receiver = await startOtlpReceiver()
    await using main = startTraced(receiver.url, { OTEL_BSP_SCHEDULE_DELAY: '60000' })
    await ask(main)
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
    expect(receiver.spans.some(({ name }) => name === 'query')).toBe(true)
  })

  it('requests are answered, and the process ends, while the collector is away', async () => {
    await using main = startTraced('http://127.0.0.1:9')
    expect((await ask(main)).response.status).toBe(200)
    main.child.kill('SIGTERM')
    expect(await main.ended).toBe(0)
  })
})

describe('without an endpoint', () => {
  it('--import loads no SDK, and the log has no trace', async () => {
    await using main = startTraced('')
    expect((await ask(main, { traceparent: `00-${TRACE}-${PARENT}-01` })).response.status).toBe(200)
    await main.printed(/("msg":"request")/)
    expect(main.output()).not.toContain('traceId')
  })
})
