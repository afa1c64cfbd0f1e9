import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createOverrides } from '../../src/access/overrides.ts'
import { overridesOf } from '../access/people.ts'
import { CHILD, MIXED, NEPHEW, NIECE, NOBODY } from '../federation/documented-family.ts'
import { type Disclosed, disclosedIn } from '../support/audited.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
let mother: string
let teacher: Claims
beforeAll(async () => {
  gateway = await startGateway({ clock: createFakeClock() })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  mother = district.roster.contactsOf(CHILD).find(({ id }) => id !== MIXED)?.id ?? ''
  teacher = {
    clever_kind: 'teacher',
    clever_user_id: district.roster.teachersOf(CHILD)[0]?.id,
    clever_district_ids: [district.id],
  }
})
afterAll(() => gateway[Symbol.asyncDispose]())

let before = 0
beforeEach(() => {
  before = gateway.audited.length
})

async function auditOf(query: string, as: Claims = SERVICE) {
  const reply = await gateway.ask(query, {}, as)
  const lines = gateway.audited.slice(before)
  return { ...reply, lines, disclosed: disclosedIn(lines) }
}

const students = (disclosed: readonly Disclosed[]) => [
  ...new Set(disclosed.map(({ studentId }) => studentId)),
]
const reasons = (disclosed: readonly Disclosed[]) =>
  disclosed.map(({ privilege, reason }) => `${privilege} ${reason}`)

describe('the audit of a request', () => {
  it('is one line: time, request and principal once, students and contacts by privilege and reason', async () => {
    const { lines, headers } = await auditOf(
      `{ a: student(id: "${CHILD}") { displayName relationships { contact { email { raw } } } } b: student(id: "${CHILD}") { id } }`,
      guardian(MIXED),
    )
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        audit: 'disclosure',
        time: '2026-11-22T12:00:00.000Z',
        requestId: headers.get('x-request-id'),
        principal: `guardian:${MIXED}`,
        disclosed: expect.arrayContaining([
          { privilege: 'VIEW_STUDENT', reason: 'RELATIONSHIP', students: { [CHILD]: [MIXED] } },
          { privilege: 'VIEW_CONTACTS', reason: 'RELATIONSHIP', students: { [CHILD]: [mother] } },
        ]),
      },
    ])
  })

  it('is the same for what Clever has just said and for what is remembered', async () => {
    gateway.forget()
    const query = `{ student(id: "${NIECE}") { displayName relationships { contact { email { raw } } } }
      contacts(first: 5) { nodes { relationships { student { displayName } } } } }`
    const first = await auditOf(query)
    before = gateway.audited.length
    const again = await auditOf(query)
    expect(first.lines).toHaveLength(1)
    expect([first, again].map(({ calls }) => calls.length > 0)).toEqual([true, false])
    // In whichever order it was found.
    const told = (disclosed: readonly Disclosed[]) =>
      disclosed
        .map(({ studentId, contactIds, privilege, reason }) =>
          [studentId, privilege, reason, ...contactIds.toSorted()].join(' '),
        )
        .sort()
    expect(told(again.disclosed)).toEqual(told(first.disclosed))
  })

  it('names the principal and the reason, for each kind', async () => {
    const query = `{ student(id: "${CHILD}") { id } }`
    const ask = async (as: Claims) => {
      before = gateway.audited.length
      const { disclosed } = await auditOf(query, as)
      return disclosed.map(({ principal, privilege, reason }) => [principal, `${privilege} ${reason}`])
    }
    const district = teacher.clever_district_ids
    const self = { clever_kind: 'student', clever_user_id: CHILD, clever_district_ids: district }
    expect(await ask(SERVICE)).toEqual([['service:test-service', 'VIEW_STUDENT SCOPE']])
    expect(await ask(teacher)).toEqual([[`teacher:${teacher.clever_user_id}`, 'VIEW_STUDENT ROLE']])
    expect(await ask(self)).toEqual([[`student:${CHILD}`, 'VIEW_STUDENT ROLE']])
  })

  it('says when it was an override that opened the door', async () => {
    const overrides = createOverrides(
      overridesOf({
        effect: 'GRANT',
        student: NIECE,
        privileges: ['VIEW_STUDENT'],
        reason: 'x',
        contact: { id: MIXED },
      }),
    )
    await using granted = await startGateway({ overrides: () => overrides })
    await granted.ask(`{ student(id: "${NIECE}") { id } }`, {}, guardian(MIXED))
    expect(reasons(disclosedIn(granted.audited))).toEqual(['VIEW_STUDENT OVERRIDE_GRANTS'])
  })

  it.each<[string, string]>([
    ['students', '{ students(first: 3) { nodes { id } } }'],
    ['students from their end, by cursors alone', '{ students(last: 3) { edges { cursor } } }'],
  ])('has each student of a list: %s', async (_what, query) => {
    const { disclosed, lines, data } = await auditOf(query)
    const told = data.students.nodes ?? data.students.edges
    expect(lines).toHaveLength(1)
    expect(students(disclosed)).toHaveLength(told.length)
    expect(students(disclosed)).toEqual(students(disclosed).toSorted())
  })

  it('has the student of an entity, and no one of a district', async () => {
    const { disclosed } = await auditOf(
      `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }, { __typename: "Student", id: "${NOBODY}" }, { __typename: "District", id: "${gateway.sandbox.districts[0]?.id}" }]) { __typename } }`,
    )
    expect(students(disclosed)).toEqual([CHILD])
  })

  it('has the contact and her students of an entity', async () => {
    const { disclosed } = await auditOf(
      `{ _entities(representations: [{ __typename: "Contact", id: "${mother}" }]) { ... on Contact { email { raw } } } }`,
    )
    expect(disclosed).toMatchObject([
      { studentId: CHILD, contactIds: [mother], privilege: 'VIEW_CONTACTS', reason: 'SCOPE' },
    ])
  })

  it('has every student of the contacts on a page, with these contacts', async () => {
    const { disclosed, lines, data } = await auditOf(
      '{ contacts(first: 100) { nodes { id relationships { studentId } } } }',
    )
    const nodes: { id: string; relationships: { studentId: string }[] }[] = data.contacts.nodes
    const pairs = nodes.flatMap(({ id, relationships }) =>
      relationships.map(({ studentId }) => `${studentId} ${id}`),
    )
    const audited = disclosed.flatMap(({ studentId, contactIds }) =>
      contactIds.map((id) => `${studentId} ${id}`),
    )
    expect(new Set(audited)).toEqual(new Set(pairs))
    expect(lines).toHaveLength(1)
    expect(disclosed).toHaveLength(students(disclosed).length)
  })

  it("has the viewer's own students, of whom the ids and the privileges are told", async () => {
    const { disclosed, data } = await auditOf(
      '{ contactsViewer { students { studentId privileges } } }',
      teacher,
    )
    expect(new Set(students(disclosed))).toEqual(new Set(students(data.contactsViewer.students)))
  })

  it.each([
    [
      'studentRelationships',
      `{ studentRelationships(contactId: "${MIXED}", studentId: "${CHILD}") { typeRaw } }`,
    ],
    [
      'access',
      `{ contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed } }`,
    ],
  ])(
    'has the one student of the pair that was asked for, and not the others of the contact: %s',
    async (_what, query) => {
      const { disclosed } = await auditOf(query)
      expect(students(disclosed)).toEqual([CHILD])
    },
  )

  it.each<[string, string, Claims, string]>([
    ['of a search', '{ contacts(filter: { search: "Lonesome" }) { totalCount } }', SERVICE, 'SCOPE'],
    ['by id', `{ contact(id: "${MIXED}") { displayName } }`, SERVICE, 'SCOPE'],
    ['that is the own record', `{ contact(id: "${MIXED}") { displayName } }`, guardian(MIXED), 'OWN_RECORD'],
  ])('names a contact without a student %s', async (_what, query, as, reason) => {
    await using lonely = await startGateway()
    lonely.sandbox.districts[0]?.editContact(
      MIXED,
      { name: { last: 'Lonesome' } },
      { student_relationships: [] },
    )
    await lonely.ask(query, {}, as)
    expect(lonely.audited.map((line) => JSON.parse(line).disclosed)).toEqual([
      [{ privilege: 'VIEW_CONTACTS', reason, students: {}, contacts: [MIXED] }],
    ])
  })

  it.each([
    ['a pair', `{ studentRelationships(contactId: "${MIXED}", studentId: "${CHILD}") { SELECTION } }`],
    ['a student', `{ student(id: "${CHILD}") { relationships { SELECTION } } }`],
  ])('has the other students of a contact that was reached through %s', async (_what, query) => {
    const { disclosed } = await auditOf(
      query.replace('SELECTION', 'contact { id relationships { studentId } }'),
    )
    const pairs = disclosed.filter(({ contactIds }) => contactIds.includes(MIXED))
    expect(students(pairs).toSorted()).toEqual([CHILD, NIECE, NEPHEW].toSorted())
  })

  it('has nothing of what was refused, or does not exist', async () => {
    const query = (student: string, contact: string) =>
      `{ a: student(id: "${student}") { id } b: contact(id: "${contact}") { id } c: studentRelationships(contactId: "${contact}", studentId: "${student}") { id }
         d: contactAccess(contactId: "${contact}", studentId: "${student}", privilege: PICK_UP) { allowed }
         e: _entities(representations: [{ __typename: "Student", id: "${student}" }, { __typename: "Contact", id: "${contact}" }]) { __typename } }`
    expect((await auditOf(query(NIECE, '0'.repeat(24)), guardian(MIXED))).lines).toEqual([])
    expect((await auditOf(query(NOBODY, NOBODY))).lines).toEqual([])
    expect((await auditOf(query(NEPHEW, mother), { ...SERVICE, scope: 'students:write' })).lines).toEqual([])
  })

  it('has nothing of the students of a contact whom the viewer may not see', async () => {
    const { disclosed } = await auditOf(
      `{ contact(id: "${MIXED}") { displayName relationships { studentId } } }`,
      guardian(MIXED),
    )
    expect(students(disclosed)).toEqual([CHILD])
  })

  it('has nothing where nothing of a student was asked', async () => {
    expect((await auditOf('{ contactsViewer { kind } districts { id } _service { sdl } }')).lines).toEqual([])
    expect((await auditOf('{ nonsense }')).lines).toEqual([])
  })

  it('has no name, no address and no number in it', async () => {
    await auditOf(
      '{ contacts(first: 100) { nodes { displayName email { raw } phone { raw } relationships { student { displayName email { raw } } } } } }',
    )
    const people = gateway.sandbox.districts[0]?.roster.users() ?? []
    const text = gateway.audited.join('\n')
    for (const { name, email, roles } of people) {
      for (const each of [name.first, name.last, email, roles.contact?.phone, roles.contact?.sis_id])
        if (each !== undefined && each.trim().length > 2) expect(text).not.toContain(each)
    }
    const keys = gateway.audited.flatMap((line) => {
      const { disclosed, ...rest } = JSON.parse(line)
      return [...Object.keys(rest), ...disclosed.flatMap(Object.keys)]
    })
    expect([...new Set(keys)].sort()).toEqual(
      ['audit', 'principal', 'privilege', 'reason', 'requestId', 'students', 'time'].sort(),
    )
  })
})

describe('when the audit cannot be written', () => {
  const broken = {
    append: () => Promise.reject(new Error('the disk of Zebulon Marker is full')),
    close: async () => {},
  }
  const CHILD_BY_ID = `{ student(id: "${CHILD}") { id displayName } }`

  it('there is no answer where it is required: data null and AUDIT_UNAVAILABLE', async () => {
    await using failing = await startGateway({ audit: { sink: broken, isRequired: true } })
    const { data, errors } = await failing.ask(CHILD_BY_ID)
    expect(data).toBeNull()
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'AUDIT_UNAVAILABLE' }])
    expect(JSON.stringify(errors) + failing.lines.join()).not.toContain('Zebulon')
    expect(failing.lines.some((line) => JSON.parse(line).level === 'error')).toBe(true)
  })

  it('an answer without a student is sent all the same', async () => {
    await using failing = await startGateway({ audit: { sink: broken, isRequired: true } })
    expect((await failing.ask('{ contactsViewer { kind } }')).data).toEqual({
      contactsViewer: { kind: 'SERVICE' },
    })
    expect((await failing.ask(CHILD_BY_ID, {}, { ...SERVICE, scope: 'contacts:read' })).data).toEqual({
      student: null,
    })
  })

  it('there is an answer where it is not required, with a line in the log and a count', async () => {
    await using failing = await startGateway({ audit: { sink: broken, isRequired: false } })
    expect((await failing.ask(CHILD_BY_ID)).data.student).toMatchObject({ id: CHILD })
    expect(failing.lines.some((line) => JSON.parse(line).level === 'error')).toBe(true)
    expect(await failing.metrics.registry.metrics()).toContain('audit_lines_total{outcome="failed"} 1')
  })

  it.each([
    ['withheld where the audit is required', true, ['AUDIT_UNAVAILABLE']],
    ['sent where it is not', false, []],
  ])(
    'O5: while the audit hangs, the answer is, within the time of its request, %s',
    async (_what, isRequired, codes) => {
      const hanging = { append: () => new Promise<never>(() => {}), close: async () => {} }
      await using gateway = await startGateway({ audit: { sink: hanging, isRequired }, requestTimeout: 300 })
      const startedAt = performance.now()
      const { errors } = await gateway.ask(CHILD_BY_ID)
      expect(performance.now() - startedAt).toBeLessThan(1_500)
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(codes)
      expect(gateway.lines.map((line) => JSON.parse(line))).toContainEqual(
        expect.objectContaining({ level: 'error', reason: 'TIMEOUT' }),
      )
    },
  )

  it('O5: requests that wait for the audit are answered when the process is about to end', async () => {
    const waiting = Promise.withResolvers<void>()
    const hanging = {
      append() {
        waiting.resolve()
        return new Promise<never>(() => {})
      },
      close: async () => {},
    }
    const ending = new AbortController()
    await using gateway = await startGateway({
      audit: { sink: hanging, isRequired: true },
      requestTimeout: 60_000,
      ending: ending.signal,
    })
    const answer = gateway.ask(CHILD_BY_ID)
    await waiting.promise
    ending.abort(new DOMException('shutting down', 'TimeoutError'))
    expect((await answer).errors.map(({ extensions }) => extensions.code)).toEqual(['AUDIT_UNAVAILABLE'])
  })

  it('the answer waits for the audit', async () => {
    const order: string[] = []
    const slow = {
      async append() {
        await new Promise((resolve) => setTimeout(resolve, 50))
        order.push('audited')
      },
      close: async () => {},
    }
    await using waiting = await startGateway({ audit: { sink: slow, isRequired: true } })
    await waiting.ask(CHILD_BY_ID)
    order.push('answered')
    expect(order).toEqual(['audited', 'answered'])
  })
})
