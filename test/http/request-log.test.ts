import { createHash } from 'node:crypto'
import { buildSchema, parse } from 'graphql'
import { describe, expect, it, vi } from 'vitest'
import { createDistrictLabels } from '../../src/district-metrics.ts'
import { createOperationSummaries } from '../../src/execution/operation-summary.ts'
import { guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'

const AARON = '63850203bfb8460546071ef6'
const QUERY = `query ContactPage($id: ID!) { contact(id: $id) { displayName } }`

async function lastLine({ lines }: TestGateway, count = 1) {
  const requests = () => lines.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'request')
  await vi.waitFor(() => expect(requests().length).toBeGreaterThanOrEqual(count))
  return requests().at(-1)
}

async function send(
  gateway: TestGateway,
  headers: Record<string, string>,
  body = { query: '{ __typename }' },
) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: gateway.authorization, ...headers },
    body: JSON.stringify(body),
  })
  await response.text()
  return response
}

describe('the log line of a request', () => {
  it('names operation, document, principal kind, districts, calls and rounds', async () => {
    await using gateway = await startGateway()
    const { headers } = await gateway.ask(QUERY, { id: AARON }, guardian(AARON))
    expect(await lastLine(gateway)).toEqual({
      level: 'info',
      time: expect.any(String),
      requestId: headers.get('x-request-id'),
      status: '200',
      outcome: 'ok',
      principalKind: 'guardian',
      operation: 'ContactPage',
      operationType: 'query',
      documentHash: createHash('sha256').update(QUERY).digest('hex'),
      districtIds: [gateway.sandbox.districts[0]?.id],
      districtCount: 1,
      milliseconds: expect.any(Number),
      cleverCalls: expect.any(Number),
      rounds: expect.any(Number),
      msg: 'request',
    })
  })

  it('tells answers with data and errors, without data, and requests that were not executed apart', async () => {
    await using gateway = await startGateway({ maxAnswerBytes: 10_000 })
    gateway.sandbox.faults.add({ path: /\/users/, status: 500 })
    await gateway.ask(QUERY, { id: AARON })
    expect(await lastLine(gateway)).toMatchObject({
      status: '200',
      outcome: 'partial',
      codes: ['UPSTREAM_UNAVAILABLE'],
      principalKind: 'service',
    })
    gateway.sandbox.faults.clear()
    const large = `{ contacts(first: 25) { nodes { ${Array.from({ length: 60 }, (_, n) => `n${n}: displayName`).join(' ')} } } }`
    await gateway.ask(large)
    expect(await lastLine(gateway, 2)).toMatchObject({ outcome: 'error', codes: ['QUERY_TOO_COMPLEX'] })
    await gateway.ask('{ nonsense }')
    const refused = await lastLine(gateway, 3)
    expect(refused).toMatchObject({ outcome: 'refused', codes: ['GRAPHQL_VALIDATION_FAILED'] })
    expect(refused).not.toHaveProperty('operation')
    await send(gateway, { authorization: 'Bearer a.b.c' })
    expect(await lastLine(gateway, 4)).toMatchObject({
      status: '401',
      outcome: 'refused',
      codes: ['UNAUTHENTICATED'],
      principalKind: 'none',
    })
    await send(gateway, { accept: 'text/event-stream' }, { query: 'broken {' })
    expect(await lastLine(gateway, 5)).toMatchObject({ codes: ['GRAPHQL_PARSE_FAILED'] })
    const metrics = await gateway.metrics.registry.metrics()
    for (const line of [
      'gateway_request_seconds_count{status="200",outcome="partial"} 1',
      'gateway_request_seconds_count{status="200",outcome="error"} 1',
      'gateway_request_seconds_count{status="401",outcome="refused"} 1',
      'gateway_request_errors_total{code="UPSTREAM_UNAVAILABLE"} 1',
      'gateway_request_errors_total{code="UNAUTHENTICATED"} 1',
      'access_sign_ins_total{outcome="invalid"} 1',
    ])
      expect(metrics).toContain(line)
  })
})

describe('the id of a request', () => {
  const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/
  const TRACE = '0af7651916cd43dd8448eb211c80319c'
  const PARENT = `00-${TRACE}-b7ad6b7169203331-01`

  it('is that of the client, and goes on to Clever, to the log and to the audit', async () => {
    await using gateway = await startGateway()
    const id = '3f0b7f0e-58c4-4f0b-9d0c-0b6f4f5f7a11'
    const before = gateway.sandbox.calls.all().length
    const response = await send(
      gateway,
      { 'x-request-id': id },
      { query: `{ contact(id: "${AARON}") { id } }` },
    )
    expect(response.headers.get('x-request-id')).toBe(id)
    expect((await lastLine(gateway)).requestId).toBe(id)
    const calls = gateway.sandbox.calls.all().slice(before)
    expect(calls.length).toBeGreaterThan(0)
    expect(new Set(calls.map(({ requestId }) => requestId))).toEqual(new Set([id]))
    expect(JSON.parse(gateway.audited[0] ?? '').requestId).toBe(id)
  })

  it.each([
    ['32 hexadecimal digits', { 'x-request-id': TRACE.toUpperCase() }, TRACE.toUpperCase()],
    ['the trace id of a traceparent', { traceparent: PARENT }, TRACE],
    [
      'that of x-request-id before that of a traceparent',
      { 'x-request-id': 'f'.repeat(32), traceparent: PARENT },
      'f'.repeat(32),
    ],
    [
      'the trace id if x-request-id is not accepted',
      { 'x-request-id': 'jane.doe', traceparent: PARENT },
      TRACE,
    ],
  ])('is %s', async (_what, headers, id) => {
    await using gateway = await startGateway()
    expect((await send(gateway, headers)).headers.get('x-request-id')).toBe(id)
  })

  it.each([
    ['a name', { 'x-request-id': 'jane-doe-of-lincoln-elementary' }],
    ['an e-mail address', { 'x-request-id': 'jane.doe@example.org' }],
    ['an id of Clever', { 'x-request-id': AARON }],
    ['a quote', { 'x-request-id': `${'a'.repeat(31)}"` }],
    ['an empty text', { 'x-request-id': '' }],
    ['a trace id of zeros', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['a traceparent of version ff', { traceparent: `ff-${TRACE}-b7ad6b7169203331-01` }],
    ['a traceparent that is cut', { traceparent: PARENT.slice(0, 40) }],
  ])('is a new one in place of %s', async (_what, headers) => {
    await using gateway = await startGateway()
    expect((await send(gateway, headers)).headers.get('x-request-id')).toMatch(UUID)
  })
})

describe('what a client writes into an operation', () => {
  const schema = buildSchema(
    'type Query { contact(id: ID, search: String): Contact } type Contact { id: ID }',
  )
  const summarize = createOperationSummaries(schema)
  const summaryOf = (query: string) => {
    const document = parse(query)
    const [definition] = document.definitions
    if (definition?.kind !== 'OperationDefinition') return expect.unreachable()
    return summarize(document, definition)
  }

  it.each([
    ['ContactPage', 'ContactPage'],
    ['GetContactById_v2', 'GetContactById_v2'],
    ['ContactOfJaneDoe', 'ContactOf*'],
    ['jane_doe', '*_*'],
    ['call5551234567', 'call*'],
    ['Contacts__contacts__0', 'Contacts__contacts__0'],
    ['id63850203bfb8460546071ef6', 'id*'],
    ['x'.repeat(10_000), '*'],
  ])('is not in its name: %s', (name, logged) => {
    expect(summaryOf(`query ${name} { contact { id } }`).name).toBe(logged)
  })

  it('is not in the hash of its document, unless it is a page size', () => {
    const hashOf = (query: string) => summaryOf(query).documentHash
    expect(hashOf('{ contact(search: "Jane") { id } }')).toBe(hashOf('{ contact(search: "Joe") { id } }'))
    expect(hashOf('{ contact(id: 5551234567) { id } }')).toBe(hashOf('{ contact(id: 5557654321) { id } }'))
    expect(hashOf('{ contact(id: 25) { id } }')).not.toBe(hashOf('{ contact(id: 26) { id } }'))
  })

  it('is neither in the log nor in the metrics', async () => {
    await using gateway = await startGateway()
    await gateway.ask(`query Jane_Doe { contact(id: "${AARON}") { Jane_Doe: displayName } }`, {}, SERVICE)
    await lastLine(gateway)
    expect([...gateway.lines, await gateway.metrics.registry.metrics()].join()).not.toMatch(/jane|doe/i)
  })
})

describe('the label of a district', () => {
  it('is its id for the first hundred, and the same word for all others', () => {
    const label = createDistrictLabels()
    const labels = Array.from({ length: 1_000 }, (_, index) => label(`district ${index}`))
    expect(new Set(labels).size).toBe(101)
    expect([label('district 0'), label('district 999')]).toEqual(['district 0', 'other'])
  })
})

describe('metrics of each district', () => {
  it('count reads, calls left, and what the stores hold', async () => {
    await using gateway = await startGateway({ sandbox: { districts: 2 } })
    for (const _ of [1, 2]) await gateway.ask(`{ contact(id: "${AARON}") { displayName } }`)
    const [first, second] = gateway.sandbox.districts
    const metrics = await gateway.metrics.registry.metrics()
    for (const { id } of [first, second].filter((district) => district !== undefined)) {
      expect(metrics).toMatch(new RegExp(`directory_reads_total\\{district="${id}",outcome="miss"\\} [1-9]`))
      expect(metrics).toMatch(new RegExp(`clever_calls_left\\{district="${id}"\\} 1\\d{3}`))
      expect(metrics).toMatch(new RegExp(`directory_bytes\\{district="${id}"\\} \\d+`))
    }
    expect(metrics).toMatch(/directory_reads_total\{district="\w+",outcome="hit"\} [1-9]/)
    expect(metrics).toContain('gateway_requests_in_flight 0')
  })
})

describe('a counter that an alert watches', () => {
  it('is there before anything happens, so that its first value is an increase', async () => {
    await using gateway = await startGateway()
    const metrics = await gateway.metrics.registry.metrics()
    for (const line of [
      'audit_lines_total{outcome="failed"} 0',
      'gateway_requests_overloaded_total{where="process"} 0',
      'gateway_request_errors_total{code="INTERNAL_SERVER_ERROR"} 0',
      'access_sign_ins_total{outcome="unavailable"} 0',
      'directory_mass_changes_total 0',
    ])
      expect(metrics).toContain(line)
    expect(metrics).toMatch(/access_quotas_total\{quota="disclosure",kind="\w+",outcome="near"\} 0/)
  })
})
