import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createOverrides } from '../../src/access/overrides.ts'
import { systemClock } from '../../src/clock.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { tokensOf } from '../../src/sandbox/sign-in.ts'
import { CHILD, DISTRICT, MIXED, NEPHEW, NIECE } from '../federation/documented-family.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

/** Stands in every name, address and number that Clever serves, and nowhere else. */
const MARKER = 'Zebulonmarker'
const MARKED = new Set([
  'first',
  'middle',
  'last',
  'email',
  'phone',
  'sis_id',
  'student_number',
  'state_id',
  'dob',
])

const FRAME = `{"data":{"name":\n    at ${MARKER} (/home/${MARKER})`

/** Waits for next to nothing, before a retry or in the background. */
const IMPATIENT = {
  ...systemClock,
  sleep: (milliseconds: number) =>
    new Promise<void>((resolve) => setTimeout(resolve, Math.min(milliseconds, 5))),
}

let gateway: TestGateway
let teacher: string
let tokens: readonly string[]
/** Of all answers of Clever that tell of people, for the queries below. */
let markedPaths: readonly string[]
const answers: string[] = []
const said: string[] = []

async function marked(path: string): Promise<Fault> {
  const [district] = gateway.sandbox.districts
  const response = await fetch(`${gateway.sandbox.url}/v3.1${path}`, {
    headers: { authorization: `Bearer ${district?.token}` },
  })
  const json: unknown = JSON.parse(await response.text(), (key, value) =>
    MARKED.has(key) && typeof value === 'string' && value !== '' ? `${MARKER} ${key} ${value}` : value,
  )
  const escaped = path.replace(/[?.]/g, '\\$&')
  return { path: new RegExp(`^/v3\\.1${escaped}$`, 'i'), body: JSON.stringify(json) }
}

beforeAll(async () => {
  const overrides = createOverrides(
    overridesOf({
      effect: 'DENY',
      student: NIECE,
      privileges: ['PICK_UP'],
      reason: MARKER,
      contact: { name: `${MARKER} last Aaron Collins`, email: 'x@example.org' },
    }),
  )
  gateway = await startGateway({ overrides: () => overrides, graphiql: 'on' })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  teacher = district.roster.teachersOf(CHILD)[0]?.id ?? ''
  const schools = new Set(district.students.map((id) => district.roster.user(id)?.roles.student?.school))
  markedPaths = [
    ...district.roster.users().map(({ id }) => `/users/${id}`),
    ...district.students.map((id) => `/users/${id}/mycontacts`),
    ...['student', 'contact'].flatMap((role) =>
      [4, 10_000].map((rows) => `/users?role=${role}&limit=${rows}`),
    ),
    ...[...schools].map((id) => `/schools/${id}/users?role=student&limit=10000`),
    `/users/${teacher}/mystudents?limit=10000`,
  ]
  for (const fault of await Promise.all(markedPaths.map(marked))) gateway.sandbox.faults.add(fault)
  gateway.sandbox.calls.reset()
  tokens = (await tokensOf(gateway.sandbox, gateway)).map(({ token }) => token)
})
afterAll(() => gateway[Symbol.asyncDispose]())

const STUDENT =
  'id displayName name { first last } email { raw } sisId studentNumber stateId relationships { privileges contact { displayName email { raw } phone { raw } sisId } }'
const ids = [CHILD, NIECE, NEPHEW]
const EVERYTHING = `{
  ${ids.map((id, index) => `s${index}: student(id: "${id}") { ${STUDENT} }`).join('\n')}
  contact(id: "${MIXED}") { displayName email { raw } phone { raw } relationships { student { ${STUDENT} } } }
  contactsViewer { kind students { studentId privileges student { ${STUDENT} } } contacts { email { raw } } }
  contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason }
  studentRelationships(contactId: "${MIXED}", studentId: "${NIECE}") { privileges student { displayName } }
  _entities(representations: [{ __typename: "Student", id: "${CHILD}" }, { __typename: "Contact", id: "${MIXED}" }]) {
    ... on Student { ${STUDENT} } ... on Contact { displayName email { raw } }
  }
}`
const LISTS = `{ students(first: 3) { nodes { displayName email { raw } } } contacts(first: 3) { nodes { displayName email { raw } phone { raw } } } }`

/** What goes wrong on the side of the caller. The marker is not in them: what one sends oneself is no secret. */
const WRONG_QUERIES = [
  '{ nonsense }',
  '{',
  '',
  '{ students(first: 3, last: 3) { totalCount } }',
  '{ students(first: 3, after: "nonsense") { totalCount } }',
  '{ _entities(representations: [{ __typename: "Nobody", id: "1" }]) { __typename } }',
  `{ student(id: "${CHILD}") { name } }`,
]

async function ask(query: string, token: string | undefined) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query }),
  })
  const text = await response.text()
  answers.push(text)
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  said.push(...headers, JSON.stringify(JSON.parse(text).errors ?? []))
  return text
}

/** All that the gateway has said but in answers to those who may hear it. */
async function leaks() {
  const metrics = await gateway.metrics.registry.metrics()
  return [...gateway.lines, ...gateway.audited, ...said, ...metrics.split('\n')].filter((text) =>
    [MARKER, 'eyJ', ...gateway.sandbox.districts.map(({ token }) => token)].some((secret) =>
      text.includes(secret),
    ),
  )
}

async function everybodyAsks(queries: readonly string[]) {
  for (const query of queries) {
    for (const token of [...tokens, await gateway.tokenFor(SERVICE), undefined, 'a.b.c'])
      await ask(query, token)
  }
}

describe('no person and no token stands in a log line, the audit, a metric, a header or an error', () => {
  it('when everybody asks for everything', async () => {
    await everybodyAsks([EVERYTHING, LISTS])
    // The marker is in answers to viewers who may see it, so the search can find it.
    expect(answers.filter((text) => text.includes(MARKER)).length).toBeGreaterThan(5)
    expect(gateway.audited.length).toBeGreaterThan(10)
    const asked = gateway.sandbox.calls
      .all()
      .map(({ path, query }) => path.replace('/v3.1', '') + (query && `?${query}`))
    const unmarked = asked.filter((path) => !markedPaths.includes(path))
    expect(unmarked.filter((path) => !/^\/users\?role=\w+&count=true$/.test(path))).toEqual([])
    expect(asked.length).toBeGreaterThan(markedPaths.length / 10)
    expect(await leaks()).toEqual([])
  })

  it('when lists are sorted, whose cursors hold what they are sorted by', async () => {
    const pages = 'edges { cursor } pageInfo { startCursor endCursor }'
    const query = `{ contacts(orderBy: NAME_ASC, first: 5) { ${pages} } students(orderBy: NAME_DESC, first: 5) { ${pages} } }`
    const found = await Promise.all(tokens.map((token) => ask(query, token)))
    const cursors = found.flatMap((text) =>
      [...text.matchAll(/[Cc]ursor":"([^"]+)"/g)].map(([, cursor]) => cursor ?? ''),
    )
    expect(cursors.length).toBeGreaterThan(20)
    said.push(...found, ...cursors.map((cursor) => Buffer.from(cursor, 'base64url').toString('latin1')))
    expect(await leaks()).toEqual([])
  })

  it('when queries are wrong', async () => {
    await everybodyAsks(WRONG_QUERIES)
    expect(await leaks()).toEqual([])
  })

  it.each<[string, Omit<Fault, 'path'>]>([
    ['an error', { status: 500, body: `${MARKER} has failed` }],
    ['a refusal', { status: 401, body: `{"error":"${MARKER}"}` }],
    ['an error with a header', { status: 503, headers: { 'x-person': MARKER }, body: MARKER }],
    ['a page of HTML', { status: 200, body: `<h1>${MARKER}</h1>` }],
    ['half of the JSON', { garble: true }],
    ['JSON that looks like a stack', { status: 200, body: FRAME }],
    [
      'a record of nobody',
      { status: 200, body: JSON.stringify({ data: { id: MARKER, name: { last: MARKER } } }) },
    ],
    [
      'somebody else',
      { status: 200, body: JSON.stringify({ data: { id: DISTRICT, name: { last: MARKER }, roles: {} } }) },
    ],
    [
      'words that Clever does not know',
      {
        status: 200,
        body: JSON.stringify({
          data: {
            id: MIXED,
            name: { last: MARKER },
            roles: {
              contact: {
                phone_type: MARKER,
                student_relationships: [{ student: CHILD, relationship: MARKER, type: MARKER }],
              },
            },
          },
        }),
      },
    ],
    [
      'links to elsewhere',
      { status: 200, body: JSON.stringify({ data: [], links: [{ rel: 'next', uri: `/${MARKER}` }] }) },
    ],
    ['a connection cut in the midst', { cut: 'mid-body' }],
  ])('when Clever answers with %s, in the background too', async (_what, fault) => {
    await using failing = await startGateway({ clock: IMPATIENT, warm: 'eager' })
    failing.sandbox.faults.add({ path: /\/(users|districts|events)/, ...fault })
    // What was read in the background before that.
    failing.forget()
    for (const as of [SERVICE, guardian(MIXED), teacherOf()]) {
      for (const query of [
        `{ contact(id: "${MIXED}") { id } }`,
        `{ student(id: "${CHILD}") { id } }`,
        '{ students(first: 3) { nodes { relationships { id } } } contacts(first: 3) { totalCount } }',
      ]) {
        const { errors, headers } = await failing.ask(query, {}, as)
        said.push(JSON.stringify(errors), ...[...headers].map(String))
      }
    }
    said.push(...failing.lines, ...failing.audited, await failing.metrics.registry.metrics())
    expect(await leaks()).toEqual([])
  })

  it('when the log gets a failure whose message looks like a stack', async () => {
    const error = new Error(`in the midst of\n    at ${MARKER} Collins`)
    await using failing = await startGateway({
      audit: { sink: { append: () => Promise.reject(error), close: async () => {} }, isRequired: true },
    })
    await failing.ask(`{ student(id: "${CHILD}") { id } }`)
    expect(failing.lines.filter((line) => line.includes(MARKER))).toEqual([])
  })
})

function teacherOf(): Claims {
  return { clever_kind: 'teacher', clever_user_id: teacher, clever_district_ids: [DISTRICT] }
}
