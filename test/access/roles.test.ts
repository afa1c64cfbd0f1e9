import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, startGateway, type TestGateway } from '../support/gateway.ts'

const clock = createFakeClock()
let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway({ clock })
})
afterAll(() => gateway[Symbol.asyncDispose]())
beforeEach(async () => {
  gateway.forget()
  // Facts of an earlier test are too old for a decision.
  await clock.advance(61_000)
})

const KINDS = ['teacher', 'school_staff', 'district_admin', 'student'] as const
type Kind = (typeof KINDS)[number]
type Role = 'contact' | 'teacher' | 'staff' | 'district_admin' | 'student'
/** The role in Clever that each kind of token needs. */
const ROLE_OF = {
  teacher: 'teacher',
  school_staff: 'staff',
  district_admin: 'district_admin',
  student: 'student',
}

const district = () => gateway.sandbox.districts[0] ?? expect.unreachable()
function personIn(role: Role): string {
  const { roster } = district()
  if (role === 'contact') return MIXED
  if (role === 'student') return CHILD
  const [teacher] = roster.teachersOf(CHILD)
  const one = role === 'teacher' ? teacher : roster.users(role)[0]
  return one?.id ?? expect.unreachable()
}
const claims = (kind: Kind, user: string): Claims => ({
  clever_kind: kind,
  clever_user_id: user,
  clever_district_ids: [district().id],
})

const EVERYTHING = `query ($id: ID!) {
  contactsViewer { students { student { id } privileges } }
  own: student(id: $id) { id relationships { contact { id } } }
  child: student(id: "${CHILD}") { id }
  contact(id: "${MIXED}") { id }
  contacts { nodes { id } totalCount }
  students { nodes { id } totalCount }
  contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: VIEW_STUDENT) { allowed }
}`
const NOTHING = {
  contactsViewer: { students: [] },
  own: null,
  child: null,
  contact: null,
  contacts: { nodes: [], totalCount: 0 },
  students: { nodes: [], totalCount: 0 },
  contactAccess: { allowed: false },
}

describe('the role of a token is checked against the record in Clever:', () => {
  const mismatches = KINDS.flatMap((kind) =>
    (['contact', 'teacher', 'staff', 'district_admin', 'student'] as const)
      .filter((role) => role !== ROLE_OF[kind])
      .map((role) => [kind, role] as const),
  )

  it.each(mismatches)('a %s token with the id of a %s has no rights', async (kind, role) => {
    const id = personIn(role)
    const { data, errors } = await gateway.ask(EVERYTHING, { id }, claims(kind, id))
    expect([data, errors]).toEqual([NOTHING, []])
    expect(gateway.audited.filter((line) => line.includes(id) && line.includes(kind))).toEqual([])
  })

  it.each(KINDS)('a %s token with an id that Clever does not know has no rights', async (kind) => {
    const id = '0'.repeat(24)
    const { data, errors } = await gateway.ask(EVERYTHING, { id }, claims(kind, id))
    expect([data, errors]).toEqual([NOTHING, []])
  })

  it.each(['teacher', 'staff', 'district_admin', 'student'] as const)(
    'a guardian token with the id of a %s has no rights',
    async (role) => {
      const id = personIn(role)
      const { data, errors } = await gateway.ask(EVERYTHING, { id }, guardian(id))
      expect([data, errors]).toEqual([NOTHING, []])
    },
  )

  it('a contact in any of these tokens has no rights where the store has its record and students', async () => {
    await gateway.ask('{ contacts(first: 100) { nodes { id } } students(first: 100) { nodes { id } } }')
    for (const kind of KINDS) {
      const { data, errors } = await gateway.ask(EVERYTHING, { id: MIXED }, claims(kind, MIXED))
      expect([data, errors]).toEqual([NOTHING, []])
    }
  })
})

describe('the check of a role costs', () => {
  const reads = (kind: Kind, role: Role) =>
    gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, claims(kind, personIn(role)))

  it('a teacher one call more, and none while the facts are young', async () => {
    const teacher = personIn('teacher')
    const { data, calls } = await reads('teacher', 'teacher')
    expect(data).toEqual({ student: { id: CHILD } })
    expect(calls.toSorted()).toEqual([`/users/${teacher}`, `/users/${teacher}/mystudents?limit=10000`])
    expect((await reads('teacher', 'teacher')).calls).toEqual([])
  })

  it('a student none: the record that shows the role is the one that is shown', async () => {
    const { data, calls } = await reads('student', 'student')
    expect([data, calls]).toEqual([{ student: { id: CHILD } }, [`/users/${CHILD}`]])
    expect((await reads('student', 'student')).calls).toEqual([])
  })
})
