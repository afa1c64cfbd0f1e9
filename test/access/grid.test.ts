import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { idBefore } from '../../src/store/coverage.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, startGateway, type TestGateway } from '../support/gateway.ts'
import { type Cast, castIn, type Level, NO_CONTACT, NO_STUDENT, principalsOf } from './grid-cast.ts'
import { CELLS, type Cell, expectedOf, type Seen } from './grid-cells.ts'

const RELATIONSHIPS = [
  'Parent',
  'Grandparent',
  'Self',
  'Aunt/Uncle',
  'Sibling',
  'Other',
  'parent',
  '',
  undefined,
] as const
/** Parent is a word for a relationship, which auto-sync is known to write here. */
const TYPES = [
  'Parent/Guardian',
  'Emergency',
  'Primary',
  'Secondary',
  'Family',
  'Other',
  'Parent',
  '',
  undefined,
] as const

const CALLED = ['EMERGENCY_CALL']
const SEES = ['VIEW_STUDENT', 'VIEW_RECORDS', 'RECEIVE_MESSAGES', 'EMERGENCY_CALL']
const EVERYTHING = [
  'VIEW_STUDENT',
  'VIEW_CONTACTS',
  'VIEW_RECORDS',
  'RECEIVE_MESSAGES',
  'PICK_UP',
  'GIVE_CONSENT',
  'EMERGENCY_CALL',
]

/** Written by hand: what the shipped policy is to give. What is not here gives nothing. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  'Parent as Parent/Guardian': EVERYTHING,
  'Parent as Primary': SEES,
  'Parent as Secondary': SEES,
  'Grandparent as Parent/Guardian': SEES,
  'Aunt/Uncle as Parent/Guardian': SEES,
  'Sibling as Parent/Guardian': SEES,
  'Other as Parent/Guardian': SEES,
  'Parent as Emergency': CALLED,
  'Grandparent as Emergency': CALLED,
  'Aunt/Uncle as Emergency': CALLED,
  'Sibling as Emergency': CALLED,
  'Other as Emergency': CALLED,
}

/** Where Clever knows neither word, one pair stands for all. */
const isOneTooMany = (relationship: string | undefined, type: string | undefined) =>
  RELATIONSHIPS.indexOf(relationship as never) > 6 && TYPES.indexOf(type as never) > 5

const ENTRIES = RELATIONSHIPS.flatMap((relationship) =>
  TYPES.filter((type) => !isOneTooMany(relationship, type)).map((type) => {
    const words = `${relationship ?? 'nothing'} as ${type ?? 'nothing'}`
    const given = GIVEN[`${relationship} as ${type}`] ?? []
    const level: Level = given === EVERYTHING ? 'FULL' : given === SEES ? 'STUDENT' : 'NONE'
    return { words: words.replace(/^ /, "'' ").replace(/ $/, " ''"), relationship, type, given, level }
  }),
)

let gateway: TestGateway
let clock: FakeClock
let cast: Cast
let cells = 0

/** What the gateway knows when it is asked: refusing must not depend on it. */
type Memory = 'NOTHING REMEMBERED' | 'ALL KNOWN'

async function begin(memory: Memory) {
  clock = createFakeClock()
  gateway = await startGateway({
    sandbox: { districts: 2, requestsPerMinute: 1_000_000 },
    // Time stands still within a test.
    clock,
    ages: memory === 'NOTHING REMEMBERED' ? { displayMs: 0, decisionMs: 0 } : {},
  })
  const people = castIn(gateway)
  const parent = { relationship: 'Parent', type: 'Parent/Guardian' }
  gateway.sandbox.districts[0]?.addRelationship(people.between, { ...parent, student: people.target })
  const { data } = await gateway.ask(`{ contact(id: "${people.mother}") { relationships { id } } }`)
  cast = { ...people, relationship: data.contact.relationships[0].id }
}

/** Each student and each contact as of now, and whatever is remembered of this principal. */
async function knowAll(claims: Claims) {
  gateway.forget()
  for (const { id } of gateway.sandbox.districts) {
    const list = `(first: 100, districtId: "${id}") { pageInfo { hasNextPage } }`
    const { data } = await gateway.ask(`{ students${list} contacts${list} }`)
    const whole = { pageInfo: { hasNextPage: false } }
    expect(data).toEqual({ students: whole, contacts: whole })
  }
  await gateway.ask('{ contactsViewer { students { studentId } } }', {}, claims)
}

const end = () => gateway[Symbol.asyncDispose]()
/** Each test has a minute's calls of its own. */
beforeEach(async () => {
  await clock.advance(120_000)
  gateway.sandbox.calls.reset()
})
afterAll(() => console.info(`the grid has ${cells} cells`))

/** Also as cursors spell it. */
const spellings = (id: string) => [id, Buffer.from(id, 'hex').toString('base64url')]

function tellsOf(text: string, all: readonly string[], any: readonly string[]): boolean | 'in part' {
  if (all.every((each) => text.includes(each))) return true
  return any.some((each) => text.includes(each)) ? 'in part' : false
}

/** What the data shows, by what is written in it and nothing else. */
function seenIn(data: unknown, of: 'target' | 'mother'): Seen | 'in part' {
  const text = JSON.stringify(data)
  if (of === 'target') {
    const [id = '', name = '', email = ''] = cast.ofTarget
    const told = tellsOf(text, [name], [...spellings(id), name, email])
    return told === true ? 'yes' : told === false ? 'no' : told
  }
  const { name, reach } = cast.ofMother
  if (tellsOf(text, [name, ...reach], []) === true) return 'yes'
  const told = tellsOf(text, [name], [...spellings(cast.mother), cast.relationship, name, ...reach])
  if (told === false) return 'no'
  return told === true && !reach.some((each) => text.includes(each)) ? 'by name' : 'in part'
}

async function askAs(claims: Claims, cell: Cell, ids: Cast) {
  const known = gateway.sandbox.calls.all().length
  const reply = await gateway.ask(cell.query(ids), {}, claims)
  const sent = gateway.sandbox.calls.all().slice(known)
  // Nothing is prepared in the background here: each call was made for this request, and it says so.
  expect(reply.extensions?.cost.calls).toBe(sent.length)
  return { ...reply, sent }
}

type Answer = Awaited<ReturnType<typeof askAs>>

/** All that can be seen from outside, except for the time and the calls that others have left of the minute. */
const asSeen = ({ status, data, errors, sent, extensions }: Answer) => ({
  status,
  data,
  errors,
  calls: sent.length,
  told: Object.keys(extensions ?? {}).toSorted(),
  cost: { ...extensions?.cost, callsLeft: typeof extensions?.cost.callsLeft },
  freshness: extensions?.freshness && Object.keys(extensions.freshness).toSorted(),
})

/** The range of a user begins just below the id. */
const namesIn = (ids: readonly string[]) => [
  ...ids,
  ...ids.filter((id) => /^[0-9a-f]{24}$/.test(id)).map(idBefore),
]

function expectNoCallFor(ids: readonly string[], { sent }: Answer, level: Level) {
  const about = sent.filter(({ path, query }) =>
    namesIn(ids).some((name) => `${path}?${query}`.toLowerCase().includes(name)),
  )
  const isAllowed = level === 'ELSEWHERE'
  expect(about.filter(({ districtId }) => !isAllowed || districtId === cast.district)).toEqual([])
}

/** One cell: what may be shown is shown; what may not is absent, is not asked for, and looks like an unknown id. */
async function checkCell(cell: Cell, claims: Claims, level: Level, isNobodyKnown = false) {
  cells += 1
  const answer = await askAs(claims, cell, cast)
  const expected = expectedOf(cell, level)
  const may = expectedOf({ ...cell, name: '' }, level)
  const what = { target: seenIn(answer.data, 'target'), mother: seenIn(answer.data, 'mother') }
  expect(answer.errors).toEqual([])

  switch (cell.of) {
    case 'target':
      expect(what.target).toBe(expected.target)
      break
    case 'mother':
      expect(what.mother).toBe(expected.mother)
      break
    case 'both':
      expect(what).toEqual({
        target: expected.target,
        mother: expected.target === 'no' ? 'no' : expected.mother,
      })
      break
    case 'pair': {
      const isTold = expected.pair === 'yes'
      if (answer.data.contactAccess)
        expect(answer.data.contactAccess.reason !== 'NO_RELATIONSHIP').toBe(isTold)
      else expect(what).toEqual({ target: isTold ? may.target : 'no', mother: isTold ? may.mother : 'no' })
      break
    }
  }
  if (may.target === 'no') expect(what.target).toBe('no')
  if (may.mother === 'no') expect(what.mother).toBe('no')
  if (may.target === 'no') expectNoCallFor([cast.target], answer, level)
  // A pair is refused because of the student before the contact is read, which may be visible otherwise.
  if (cell.of === 'pair' && expected.pair === 'no') expectNoCallFor([cast.mother], answer, level)
  // Everybody's lists are short here: the count is of what is shown, and of nothing that is not.
  const list = answer.data.students ?? answer.data.contacts
  if (list?.edges) expect(list.totalCount).toBe(list.edges.length)
  if (may.mother === 'no') expectNoCallFor([cast.mother, `${cast.target}/mycontacts`], answer, level)

  const isRefused = cell.of !== 'both' && cell.of !== 'district' && expected[cell.of] === 'no'
  const asNobody = cell.query({
    ...cast,
    mother: NO_CONTACT,
    relationship: `${NO_CONTACT}-${may.target === 'no' ? NO_STUDENT : cast.target}-${cast.relationship.slice(50)}`,
    target: may.target === 'no' ? NO_STUDENT : cast.target,
  })
  if (!isNobodyKnown && cell.names && isRefused && asNobody !== cell.query(cast)) {
    const nobody = await askAs(claims, { ...cell, query: () => asNobody }, cast)
    expect(asSeen(answer)).toEqual(asSeen(nobody))
  }
  return answer
}

/** One of each level, and of those who are called but see nothing. */
const SOME_ENTRIES = [
  ...['FULL', 'STUDENT', 'NONE'].map((level) => ENTRIES.find((entry) => entry.level === level)),
  ENTRIES.find(({ given, level }) => given.length === 0 && level === 'NONE'),
].filter((entry) => entry !== undefined)

describe.each<[Memory, typeof ENTRIES]>([
  ['NOTHING REMEMBERED', ENTRIES],
  ['ALL KNOWN', SOME_ENTRIES],
])('%s: a guardian, parent of another person, who is to the student', (memory, entries) => {
  /** The answers while the guardian has no relationship to the student: the same as for an unknown student. */
  const asNobody = new Map<string, Answer>()
  beforeAll(async () => {
    await begin(memory)
    const claims = guardian(cast.guardian)
    if (memory === 'ALL KNOWN') await knowAll(claims)
    for (const cell of CELLS) asNobody.set(cell.name, await checkCell(cell, claims, 'NONE'))
  })
  afterAll(end)

  it.each(entries)(
    '$words: is given $given, by every way in',
    async ({ relationship, type, given, level }) => {
      const claims = guardian(cast.guardian)
      const district = gateway.sandbox.districts[0] ?? expect.unreachable()
      district.addRelationship(cast.guardian, {
        student: cast.target,
        ...(relationship !== undefined && { relationship }),
        ...(type !== undefined && { type }),
      })
      try {
        if (memory === 'ALL KNOWN') await knowAll(claims)
        for (const cell of CELLS) {
          const answer = await checkCell(cell, claims, level, level === 'NONE')
          const base = asNobody.get(cell.name) ?? expect.unreachable()
          if (level === 'NONE') expect(asSeen(answer), cell.name).toEqual(asSeen(base))
        }
        const own = await gateway.ask(
          `{ contact(id: "${cast.guardian}") { relationships { studentId privileges } } }`,
        )
        expect(own.data.contact.relationships).toEqual([
          { studentId: cast.bystander, privileges: EVERYTHING },
          { studentId: cast.target, privileges: given },
        ])
      } finally {
        district.endRelationship(cast.guardian, cast.target)
      }
    },
  )
})

describe.each<Memory>(['NOTHING REMEMBERED', 'ALL KNOWN'])(
  '%s: of the principals that are no guardians,',
  (memory) => {
    beforeAll(() => begin(memory))
    afterAll(end)

    /** Who they are is known when the sandbox is there; how many, before. */
    const NAMES = [
      'a service with both scopes',
      'a service with both scopes as a list',
      'a service with students only',
      'a service with contacts only',
      'a service of another district',
      'the teacher',
      "somebody else's teacher",
      'the teacher, by a token of another district',
      'a school staff as a teacher',
      'a contact as a teacher',
      'staff of the school',
      'staff of another school',
      'the teacher as staff',
      'staff, by a token of another district',
      'the district admin',
      'the district admin, by a token of another district',
      'staff who is no district admin any more',
      'a district admin who has left',
      'the student in person',
      'another student',
      'a contact whose token names another district',
      'a guardian whose id is a student',
      'a guardian whose id is nobody',
    ]

    it('all are here', () => {
      expect(principalsOf(gateway, cast).map(({ who }) => who)).toEqual(NAMES)
    })

    it.each(NAMES)('%s sees what is due by every way in', async (name) => {
      const principal = principalsOf(gateway, cast).find(({ who }) => who === name) ?? expect.unreachable()
      if (memory === 'ALL KNOWN') await knowAll(principal.claims)
      for (const cell of CELLS) {
        const { sent } = await checkCell(cell, principal.claims, principal.level)
        if (memory === 'ALL KNOWN')
          expect(sent.filter(({ path }) => !path.includes('/districts/'))).toEqual([])
      }
    })

    it.each(NAMES)('%s learns of a district only where the token is for it', async (name) => {
      const principal = principalsOf(gateway, cast).find(({ who }) => who === name) ?? expect.unreachable()
      const cell = CELLS.find(({ of }) => of === 'district') ?? expect.unreachable()
      for (const district of [cast.district, cast.otherDistrict]) {
        const named = principal.claims.clever_district_ids
        // A guardian has to do with the districts of her contacts; these have none.
        const isGuardian = principal.claims.clever_kind === 'guardian'
        const isDue = !isGuardian && (named === '*' || (Array.isArray(named) && named.includes(district)))
        const { data, sent } = await askAs(principal.claims, cell, { ...cast, district })
        expect(data._entities[0]?.id).toBe(isDue ? district : undefined)
        expect(sent.filter(({ path }) => path.includes('/districts/')).length).toBe(isDue ? 1 : 0)
      }
    })
  },
)
