import {
  type Arbitrary,
  anything,
  array,
  assert as check,
  constantFrom,
  dictionary,
  nat,
  oneof,
  property,
  record,
  string,
  tuple,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readParsedPage, readUserPage, type UserPage } from '../../src/clever/user-page.ts'
import { CleverUnavailable } from '../../src/model/clever-errors.ts'
import { parseDistrictId, type UserId } from '../../src/model/ids.ts'
import { OPTIONAL_STUDENT_FIELDS } from '../../src/model/optional-fields.ts'
import type { Row } from '../../src/model/ranges.ts'
import { unpacked } from '../support/user-page.ts'
import { userId } from '../sync/world.ts'

const RUNS = { numRuns: 3_000 }
const DISTRICT_ID = parseDistrictId('d'.repeat(24)) ?? expect.unreachable()

const questions = constantFrom(
  ...(['student', 'contact'] as const).flatMap((role) =>
    [[], OPTIONAL_STUDENT_FIELDS].map((kept) => ({
      role,
      districtId: DISTRICT_ID,
      keptFields: new Set(kept),
    })),
  ),
)

const id = nat({ max: 5 }).map(userId)
const text = oneof(
  { weight: 6, arbitrary: string({ maxLength: 12 }) },
  constantFrom(
    '',
    ' ',
    ' Parent',
    'Parent',
    'Family',
    'N/A',
    'Ángel',
    '\u00a0',
    '\ufeff',
    '李',
    '5551234567',
  ),
  constantFrom('x'.repeat(1_000), 'x'.repeat(1_001), 'é'.repeat(1_001), null, 15, 1.5, 1e21),
)
const time = constantFrom(
  ...['2024-02-29T01:02:03.4Z', '2023-02-29T01:02:03Z', '2023-02-29T01:02:03.000Z', '', null, 3],
  // As Clever writes a time, and beyond each of its limits.
  ...['2024-12-28T23:59:59.999Z', '2024-12-32T23:59:59.999Z', '2024-12-00T23:59:59.999Z'],
  ...['2024-13-28T23:59:59.999Z', '2024-00-28T23:59:59.999Z', '2024-12-28T24:59:59.999Z'],
  ...['2024-12-28T23:60:59.999Z', '2024-12-28T23:59:60.999Z', '2024-12-28T23:59:59.99aZ'],
)
/** A few values of another type than Clever documents. */
const orOdd = (arbitrary: Arbitrary<unknown>) =>
  oneof({ weight: 30, arbitrary }, { weight: 1, arbitrary: anything({ maxDepth: 2 }) })
const fields = (of: Parameters<typeof record>[0]) => record(of, { requiredKeys: [] })

const texts = (...names: readonly string[]) =>
  Object.fromEntries(names.map((field) => [field, orOdd(text)] as const))
const name = fields(texts('first', 'middle', 'last', 'suffix'))
const student = fields({
  ...texts('sis_id', 'legacy_id', 'student_number', 'state_id', 'grade', 'home_language', 'dob'),
  school: orOdd(id),
  schools: orOdd(array(orOdd(id), { maxLength: 3 })),
  preferred_name: orOdd(name),
  ext: dictionary(string({ maxLength: 5 }), anything({ maxDepth: 1 })),
})
const entry = fields({ student: id, ...texts('relationship', 'type', 'note') })
const contact = fields({
  ...texts('sis_id', 'legacy_id', 'phone', 'phone_type'),
  student_relationships: orOdd(array(orOdd(entry), { maxLength: 4 })),
})
const roles = oneof(
  { weight: 8, arbitrary: record({ contact: orOdd(contact) }) },
  { weight: 8, arbitrary: record({ student: orOdd(student) }) },
  fields({ student, contact, staff: anything(), teacher: anything({ maxDepth: 1 }) }),
)
const user = fields({
  id: orOdd(id),
  created: time,
  last_modified: time,
  email: orOdd(text),
  name: orOdd(name),
  roles: orOdd(roles),
  district: id,
})
const element = fields({ data: orOdd(user), uri: text })
/** Elements in the order of their ids, as Clever's are. */
const inOrder = array(element, { maxLength: 5 }).map((elements) =>
  elements.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)),
)
const placeOf = (each: object) => /"id":"(\w*)"/.exec(JSON.stringify(each))?.[1] ?? ''
const link = fields({ rel: constantFrom('next', 'self', 3), uri: text })
const page = record(
  {
    data: orOdd(oneof(array(element, { maxLength: 5 }), inOrder)),
    links: orOdd(array(link, { maxLength: 2 })),
  },
  { requiredKeys: ['data'] },
)

/** Texts that make JSON odd, or no JSON at all, where they are inserted. */
const fragments = constantFrom(
  ...', , " { } [ ] : \\ \\u0041 \\u004g \\n \\x null nul true falsee'.split(' '),
  ...'1 -0 - 01 1e5 1E+05 1e 1e+ 1. -.5 2.50'.split(' '),
  ...['\u0000', '\n', ' ', '\ufeff', '\u2028', 'é', '"data":[],', '"id":"0",', '"name":{},', '"roles":{},'],
  ...['"contact":{},', '"student":3,', '"\\u0069d":"1",', '{"data":{}},', '"phone":"","phone":"7",'],
)
const edits = array(tuple(nat(), nat({ max: 3 }), fragments), { maxLength: 2 })

function edited(json: string, changes: readonly (readonly [number, number, string])[]): string {
  return changes.reduce((before, [place, removed, added]) => {
    const at = place % (before.length + 1)
    return before.slice(0, at) + added + before.slice(at + removed)
  }, json)
}

function outcomeOf(read: () => UserPage) {
  try {
    return { page: unpacked(read()) }
  } catch (error) {
    return { error: error instanceof Error && error.constructor.name }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function ascends(rows: readonly Row[]): boolean {
  return rows.every(({ id }, i) => i === 0 || id > (rows[i - 1]?.id ?? ''))
}

/** The wanted rows, and the ids of the first and the last. */
function thinned(rows: readonly Row[], wanted: ReadonlySet<UserId>): readonly Row[] {
  return rows.flatMap(({ id, encoded }, i) => {
    if (wanted.has(id)) return [{ id, encoded }]
    return i === 0 || i === rows.length - 1 ? [{ id, encoded: null }] : []
  })
}

describe('a page of users', () => {
  it('is read without a JSON parser just as it is read with one, whatever is in it', () => {
    check(
      property(questions, page, constantFrom(undefined, 1), edits, (question, content, indent, changes) => {
        const body = new TextEncoder().encode(edited(JSON.stringify(content, undefined, indent), changes))
        const parsed = outcomeOf(() => readParsedPage(body.buffer, question))
        expect(outcomeOf(() => readUserPage(body.buffer, question))).toEqual(parsed)
      }),
      RUNS,
    )
  })

  it('that is read for some ids has their records, its first and its last id, and ascends or not as the whole page', () => {
    const wanted = new Set([userId(1), userId(3)])
    check(
      property(questions, page, constantFrom(undefined, 1), edits, (question, content, indent, changes) => {
        const json = edited(JSON.stringify(content, undefined, indent), changes)
        const body = new TextEncoder().encode(json).buffer
        const partial = outcomeOf(() => readUserPage(body, { ...question, wanted }))
        const whole = outcomeOf(() => readParsedPage(body, question))
        if ('page' in partial && !isJson(json)) return
        expect(partial).toEqual(outcomeOf(() => readParsedPage(body, { ...question, wanted })))
        if (!('page' in whole && 'page' in partial)) expect(partial).toEqual(whole)
        else {
          const { rows, leftOut, rowCount } = partial.page
          expect([rows.length + leftOut, rowCount]).toEqual([whole.page.rows.length, whole.page.rowCount])
          expect(ascends(rows)).toBe(ascends(whole.page.rows))
          if (ascends(rows)) expect(rows).toEqual(thinned(whole.page.rows, wanted))
        }
      }),
      RUNS,
    )
  })

  it.each([
    ['brackets that do not match', '"n":{"a":[1,2}', '"n":1]'],
    ['a stray quotation mark', '"n":"a" "', '"n":" "'],
  ])('is refused where %s would hide a wanted user between two others', (_what, first, last) => {
    const user = (n: number, members: string) => `{"data":{"id":"${userId(n)}",${members}}}`
    const text = `{"data":[${user(1, first)},${user(2, '"roles":{}')},${user(3, last)}],"links":[]}`
    const question = { role: 'contact', districtId: DISTRICT_ID, keptFields: new Set<never>() } as const
    const wanted = new Set([userId(2)])
    const body = new TextEncoder().encode(text).buffer
    expect(() => readUserPage(body, { ...question, wanted })).toThrow(CleverUnavailable)
  })

  const ID = '1'.repeat(24)
  const CONTACT = '"contact":{"phone":"1"}'
  const pageWith = (members: string) => `{"data":[{"data":{"id":"${ID}",${members}}}],"links":[]}`
  it.each([
    ['two names', pageWith(`"name":{"first":"A"},"name":{"last":"B"},"roles":{${CONTACT}}`)],
    ['two lists of roles', pageWith(`"roles":{${CONTACT}},"roles":{"contact":{"sis_id":"2"}}`)],
    ['two lists of roles, the second one empty', pageWith(`"roles":{${CONTACT}},"roles":{}`)],
    ['two equal roles', pageWith(`"roles":{${CONTACT},"contact":{"sis_id":"2"}}`)],
    ['two phones', pageWith('"roles":{"contact":{"phone":"1","phone":""}}')],
    ['two lists of schools', pageWith(`"roles":{"student":{"schools":["${ID}"],"schools":["${ID}"]}}`)],
    [
      'two lists of relationships',
      pageWith(
        `"roles":{"contact":{"student_relationships":[{"student":"${ID}"}],"student_relationships":[]}}`,
      ),
    ],
    ['two ids', pageWith(`"id":"${'2'.repeat(24)}","roles":{${CONTACT}}`)],
    ['two users in an element', `{"data":[{"data":{},"data":{"id":"${ID}","roles":{${CONTACT}}}}]}`],
    ['two lists', `${pageWith(`"roles":{${CONTACT}}`).slice(0, -1)},"data":[]}`],
    ['a key with an escape', pageWith(`"rol\\u0065s":{${CONTACT}}`)],
    ['a second id with an escape', pageWith(`"\\u0069d":"${'2'.repeat(24)}","roles":{${CONTACT}}`)],
    ['a second id after white space', pageWith(`"id" :"${'2'.repeat(24)}","roles":{${CONTACT}}`)],
    ['an id inside of another object', pageWith(`"roles":{${CONTACT}},"name":{"id":"${'2'.repeat(24)}"}`)],
    ['the text id', pageWith(`"email":"id","roles":{${CONTACT}},"sis_id":"id"`)],
    [
      'brackets and quotes in texts',
      pageWith(`"email":"}]{[","name":{"last":"\\"},{\\\\"},"roles":{${CONTACT}}`),
    ],
    ['deep nesting', pageWith(`"ext":${'['.repeat(5_000)}${']'.repeat(5_000)},"roles":{${CONTACT}}`)],
    [
      'a list of 10,001 relationships',
      pageWith(`"roles":{"contact":{"student_relationships":[${'{},'.repeat(10_000)}{}]}}`),
    ],
    ['invalid UTF-8', pageWith(`"email":"a\xff\xe2\x82","roles":{${CONTACT}}`)],
  ])('has the same records with and without a JSON parser where it has %s', (_what, text) => {
    const body = Uint8Array.from(Buffer.from(text, 'latin1')).buffer
    const role = text.includes('"student":{') ? 'student' : 'contact'
    const question = { role, districtId: DISTRICT_ID, keptFields: new Set<never>() } as const
    for (const wanted of [undefined, new Set([userId(1)]), new Set(['2'.repeat(24) as UserId])])
      expect(outcomeOf(() => readUserPage(body, { ...question, wanted }))).toEqual(
        outcomeOf(() => readParsedPage(body, { ...question, wanted })),
      )
  })
})
