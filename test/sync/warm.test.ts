import { execute, parse } from 'graphql'
import { describe, expect, it, vi } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { NO_OVERRIDES } from '../../src/access/overrides.ts'
import type { Principal } from '../../src/access/principal.ts'
import { systemClock } from '../../src/clock.ts'
import { createDistrictRegistry } from '../../src/districts.ts'
import { createServices } from '../../src/execution/services.ts'
import { HttpExchange } from '../../src/http/incoming.ts'
import { createLog } from '../../src/log.ts'
import { CallAllowance } from '../../src/model/call-allowance.ts'
import type { UserEvent } from '../../src/model/events.ts'
import { parseUserId } from '../../src/model/ids.ts'
import type { ContactRecord } from '../../src/model/records.ts'
import { RequestSummary } from '../../src/model/request-summary.ts'
import { Request } from '../../src/view/request.ts'
import { callerWaiting, startClever } from '../support/clever.ts'
import { DEFAULT_POLICY, startGateway, type TestGateway } from '../support/gateway.ts'

const CONTACT = 'query ($id: ID!) { contact(id: $id) { id displayName } }'

const GONE = parseUserId('0'.repeat(24)) ?? expect.unreachable()

/** Told: this contact came, and one like it went. */
function replacing(contact: ContactRecord | 'UNREADABLE' | undefined): readonly UserEvent[] {
  if (contact === undefined || contact === 'UNREADABLE') return []
  return [contact, { ...contact, id: GONE }].map((record, n) => ({
    id: `${n}`.padStart(24, '0'),
    kind: n === 0 ? 'created' : 'deleted',
    userId: record.id,
    occurredAt: Date.now(),
    user: {
      id: record.id,
      student: undefined,
      contact: record,
      staff: undefined,
      name: { first: undefined, middle: undefined, last: undefined },
      isTeacher: false,
      isDistrictAdmin: false,
    },
  }))
}

const whole = ({ lines }: TestGateway) => lines.filter((line) => line.includes('all of a role is known'))

const background = ({ sandbox }: TestGateway) => sandbox.calls.count(/\/(users|events)$/)

describe('warm: eager', () => {
  it('reads all of every district before anybody asks, and then answers without a call', async () => {
    await using gateway = await startGateway({ warm: 'eager', sandbox: { districts: 2 } })
    await vi.waitFor(() => expect(whole(gateway)).toHaveLength(4), 10_000)
    for (const { contacts, students } of gateway.sandbox.districts) {
      const { data, errors, calls } = await gateway.ask(
        'query ($contact: ID!, $student: ID!) { contact(id: $contact) { id relationships { student { id } } } student(id: $student) { id relationships { contact { id } } } }',
        { contact: contacts[0], student: students[0] },
      )
      expect([errors, calls]).toEqual([[], []])
      expect([data.contact.id, data.student.id]).toEqual([contacts[0], students[0]])
    }
  })
})

describe('warm: lazy', () => {
  it('reads a role as a whole when it has been asked for more than a few times, and no other', async () => {
    await using gateway = await startGateway({ warm: 'lazy' })
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    for (const id of contacts.slice(0, 3)) await gateway.ask(CONTACT, { id })
    expect(background(gateway)).toBe(0)
    await gateway.ask(CONTACT, { id: contacts[3] })
    await vi.waitFor(() => expect(whole(gateway)).toHaveLength(1))
    const { calls } = await gateway.ask(CONTACT, { id: contacts[9] })
    // The past events are read at the same time, for no request.
    expect(calls.filter((call) => !call.startsWith('/events'))).toEqual([])
    expect(gateway.districts.all()[0]?.store.size('student')).toBe(0)
  })

  it('leaves alone a district without requests', async () => {
    await using gateway = await startGateway({ warm: 'lazy', sandbox: { districts: 2 } })
    const [first, second] = gateway.sandbox.districts
    const query = 'query ($id: ID!, $district: ID!) { contact(id: $id, districtId: $district) { id } }'
    for (const id of first?.contacts.slice(0, 5) ?? []) await gateway.ask(query, { id, district: first?.id })
    await vi.waitFor(() => expect(whole(gateway)).toHaveLength(1))
    expect(gateway.sandbox.calls.all().filter(({ districtId }) => districtId === second?.id)).toEqual([])
  })
})

describe('warm: off', () => {
  it('makes no call but for a request', async () => {
    await using gateway = await startGateway({ warm: 'off' })
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    for (const id of contacts.slice(0, 8))
      expect((await gateway.ask(CONTACT, { id })).calls).toEqual([`/users/${id}`])
    expect(gateway.sandbox.calls.count()).toBe(8)
  })
})

describe('a query of a warm district', () => {
  it('is executed without a turn of the event loop', async () => {
    await using clever = await startClever({ students: 40 })
    const { metrics } = clever
    const ages = { displayMs: 300_000, displayMaxMs: 86_400_000, decisionMs: 60_000 }
    const log = createLog('silent')
    const districts = createDistrictRegistry({
      ages,
      maxBytes: 100_000_000,
      lagMs: 0,
      clock: systemClock,
      log,
      metrics,
    })
    const { reader, store, idHistory } = districts.of(clever.district)
    for (const role of ['contact', 'student'] as const)
      expect(await reader.fullLoad(role, callerWaiting(), Date.now())).toBe(true)

    const principal: Principal = {
      kind: 'SERVICE',
      client: 'test',
      scopes: new Set(['students:read', 'contacts:read']),
      districtIds: 'ALL',
    }
    const { services } = createServices({
      clients: clever.clever.clients,
      districts,
      ending: new AbortController().signal,
      clock: systemClock,
      rules: () => ({
        policy: DEFAULT_POLICY,
        overrides: NO_OVERRIDES,
        now: Date.now(),
        maxAge: ages.decisionMs,
      }),
      onDecision: () => {},
      phoneCountry: 'US',
      cursorSecret: () => 'a secret for tests',
      requiredFields: [],
      requestTimeout: 5_000,
      report: { maxCalls: 0, timeoutMs: 0, keptMs: 0 },
    })
    const context = new Request(services, {
      requestId: 'test',
      principal,
      summary: new RequestSummary(),
      isAnonymous: false,
      isFromRouter: true,
      expiresAt: undefined,
      lastEventId: undefined,
      exchange: new HttpExchange('test', 0, undefined),
      allowance: new CallAllowance(0),
      deadline: Date.now() + 5_000,
      priority: 'INTERACTIVE',
    }).newView()
    const { contacts = [], students = [] } = clever.sandbox.districts[0] ?? {}
    const document = parse(`query ($contact: ID!, $student: ID!) {
      contact(id: $contact) { id displayName relationships { relationship privileges student { id displayName } } }
      student(id: $student) { id relationships { contact { id displayName } } }
      contactAccess(contactId: $contact, studentId: $student, privilege: PICK_UP) { allowed reason }
    }`)
    const variableValues = { contact: contacts[0], student: students[0] }
    const result = execute({ schema, document, contextValue: context, variableValues })
    expect(result).not.toBeInstanceOf(Promise)
    expect(await result).toMatchObject({
      data: { contact: { id: contacts[0] }, student: { id: students[0] } },
    })
    expect((await result).errors).toBeUndefined()

    const successor = store.find('contact', parseUserId(contacts[0] ?? '') ?? expect.unreachable(), 0)
    for (const event of replacing(successor?.value)) idHistory.addEvent(event)
    idHistory.completeUntil(Date.now())
    const old = parse(`{ contact(id: "${GONE}") { id previousIds } }`)
    const found = execute({ schema, document: old, contextValue: context })
    expect(found).not.toBeInstanceOf(Promise)
    expect(await found).toEqual({
      data: { contact: { id: contacts[0], previousIds: [GONE] } },
    })

    const list = parse('{ contacts(first: 20) { nodes { id relationships { student { id } } } } }')
    const page = execute({ schema, document: list, contextValue: context })
    expect(page).not.toBeInstanceOf(Promise)
    expect((await page).errors).toBeUndefined()
  })
})
