import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openAuditFile } from '../../src/access/audit.ts'
import { createOverrides } from '../../src/access/overrides.ts'
import { CHILD, MIXED, NEPHEW, NIECE, NOBODY } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

interface Line {
  readonly studentId: string
  readonly contactIds: readonly string[]
  readonly grounds: readonly { privilege: string; because: string }[]
}

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
  const lines = gateway.audited.slice(before).map((line) => JSON.parse(line))
  return {
    ...reply,
    lines,
    of: (id: string): Line | undefined => lines.find((line) => line.studentId === id),
  }
}

const students = (lines: readonly Line[]) => lines.map(({ studentId }) => studentId)
const ground = (privilege: string, because: string) => ({ privilege, because })

describe('the audit of a request', () => {
  it('is one line for each student told of: when, which request, who, which contacts, by which right and why', async () => {
    const { lines, headers } = await auditOf(
      `{ a: student(id: "${CHILD}") { displayName relationships { contact { email { raw } } } } b: student(id: "${CHILD}") { id } }`,
      guardian(MIXED),
    )
    expect(lines).toEqual([
      {
        audit: 'disclosure',
        time: '2026-11-22T12:00:00.000Z',
        requestId: headers.get('x-request-id'),
        principal: `guardian:${MIXED}`,
        studentId: CHILD,
        contactIds: expect.arrayContaining([MIXED, mother]),
        grounds: [ground('VIEW_STUDENT', 'RELATIONSHIP'), ground('VIEW_CONTACTS', 'RELATIONSHIP')],
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
    expect(first.lines.length).toBeGreaterThan(1)
    expect([first, again].map(({ calls }) => calls.length > 0)).toEqual([true, false])
    // In whichever order it was found.
    const told = (lines: readonly Line[]) =>
      lines
        .map(({ studentId, contactIds, grounds }) => ({
          studentId,
          contactIds: contactIds.toSorted(),
          grounds: grounds.toSorted((a, b) => a.privilege.localeCompare(b.privilege)),
        }))
        .sort((a, b) => a.studentId.localeCompare(b.studentId))
    expect(told(again.lines)).toEqual(told(first.lines))
  })

  it('names whoever asked, and why, for each kind', async () => {
    const query = `{ student(id: "${CHILD}") { id } }`
    const ask = async (as: Claims) => {
      before = gateway.audited.length
      const { lines } = await auditOf(query, as)
      return lines.map(({ principal, grounds }) => [principal, grounds])
    }
    const district = teacher.clever_district_ids
    const self = { clever_kind: 'student', clever_user_id: CHILD, clever_district_ids: district }
    expect(await ask(SERVICE)).toEqual([['service:test-service', [ground('VIEW_STUDENT', 'SCOPE')]]])
    expect(await ask(teacher)).toEqual([
      [`teacher:${teacher.clever_user_id}`, [ground('VIEW_STUDENT', 'ROLE')]],
    ])
    expect(await ask(self)).toEqual([[`student:${CHILD}`, [ground('VIEW_STUDENT', 'ROLE')]]])
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
    expect(granted.audited.map((line) => JSON.parse(line).grounds)).toEqual([
      [ground('VIEW_STUDENT', 'OVERRIDE_GRANTS')],
    ])
  })

  it.each<[string, string]>([
    ['students', '{ students(first: 3) { nodes { id } } }'],
    ['students from their end, by cursors alone', '{ students(last: 3) { edges { cursor } } }'],
  ])('has each student of a list: %s', async (_what, query) => {
    const { lines, data } = await auditOf(query)
    const told = data.students.nodes ?? data.students.edges
    expect(lines).toHaveLength(told.length)
    expect(students(lines)).toEqual(students(lines).toSorted())
  })

  it('has the student of an entity, and nobody of a district', async () => {
    const { lines } = await auditOf(
      `{ _entities(representations: [{ __typename: "Student", id: "${CHILD}" }, { __typename: "Student", id: "${NOBODY}" }, { __typename: "District", id: "${gateway.sandbox.districts[0]?.id}" }]) { __typename } }`,
    )
    expect(students(lines)).toEqual([CHILD])
  })

  it('has the contact and her students of an entity', async () => {
    const { lines } = await auditOf(
      `{ _entities(representations: [{ __typename: "Contact", id: "${mother}" }]) { ... on Contact { email { raw } } } }`,
    )
    expect(lines).toMatchObject([
      {
        studentId: CHILD,
        contactIds: [mother],
        grounds: [ground('VIEW_CONTACTS', 'SCOPE')],
      },
    ])
  })

  it('has every student of the contacts on a page, with these contacts', async () => {
    const { lines, data } = await auditOf(
      '{ contacts(first: 100) { nodes { id relationships { studentId } } } }',
    )
    const nodes: { id: string; relationships: { studentId: string }[] }[] = data.contacts.nodes
    const pairs = nodes.flatMap(({ id, relationships }) =>
      relationships.map(({ studentId }) => `${studentId} ${id}`),
    )
    const audited = (lines as Line[]).flatMap(({ studentId, contactIds }) =>
      contactIds.map((id) => `${studentId} ${id}`),
    )
    expect(new Set(audited)).toEqual(new Set(pairs))
    expect(new Set(students(lines)).size).toBe(lines.length)
  })

  it("has the viewer's own students, of whom the ids and the privileges are told", async () => {
    const { lines, data } = await auditOf('{ viewer { students { studentId privileges } } }', teacher)
    expect(new Set(students(lines))).toEqual(new Set(students(data.viewer.students)))
  })

  it.each([
    [
      'studentRelationships',
      `{ studentRelationships(contactId: "${MIXED}", studentId: "${CHILD}") { typeRaw } }`,
    ],
    ['access', `{ access(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed } }`],
  ])(
    'has the one student of the pair that was asked for, and not the others of the contact: %s',
    async (_what, query) => {
      const { lines } = await auditOf(query)
      expect(students(lines)).toEqual([CHILD])
    },
  )

  it('has nothing of what was refused, or does not exist', async () => {
    const query = (student: string, contact: string) =>
      `{ a: student(id: "${student}") { id } b: contact(id: "${contact}") { id } c: studentRelationships(contactId: "${contact}", studentId: "${student}") { id }
         d: access(contactId: "${contact}", studentId: "${student}", privilege: PICK_UP) { allowed }
         e: _entities(representations: [{ __typename: "Student", id: "${student}" }, { __typename: "Contact", id: "${contact}" }]) { __typename } }`
    expect((await auditOf(query(NIECE, '0'.repeat(24)), guardian(MIXED))).lines).toEqual([])
    expect((await auditOf(query(NOBODY, NOBODY))).lines).toEqual([])
    expect((await auditOf(query(NEPHEW, mother), { ...SERVICE, scope: 'students:write' })).lines).toEqual([])
  })

  it('has nothing of the students of a contact whom the viewer may not see', async () => {
    const { lines } = await auditOf(
      `{ contact(id: "${MIXED}") { displayName relationships { studentId } } }`,
      guardian(MIXED),
    )
    expect(students(lines)).toEqual([CHILD])
  })

  it('has nothing where nothing of a student was asked', async () => {
    expect((await auditOf('{ viewer { kind } districts { id } _service { sdl } }')).lines).toEqual([])
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
    const keys = new Set(gateway.audited.flatMap((line) => Object.keys(JSON.parse(line))))
    expect([...keys].sort()).toEqual(
      ['audit', 'contactIds', 'grounds', 'principal', 'requestId', 'studentId', 'time'].sort(),
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

  it('what tells of no student is answered all the same', async () => {
    await using failing = await startGateway({ audit: { sink: broken, isRequired: true } })
    expect((await failing.ask('{ viewer { kind } }')).data).toEqual({ viewer: { kind: 'SERVICE' } })
    expect((await failing.ask(CHILD_BY_ID, {}, { ...SERVICE, scope: 'contacts:read' })).data).toEqual({
      student: null,
    })
  })

  it('there is an answer where it is not required, and a line in the log', async () => {
    await using failing = await startGateway({ audit: { sink: broken, isRequired: false } })
    expect((await failing.ask(CHILD_BY_ID)).data.student).toMatchObject({ id: CHILD })
    expect(failing.lines.some((line) => JSON.parse(line).level === 'error')).toBe(true)
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

describe('an audit file', () => {
  it('is appended to by whole lines, and is for its owner alone', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'audit-'))
    const path = join(folder, 'audit.jsonl')
    for (const line of ['one\n', 'two\n']) {
      const sink = await openAuditFile(path)
      await Promise.all(Array.from({ length: 20 }, () => sink.append(line)))
      await sink.close()
    }
    expect(await readFile(path, 'utf8')).toBe('one\n'.repeat(20) + 'two\n'.repeat(20))
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await expect(openAuditFile(join(folder, 'no', 'such'))).rejects.toThrow()
    await rm(folder, { recursive: true })
  })
})
