import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCleverClock } from '../../src/clever/clock-skew.ts'
import { parseEvent } from '../../src/clever/events.ts'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { DISTRICT_ID } from '../access/people.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

const CONTACT = `query ($id: ID!) {
  contact(id: $id) {
    name { firstRaw lastRaw }
    sisId
    email { raw }
    phone { raw typeRaw }
    relationships { studentId relationshipRaw typeRaw }
  }
}`

describe('the records of Clever', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ ages: { displayMs: 0, decisionMs: 0 } })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  const district = () => gateway.sandbox.districts[0] ?? expect.unreachable()

  /** What the gateway shows of a contact whom Clever describes so. */
  async function shown(fields: object, role: object = {}) {
    district().editContact(MIXED, { ...fields }, { ...role })
    const { data, errors } = await gateway.ask(CONTACT, { id: MIXED })
    expect(errors).toEqual([])
    return data.contact
  }

  describe('with a number where a text is documented', () => {
    it.each([
      [3302801898, '3302801898'],
      [0, '0'],
      [-0, '0'],
      [7.5, '7.5'],
      [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    ])('keep %s as text', async (number, text) => {
      expect(await shown({}, { sis_id: number, phone: number })).toMatchObject({
        sisId: text,
        phone: { raw: text },
      })
    })

    it.each([1e21, 2 ** 53, 1e-7, 0.1234567890123456])(
      'leave out %s, which JSON may have rounded',
      async (number) => {
        expect(await shown({}, { sis_id: number, phone: number })).toMatchObject({ sisId: null, phone: null })
      },
    )

    it.each([true, false, null, {}, ['S-1']])('leave out %j, which is no text', async (value) => {
      expect(await shown({}, { sis_id: value, phone: value })).toMatchObject({ sisId: null, phone: null })
    })

    it('keep it in names, addresses and entries as well', async () => {
      const entry = { student: CHILD, relationship: 1, type: 2 }
      const name = { first: 3, last: 4 }
      expect(
        await shown({ name, email: 5 }, { phone: '330', phone_type: 6, student_relationships: [entry] }),
      ).toMatchObject({
        name: { firstRaw: '3', lastRaw: '4' },
        email: { raw: '5' },
        phone: { typeRaw: '6' },
        relationships: [{ studentId: CHILD, relationshipRaw: '1', typeRaw: '2' }],
      })
    })
  })
  describe('with a lone surrogate', () => {
    it('halfEmoji: show U+FFFD in its place, in every field', async () => {
      const half = 'Ana Ruiz \ud83d'
      const right = 'Ana Ruiz \ufffd'
      const entry = { student: CHILD, relationship: half, type: half }
      const role = { phone: half, phone_type: half, sis_id: half, student_relationships: [entry] }
      expect(await shown({ name: { first: half, last: half }, email: half }, role)).toMatchObject({
        name: { firstRaw: right, lastRaw: right },
        sisId: right,
        email: { raw: right },
        phone: { raw: right, typeRaw: right },
        relationships: [{ relationshipRaw: right, typeRaw: right }],
      })
    })

    it('have no other in the stream of changes, and none in the audit', async () => {
      await using followed = await startGateway({ warm: 'off', eventsInterval: 20 })
      await using subscription = await subscribe(followed)
      const district = followed.sandbox.districts[0] ?? expect.unreachable()
      district.editContact(MIXED, {}, { phone: '\ud83d 330' })
      district.sync()
      expect(await subscription.change()).toMatchObject({
        contact: { id: MIXED, phone: { raw: '\ufffd 330' } },
        changedFields: ['PHONE'],
      })
      expect(followed.audited.join('')).toContain(MIXED)
      expect(followed.audited.join('')).not.toMatch(/\\ud83d/)
    })
  })

  describe('that are longer than any', () => {
    /** The text that is kept of one. */
    const kept = async (last: string) => (await shown({ name: { last } })).name.lastRaw as string

    it('keep the first 1,000 characters of a text, and count that', async () => {
      const before = await cuts('last')
      expect(await kept('a'.repeat(100_000))).toBe('a'.repeat(1_000))
      expect(await cuts('last')).toBe(before + 1)
      expect(await kept('b'.repeat(1_000))).toBe('b'.repeat(1_000))
      expect(await cuts('last')).toBe(before + 1)
    })

    it.each([
      ['a surrogate pair', '😀'],
      ['a letter with marks', 'e\u0301\u0327'],
      ['a family', '👩‍👩‍👧‍👦'],
    ])('never end in the middle of %s', async (_what, grapheme) => {
      for (const shift of ['', 'a', 'aa']) {
        const text = await kept(shift + grapheme.repeat(1_000))
        expect(text.length).toBeGreaterThan(950)
        expect(text.length).toBeLessThanOrEqual(1_000)
        expect((text.length - shift.length) % grapheme.length).toBe(0)
      }
    })

    it('begin where the text begins', async () => {
      expect(await kept(`${' '.repeat(2_000)}Ana`)).toBe('Ana')
      expect(await kept('\u0301'.repeat(100_000))).toHaveLength(1_000)
    })

    it('long: a name of 64,000 words, or of 100,000 marks, costs no more than one of the maximum', async () => {
      for (const name of [
        'ab '.repeat(64_000),
        'e\u0301\u0327'.repeat(33_000),
        '\u0301\u0327'.repeat(50_000),
      ]) {
        await shown({ name: { last: name } })
        const { data, errors } = await gateway.ask(
          '{ contacts(first: 100, filter: { search: "ab" }) { totalCount nodes { displayName dataWarnings { code } } } }',
        )
        expect(errors).toEqual([])
        for (const { displayName } of data.contacts.nodes)
          expect(displayName.length).toBeLessThanOrEqual(1_000)
      }
    })

    /** The same without the sandbox's own index of students, which takes quadratic time. */
    async function answered(student_relationships: object[]) {
      const data = { id: MIXED, name: { last: 'Aaron' }, roles: { contact: { student_relationships } } }
      gateway.sandbox.faults.add({
        path: `/users/${MIXED}`,
        status: 200,
        body: JSON.stringify({ data }),
        times: 1,
      })
      const reply = await gateway.ask(CONTACT, { id: MIXED })
      expect(reply.errors).toEqual([])
      return reply.data.contact
    }

    const entries = (count: number, word = 'Parent') =>
      Array.from({ length: count }, (_, i) => ({
        student: i.toString(16).padStart(24, '0'),
        relationship: word,
        type: 'Emergency',
      }))

    it('C14: a contact with 5,100 students is answered whole', async () => {
      const { relationships } = await answered(entries(5_100))
      expect(relationships).toHaveLength(5_100)
    })

    it('keep the first 10,000 entries, and count that', async () => {
      const before = await cuts('student_relationships')
      const { relationships } = await answered(entries(12_000))
      expect(relationships).toHaveLength(10_000)
      expect(await cuts('student_relationships')).toBe(before + 1)
    })

    it('keep a million characters of a record, and count that', async () => {
      const before = await cuts('record')
      const { relationships } = await answered(entries(3_000, 'x'.repeat(900)))
      expect(relationships.length).toBeGreaterThan(1_000)
      expect(relationships.length).toBeLessThan(1_111)
      expect(await cuts('record')).toBe(before + 1)
    })
  })

  it('of an event with values nested ten thousand deep are read as far as fields go', () => {
    let deep: unknown = 'old'
    for (let n = 0; n < 10_000; n += 1) deep = { name: deep }
    const object = { id: MIXED, name: { last: 'Ana' }, roles: { contact: { phone: '330' } } }
    const previous_attributes = { name: deep, roles: { contact: { phone: '\ud83d', name: deep } } }
    const json = { id: CHILD, type: 'users.updated', data: { object, previous_attributes } }
    const cleverClock = createCleverClock(systemClock, createLog('silent'), createMetrics())
    expect(parseEvent(json, DISTRICT_ID, cleverClock)).toMatchObject({
      previous: { contact: { name: { last: 'Ana' }, phone: '\ufffd' } },
    })
  })

  async function cuts(field: string): Promise<number> {
    const { values } = await gateway.metrics.valuesTruncated.get()
    return values.find(({ labels }) => labels.field === field)?.value ?? 0
  }
})
