import { describe, expect, it, vi } from 'vitest'
import { View } from '../../src/view/view.ts'
import { findFamily, PARENT } from '../scenarios/families.ts'
import { startGateway } from '../support/gateway.ts'

const NAMES = Array.from({ length: 300 }, (_, index) => `n${index}`)

/** 120 × 120 objects, which alone are few enough. */
const nested = (fields: string) =>
  `query ($id: ID!) { contact(id: $id) { relationships { student { relationships { contact { relationships { ${fields} } } } } } } }`
const INNER = 'relationships { student { relationships { contact { relationships {'
const OUTER = '} } } } }'

/** 200 fields for each student of a contact. */
const WIDE = `query ($id: ID!) { contact(id: $id) { ${NAMES.slice(0, 10)
  .map((list) => {
    const students = NAMES.slice(0, 20).map((name) => `${name}: student { id }`)
    return `${list}: relationships { ${students.join(' ')} }`
  })
  .join(' ')} } }`

/** A contact that many students share. */
async function startCrowd(size = 120) {
  const gateway = await startGateway({ sandbox: { students: size + 30 } })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const { contact } = findFamily(district)
  const entries = district.students.slice(0, size).map((student) => ({ student, ...PARENT }))
  district.editContact(contact.id, {}, { student_relationships: entries })
  return {
    ask: (query: string) => gateway.ask(query, { id: contact.id }),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

describe('O8: many fields of many objects', () => {
  it.each([
    ['under many names', nested(NAMES.map((name) => `${name}: studentId`).join(' '))],
    [
      'in fragments',
      `${nested('...A ...B')} fragment A on StudentRelationship { ${NAMES.slice(0, 150)
        .map((name) => `${name}: studentId`)
        .join(' ')} }
       fragment B on StudentRelationship { ... on StudentRelationship { ${NAMES.slice(150)
         .map((name) => `${name}: studentId`)
         .join(' ')} } }`,
    ],
    [
      'in selections that are merged',
      `query ($id: ID!) { contact(id: $id) { ${NAMES.slice(0, 120)
        .map((name) => `${INNER} ${name}: studentId ${OUTER}`)
        .join(' ')} } }`,
    ],
  ])('are refused while the answer is made: %s', async (_, query) => {
    await using crowd = await startCrowd()
    const { data, errors } = await crowd.ask(query)
    expect(data ?? null).toBeNull()
    expect(errors[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  })

  it('unlike a few fields of as many', async () => {
    await using crowd = await startCrowd()
    const { data, errors } = await crowd.ask(nested('id studentId relationship'))
    expect(errors).toEqual([])
    expect(data.contact.relationships).toHaveLength(120)
    expect(JSON.stringify(data).split('relationship":').length).toBeGreaterThan(14_000)
  })

  it('unlike many fields of a page of 100', async () => {
    await using gateway = await startGateway({ sandbox: { students: 80 } })
    const fields = NAMES.slice(0, 200)
      .map((name) => `${name}: displayName`)
      .join(' ')
    const { data, errors } = await gateway.ask(`{ contacts(first: 100) { nodes { ${fields} } } }`)
    expect(errors).toEqual([])
    expect(data.contacts.nodes).toHaveLength(100)
  })

  it('end an answer as soon as it is too large', async () => {
    await using crowd = await startCrowd(600)
    await crowd.ask(WIDE)
    const students = NAMES.slice(0, 200).map((name) => `${name}: student { id }`)
    const counted = vi.spyOn(View.prototype, 'countNodes')
    const { errors } = await crowd.ask(
      `query ($id: ID!) { contact(id: $id) { relationships { ${students.join(' ')} } } }`,
    )
    expect(errors[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
    expect(counted.mock.calls.length).toBeLessThan(10_000)
    counted.mockRestore()
  })

  it('end an attempt in which many values are missing, and not the answer', async () => {
    await using crowd = await startCrowd(200)
    const read = vi.spyOn(View.prototype, 'record')
    const { data, errors } = await crowd.ask(WIDE)
    expect(errors).toEqual([])
    expect(JSON.stringify(data).split('"id":')).toHaveLength(1 + 200 * 200)
    expect(read.mock.calls.length).toBeLessThan(60_000)
    read.mockRestore()
  })
})
