import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardian, startGateway, type TestGateway } from '../support/gateway.ts'

const QUERY = `query ($id: ID!) {
  contact(id: $id) {
    displayName
    name { first last lastRaw }
    email { raw address isValid }
    phone { raw e164 national extension isValid type }
    identity { basis isStable collisionRisk }
    dataWarnings { code field message }
    relationships { studentId relationship relationshipRaw relationshipIsInferred type typeRaw typeIsInferred privileges }
  }
}`

const MIXED = '63850203bfb8460546071ef6'
const CHILD = '63850203bfb8460546071e6e'

describe('a contact whose data are dirty', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ ages: { displayMs: 0, decisionMs: 0 } })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  const district = () => gateway.sandbox.districts[0] ?? expect.unreachable()

  /** A contact of the sandbox who says this of a student of hers. */
  async function saying(relationship: string, type: string) {
    const id = district().contacts.find((each) => each !== MIXED) ?? expect.unreachable()
    const student = district().students.find((each) => each !== CHILD) ?? expect.unreachable()
    district().addRelationship(id, { student, relationship, type })
    const { data, errors } = await gateway.ask(QUERY, { id })
    expect(errors).toEqual([])
    return data.contact.relationships.findLast(
      (entry: { studentId: string; relationshipRaw: string }) =>
        entry.studentId === student && entry.relationshipRaw === relationship,
    )
  }

  it.each([
    ['Mother', 'Parent/Guardian', 'PARENT', true, 'PARENT_GUARDIAN', false],
    ['Grandmother', 'Parent/Guardian', 'GRANDPARENT', true, 'PARENT_GUARDIAN', false],
    ['Guardian', 'Emergency', 'OTHER', false, 'EMERGENCY', false],
    ['Parent', 'Emergency Contact', 'PARENT', false, 'EMERGENCY', true],
  ])('shows %s and %s as what they mean, and gives nothing for it', async (...said) => {
    const [relationship, type, shownRelationship, isInferred, shownType, isTypeInferred] = said
    expect(await saying(relationship, type)).toMatchObject({
      relationship: shownRelationship,
      relationshipIsInferred: isInferred,
      type: shownType,
      typeIsInferred: isTypeInferred,
      privileges: [],
    })
  })

  it('keeps what the district wrote beside what it means', async () => {
    const { data } = await gateway.ask(QUERY, { id: MIXED })
    const { name, email, phone } = data.contact
    expect(name).toEqual({ first: null, last: 'Aaron Collins', lastRaw: expect.stringContaining('Aaron') })
    expect(email).toMatchObject({ raw: expect.any(String), isValid: true })
    expect(phone.raw).toEqual(expect.any(String))
    expect(phone.e164).toMatch(/^\+1\d{10}$/)
  })

  it('says what its id rests on', async () => {
    const { data } = await gateway.ask(QUERY, { id: MIXED })
    expect(data.contact.identity).toEqual({ basis: 'NAME_EMAIL', isStable: false, collisionRisk: false })
  })

  it('is never more than dirty: all contacts of the district can be shown with all that is wrong with them', async () => {
    const { data, errors } = await gateway.ask(
      `{ contacts(first: 100) { nodes { dataWarnings { code field message } identity { basis } displayName
         email { address isValid } phone { e164 national extension isValid } } } }`,
    )
    expect(errors).toEqual([])
    const codes = new Set<string>(
      data.contacts.nodes.flatMap(({ dataWarnings }: { dataWarnings: { code: string }[] }) =>
        dataWarnings.map(({ code }) => code),
      ),
    )
    // What the sandbox has of dirt.
    for (const code of ['MISSING_EMAIL', 'MISSING_PHONE', 'INVALID_EMAIL', 'UNSTABLE_ID', 'UNKNOWN_STUDENT'])
      expect(codes).toContain(code)
  })

  it('warns a guardian of nothing about students whom the guardian may not see', async () => {
    const all = await gateway.ask(QUERY, { id: MIXED })
    const { data, errors } = await gateway.ask(QUERY, { id: MIXED }, guardian(MIXED))
    expect(errors).toEqual([])
    expect(data.contact.relationships).toHaveLength(1)
    expect(data.contact.dataWarnings.length).toBeLessThanOrEqual(all.data.contact.dataWarnings.length)
    const codes = data.contact.dataWarnings.map(({ code }: { code: string }) => code)
    expect(codes).not.toContain('UNKNOWN_STUDENT')
  })
})
