import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { readDocuments } from '../../src/open-documents.ts'
import { type PersonaToken, tokensOf } from '../../src/sandbox/sign-in.ts'
import { CHILD, DISTRICT, MIXED, NIECE } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const MANIFEST = join(import.meta.dirname, '../../operations/manifest.json')
const { operations } = JSON.parse(readFileSync(MANIFEST, 'utf8')) as {
  operations: readonly { readonly id: string; readonly name: string; readonly body: string }[]
}

let gateway: TestGateway
let tokens: readonly PersonaToken[]
beforeAll(async () => {
  const documents = await readDocuments(MANIFEST)
  gateway = await startGateway({
    warm: 'off',
    eventsInterval: 20,
    trustedDocuments: { documents, isOnly: true },
  })
  tokens = await tokensOf(gateway.sandbox, gateway)
})
afterAll(() => gateway[Symbol.asyncDispose]())

function send(person: string, name: string, variables: object, accept = 'application/json') {
  const documentId = operations.find((each) => each.name === name)?.id
  const token = tokens.find(({ title }) => title === person)?.token ?? expect.unreachable(person)
  return fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` },
    body: JSON.stringify({ documentId, variables }),
  })
}

/** The data that an operation of the manifest gives this person. */
async function run(person: string, name: string, variables: object = {}): Promise<unknown> {
  const { data, errors } = (await (await send(person, name, variables)).json()) as Record<string, unknown>
  expect(errors).toBeUndefined()
  return data
}

const jonah = { id: CHILD, displayName: 'Jonah S Collins' }
const aaron = { id: MIXED, displayName: 'Aaron Collins' }

/** Each operation as persons who use it, with a part of what they must get. */
const USES: readonly (readonly [name: string, person: string, variables: object, data: object])[] = [
  [
    'WhoAmI',
    'guardian',
    {},
    { contactsViewer: { kind: 'GUARDIAN', id: MIXED, students: [{ studentId: CHILD, student: jonah }] } },
  ],
  ['WhoAmI', 'teacher', {}, { contactsViewer: { kind: 'STAFF' } }],
  ['WhoAmI', 'student', {}, { contactsViewer: { kind: 'STUDENT' } }],
  ['ListDistricts', 'service', {}, { districts: [{ id: DISTRICT, schools: [{}, {}, {}] }] }],
  [
    'FindStudents',
    'teacher',
    { filter: { search: 'jonah' } },
    { students: { totalCount: 1, nodes: [jonah] } },
  ],
  ['FindStudents', 'guardian', {}, { students: { totalCount: 1, nodes: [jonah] } }],
  [
    'FindContacts',
    'service',
    { filter: { search: 'collins', relationships: ['PARENT'] } },
    { contacts: { totalCount: 2, nodes: [aaron, { displayName: 'Simone Collins' }] } },
  ],
  [
    'GetContact',
    'guardian',
    { id: MIXED },
    { contact: { ...aaron, relationships: [{ relationship: 'PARENT', studentId: CHILD }] } },
  ],
  [
    'GetContact',
    'service',
    { id: MIXED, districtId: DISTRICT },
    { contact: { ...aaron, relationships: [{}, {}, { studentId: CHILD }] } },
  ],
  [
    'GetContactsOfStudent',
    'teacher',
    { studentId: CHILD },
    {
      student: {
        ...jonah,
        relationships: expect.arrayContaining([expect.objectContaining({ relationship: 'PARENT' })]),
      },
    },
  ],
  ['GetContactsOfStudent', 'guardian', { studentId: NIECE }, { student: null }],
  [
    'GetContactsFor',
    'school staff',
    { studentId: CHILD, privilege: 'PICK_UP' },
    { student: { ...jonah, relationships: [{ contact: aaron }, { contact: {} }] } },
  ],
  [
    'CheckPrivilege',
    'service',
    { contactId: MIXED, studentId: CHILD, privilege: 'PICK_UP' },
    { contactAccess: { allowed: true, reason: 'RELATIONSHIP' } },
  ],
  [
    'CheckPrivilege',
    'service',
    { contactId: MIXED, studentId: NIECE, privilege: 'PICK_UP' },
    { contactAccess: { allowed: false, reason: 'POLICY_GRANTS_NOTHING' } },
  ],
  [
    'GetRelationships',
    'district admin',
    { contactId: MIXED, studentId: NIECE },
    { studentRelationships: [{ relationship: 'AUNT_UNCLE' }] },
  ],
  ['GetRelationships', 'guardian', { contactId: MIXED, studentId: NIECE }, { studentRelationships: [] }],
  [
    'ListContactsToCorrect',
    'district admin',
    { codes: ['MISSING_EMAIL'] },
    {
      contacts: {
        nodes: expect.arrayContaining([expect.objectContaining({ dataWarnings: expect.any(Array) })]),
      },
    },
  ],
  [
    'GetContactReport',
    'district admin',
    {},
    { district: { id: DISTRICT, contactReport: { contactCount: 41 } } },
  ],
]

describe('the operations of the folder', () => {
  it('are all tried here', () => {
    const tried = new Set([...USES.map(([name]) => name), 'FollowContactChanges'])
    expect([...tried].toSorted()).toEqual(operations.map(({ name }) => name).toSorted())
  })

  it.each(USES)('%s gives the %s with %j what this person may see', async (name, person, variables, data) => {
    expect(await run(person, name, variables)).toMatchObject(data)
  })

  it('FollowContactChanges sends a guardian the changes of the own contact', async () => {
    const response = await send('guardian', 'FollowContactChanges', {}, 'text/event-stream')
    expect(response.status).toBe(200)
    const reader = response.body?.pipeThrough(new TextDecoderStream() as never).getReader()
    await vi.waitFor(async () => expect((await gateway.metrics.subscriptions.get()).values[0]?.value).toBe(1))
    const [district] = gateway.sandbox.districts
    district?.endRelationship(MIXED, CHILD)
    district?.addRelationship(MIXED, { student: CHILD, relationship: 'Parent', type: 'Primary' })
    district?.sync()
    let text = ''
    while (!text.includes('event: next')) text += String((await reader?.read())?.value)
    expect(text).toContain(`"contactId":"${MIXED}"`)
    expect(text).toContain('"type":"PRIMARY"')
    await reader?.cancel()
  })

  it('are run for an MCP server that sends the text of the manifest instead of the id, as that of Apollo does', async () => {
    const { body = '' } = operations.find(({ name }) => name === 'ListDistricts') ?? {}
    const extensions = { clientLibrary: { name: 'mcp', version: '1.0.0' } }
    const send = async (query: string) => {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: gateway.authorization },
        body: JSON.stringify({ query, operationName: 'ListDistricts', variables: {}, extensions }),
      })
      return response.json()
    }
    expect(await send(body)).toMatchObject({ data: { districts: [{ id: DISTRICT }] } })
    expect(await send(`${body} `)).toMatchObject({
      errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
    })
  })

  it('have ids by which Apollo clients know them, and comments that describe them for MCP servers', async () => {
    for (const { name, body } of operations)
      expect(body, name).toMatch(/^# [A-Z][\s\S]{80,}\n(query|subscription) /)
  })
})
