import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

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
    gateway = await startGateway({ ages: { display: 0, decision: 0 } })
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
})
