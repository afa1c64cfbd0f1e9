import { isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { schema } from '../../schema/schema.ts'
import { createOverrides, NO_OVERRIDES } from '../../src/access/overrides.ts'
import { CONTACT_FIELDS } from '../../src/access/redact.ts'
import type { SandboxDistrict } from '../../src/sandbox/roster/district.ts'
import { entriesOf, findFamily, PARENT, strangerTo } from '../scenarios/families.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, startGateway, type TestGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

/** Fields that say the same of a contact to each viewer who may see the contact. */
const OPEN_FIELDS = ['id', 'districtId', 'district']

const SELECTIONS: Readonly<Record<string, string>> = {
  district: '{ id }',
  name: '{ first middle last }',
  email: '{ raw address isValid }',
  phone: '{ raw e164 isValid }',
  identity: '{ basis isStable collisionRisk }',
  dataWarnings: '{ code field message }',
  relationships:
    '{ id studentId student { id relationships { id contactId } } relationship relationshipRaw type typeRaw privileges }',
}

const type = schema.getType('Contact')
const FIELDS = isObjectType(type) ? Object.keys(type.getFields()) : []

const QUERY = `query ($id: ID!) {
  contact(id: $id) { ${FIELDS.map((field) => `${field} ${SELECTIONS[field] ?? ''}`).join('\n')} }
  contacts(first: 100) { totalCount nodes { id relationships { id } } }
  students(first: 100) { totalCount nodes { id } }
  noted: contacts(first: 100, filter: { warnings: [RESTRICTION_NOTE, COLLISION_RISK, DUPLICATE_ENTRY] }) { totalCount }
  other: contacts(first: 100, filter: { relationships: OTHER }) { totalCount }
}`

type Change = (district: SandboxDistrict, contactId: string, hidden: string) => void

const UNSHARED = 'e'.repeat(24)

/** What two contacts may differ in that a partial viewer does not see. */
const HIDDEN: Readonly<Record<string, Change>> = {
  'one more student': (district, id, student) => district.addRelationship(id, { student, ...PARENT }),
  'a note in the entry of another student': (district, id, student) =>
    district.addRelationship(id, { student, relationship: 'NO CONTACT', type: 'Court order' }),
  'two equal entries of another student': (district, id, student) => {
    for (let n = 0; n < 2; n += 1) district.addRelationship(id, { student, relationship: 'Neigbour' })
  },
  'a student who is not shared': (district, id) =>
    district.addRelationship(id, { student: UNSHARED, ...PARENT }),
}

/** A student, the student's parent, and a relative without VIEW_CONTACTS: both may see this student alone. */
interface World {
  readonly of: SandboxDistrict
  readonly student: string
  readonly parent: string
  readonly relative: string
}

/** The contact that is looked at, and who looks. */
type Cast = readonly [contactId: string, claims: Claims]

const VIEWERS: Readonly<Record<string, (world: World) => Cast>> = {
  'a guardian with one of two students': ({ parent, relative }) => [relative, guardian(parent)],
  'a guardian who is the contact, and is denied a student': ({ parent }) => [parent, guardian(parent)],
  'a guardian without VIEW_CONTACTS': ({ parent, relative }) => [parent, guardian(relative)],
  'a teacher': ({ of, student, relative }) => [
    relative,
    person(of, 'teacher', of.roster.teachersOf(student)[0]?.id),
  ],
  'a student in person': ({ of, student, relative }) => [relative, person(of, 'student', student)],
  'school staff': ({ of, student, relative }) => {
    const school = of.roster.user(student)?.roles.student?.school ?? ''
    const staff = of.roster.users('staff').find(({ roles }) => roles.staff?.schools.includes(school))
    return [relative, person(of, 'school_staff', staff?.id)]
  },
  'a service with contacts:read alone': ({ relative }) => [
    relative,
    { clever_kind: 'service', sub: 'crm', scope: 'contacts:read', clever_district_ids: '*' },
  ],
}

function person(of: SandboxDistrict, kind: string, id: string | undefined): Claims {
  return { clever_kind: kind, clever_user_id: id ?? expect.unreachable(), clever_district_ids: [of.id] }
}

const worlds = new Map<string, World & { readonly gateway: TestGateway }>()

async function startWorld(change: Change) {
  const clock = createFakeClock()
  let overrides = NO_OVERRIDES
  const gateway = await startGateway({
    clock,
    sandbox: { students: 60, now: clock.now },
    overrides: () => overrides,
  })
  const of = gateway.sandbox.districts[0] ?? expect.unreachable()
  const { student, contact, other } = findFamily(of)
  of.editContact(other.id, {}, { student_relationships: [{ student, ...PARENT, type: 'Primary' }] })
  const hidden = strangerTo(of, student)
  // Orders keep the contacts in person from the student that is hidden.
  const orders = [contact, other].flatMap(({ id, name, email = 'x@example.org' }) =>
    [hidden, UNSHARED].map((each) => ({
      effect: 'DENY',
      student: each,
      privileges: 'ALL',
      reason: 'x',
      contact: { id, name: name.last, email },
    })),
  )
  overrides = createOverrides(overridesOf(...orders))
  await clock.advance(86_400_000)
  for (const { id } of [contact, other]) change(of, id, hidden)
  return { gateway, of, student, parent: contact.id, relative: other.id }
}

beforeAll(async () => {
  worlds.set('nothing', await startWorld(() => {}))
  for (const [what, change] of Object.entries(HIDDEN)) worlds.set(what, await startWorld(change))
})
afterAll(() => Promise.all([...worlds.values()].map(({ gateway }) => gateway[Symbol.asyncDispose]())))

it('every field of a contact is classified', () => {
  expect(FIELDS.toSorted()).toEqual([...OPEN_FIELDS, ...Object.keys(CONTACT_FIELDS)].toSorted())
})

describe.each(Object.entries(VIEWERS))('%s', (viewer, castOf) => {
  const answers = new Map<string, Awaited<ReturnType<TestGateway['ask']>>>()
  const answerOf = (what: string) => answers.get(what) ?? expect.unreachable()

  beforeAll(async () => {
    for (const [what, world] of worlds) {
      const [id, claims] = castOf(world)
      answers.set(what, await world.gateway.ask(QUERY, { id }, claims))
    }
  })

  it('sees the contact, unless it has no right to', () => {
    const { data, errors } = answerOf('nothing')
    expect(errors).toEqual([])
    if (viewer === 'a guardian without VIEW_CONTACTS') expect(data.contact).toBeNull()
    else expect(data.contact.relationships).toHaveLength(viewer.startsWith('a service') ? 0 : 1)
  })

  it.each(FIELDS)('Contact.%s is the same whatever is hidden', (field) => {
    const expected = answerOf('nothing').data.contact?.[field]
    for (const what of Object.keys(HIDDEN))
      expect([what, answerOf(what).data.contact?.[field]]).toEqual([what, expected])
  })

  it('lists, counts, finds and fails the same whatever is hidden', () => {
    const { data, errors } = answerOf('nothing')
    for (const what of Object.keys(HIDDEN)) {
      const answer = answerOf(what)
      expect([what, answer.errors, answer.data]).toEqual([what, errors, data])
    }
  })
})

it('what is hidden is there', () => {
  const entries = [...worlds.values()].map(({ of, relative }) => entriesOf(of.roster.user(relative)).length)
  expect(entries).toEqual([1, 2, 2, 3, 2])
})
