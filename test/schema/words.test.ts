import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const CONTACT = `query ($id: ID!) {
  contact(id: $id) {
    phone { type typeIsInferred typeRaw }
    relationships {
      relationship relationshipIsInferred relationshipRaw type typeIsInferred typeRaw privileges
    }
  }
}`

/** Grants by inferred words, and by two words of districts. */
const LAVISH = createPolicy(
  policyFile.parse({
    ...defaultPolicy,
    inferredWords: 'GRANT',
    relationships: [
      ...defaultPolicy.relationships,
      { typeText: ['Guardian', 'Restricted'], privileges: ['PICK_UP'] },
      { relationshipText: ['Father', 'Mother'], privileges: ['PICK_UP'] },
    ],
  }),
)

describe('the words of a district', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ ages: { displayMs: 0, decisionMs: 0 }, policy: LAVISH })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  async function shown(entry: object, role: object = {}) {
    gateway.sandbox.districts[0]?.editContact(
      MIXED,
      {},
      { ...role, student_relationships: [{ student: CHILD, ...entry }] },
    )
    const { data, errors } = await gateway.ask(CONTACT, { id: MIXED })
    expect(errors).toEqual([])
    return { phone: data.contact.phone, ...data.contact.relationships[0] }
  }

  it.each([
    ...['Father?', 'Father ???', '†Mother', '🚫 Father', 'Father 19-3-04411-1', 'Father 6/14/2019'],
    ...['F̶a̶t̶h̶e̶r̶', 'Father, step', 'Mother - DO NOT RELEASE', 'NO CONTACT'],
    ...[
      'Mother (deceased)',
      'Mother*',
      '~Mother~',
      'Mother!',
      'Mother #2',
      '[Mother]',
      '"Mother"',
      'Mother;',
    ],
    ...[
      'Mother 2019',
      'Mother 1 2',
      'Mother 100',
      'Mother 01',
      'Mo\u200bther',
      '\u202eMother',
      'Mother\u0336',
    ],
    ...[
      'Fàther',
      'Mother:',
      'Mother & Father',
      'Mother + 1',
      'ex-Mother',
      'Mother/',
      '- Mother',
      'Mother½',
      'Mother²',
    ],
  ])('neverParent: %s', async (relationship) => {
    expect(await shown({ relationship, type: 'Parent/Guardian' })).toMatchObject({
      relationship: 'OTHER',
      relationshipIsInferred: false,
      relationshipRaw: relationship,
      privileges: [],
    })
  })

  it.each([
    ...['Guardian 2018-2019', 'Guardian (-6/30/2024)', 'Restricted - do not release'],
    ...[
      'Guardian?',
      'Guardian until 2024',
      'Guardian, former',
      'Guardian 18-19',
      '*Guardian',
      'Gu\u200bardian',
    ],
  ])('typeNeverGrants: %s', async (type) => {
    expect(await shown({ relationship: 'Parent', type })).toMatchObject({
      type: 'OTHER',
      typeIsInferred: false,
      typeRaw: type,
      privileges: [],
    })
  })

  it.each(['Mother', 'mother', 'MOTHER', 'Parent1', 'Parent 2', 'Mother.', ' Father ', 'Parent-1'])(
    'parentInferred: %s',
    async (relationship) => {
      expect(await shown({ relationship, type: 'Primary' })).toMatchObject({
        relationship: 'PARENT',
        relationshipIsInferred: true,
      })
    },
  )

  it.each([
    ...['N/A', 'Not Set', 'Unknown', 'None', '-', '\u200b'],
    ...[
      'n.a.',
      '#N/A',
      '#VALUE!',
      'Not Sure',
      'Unkown',
      'No consta',
      'NULL',
      'undefined',
      'TBD',
      '(none)',
      '<Unknown>',
      'Not Specified',
      'not  provided',
      '--',
    ],
    ...[
      '…',
      '?',
      'UNK',
      'Please select',
      'Desconocido',
      'ninguna',
      'No aplica',
      'Vacío',
      'sin especificar',
      '\u3164',
    ],
  ])('nothingSaid: %s', async (word) => {
    expect(
      await shown({ relationship: word, type: word }, { phone: '330-280-1898', phone_type: word }),
    ).toEqual({
      phone: { type: 'UNSPECIFIED', typeIsInferred: false, typeRaw: word },
      relationship: 'UNSPECIFIED',
      relationshipIsInferred: false,
      relationshipRaw: word,
      type: 'UNSPECIFIED',
      typeIsInferred: false,
      typeRaw: word,
      privileges: [],
    })
  })

  it.each(['🚫', '⚠', 'No', '0', 'No relation', 'Nonna'])('something said: %s', async (word) => {
    expect(await shown({ relationship: word, type: word })).toMatchObject({
      relationship: 'OTHER',
      type: 'OTHER',
    })
  })

  it('a type of N/A is open for the meaning of the word in the other field, as a missing one is', async () => {
    expect(await shown({ relationship: 'Guardian', type: 'N/A' })).toMatchObject({
      type: 'PARENT_GUARDIAN',
      typeIsInferred: true,
      typeRaw: 'N/A',
    })
  })

  it.each([
    ...[
      ['cell', 'CELL'],
      ['Mobile', 'CELL'],
      ['home', 'HOME'],
      ['WORK', 'WORK'],
    ],
    ...[
      ['Cell Phone', 'CELL'],
      ['cell 2', 'CELL'],
      ['Móvil', 'CELL'],
      ['Casa', 'HOME'],
      ['Office', 'WORK'],
    ],
  ])('phoneType: %s', async (word = '', type) => {
    const { phone } = await shown({}, { phone: '330-280-1898', phone_type: word })
    expect(phone).toEqual({ type, typeIsInferred: true, typeRaw: word })
  })

  it.each(['Cell?', 'Cell/Work', 'cell (do not call)', 'Mother', 'constructor', 'C'])(
    'a type of a phone that stays OTHER: %s',
    async (word) => {
      const { phone } = await shown({}, { phone: '330-280-1898', phone_type: word })
      expect(phone).toEqual({ type: 'OTHER', typeIsInferred: false, typeRaw: word })
    },
  )

  it('a documented type of a phone is not inferred', async () => {
    const { phone } = await shown({}, { phone: '330-280-1898', phone_type: 'Cell' })
    expect(phone).toEqual({ type: 'CELL', typeIsInferred: false, typeRaw: 'Cell' })
  })

  it('a filter finds by the words as they are shown', async () => {
    await shown({ relationship: 'N/A', type: 'Guardian' })
    const { data } = await gateway.ask(
      '{ contacts(filter: { relationships: [UNSPECIFIED], types: [PARENT_GUARDIAN] }) { nodes { id } } }',
    )
    expect(data.contacts.nodes).toContainEqual({ id: MIXED })
  })
})
