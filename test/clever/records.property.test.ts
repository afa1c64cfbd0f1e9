import {
  anything,
  array,
  assert as check,
  constant,
  dictionary,
  oneof,
  property,
  record,
  string,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { isIsoTime } from '../../src/clever/iso-time.ts'
import { parseUser } from '../../src/clever/records.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import { PHONE_TYPES, parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'
import { unicodeText } from '../support/unicode-text.ts'

const DISTRICT = parseDistrictId('d'.repeat(24)) ?? expect.unreachable()
const RUNS = { numRuns: 2_000 }

/** The shape of a user, said once more as a schema. Values within the limits of size alone. */
const absent = undefined
const id = z.string().regex(/^[0-9a-f]{24}$/)
const blankAsAbsent = (text: string) => (/\S/.test(text) ? text.toWellFormed() : absent)
const digits = z
  .number()
  .transform((number) => (Number.isSafeInteger(number) ? String(number) : decimal(number)))
const decimal = (number: number) => {
  const text = String(number)
  return !Number.isInteger(number) && /^-?\d+\.\d+$/.test(text) && text.length <= 16 ? text : absent
}
const text = z
  .union([z.string().transform(blankAsAbsent), digits])
  .optional()
  .catch(absent)
const time = z.iso.datetime({ offset: true }).optional().catch(absent)
const ids = z
  .array(id.optional().catch(absent))
  .catch([])
  .transform((list) => list.filter((each) => each !== absent))
const name = z
  .object({ first: text, middle: text, last: text })
  .catch({ first: absent, middle: absent, last: absent })
const entry = z
  .object({ student: id, relationship: text, type: text })
  .transform(({ student, relationship, type }) => ({
    studentId: student,
    relationship: parseEnumValue(RELATIONSHIPS, relationship),
    type: parseEnumValue(RELATIONSHIP_TYPES, type),
  }))
const entries = z
  .array(entry.optional().catch(absent))
  .catch([])
  .transform((list) => list.filter((each) => each !== absent))
const contact = z
  .object({ sis_id: text, legacy_id: text, phone: text, phone_type: text, student_relationships: entries })
  .transform(
    ({
      sis_id: sisId,
      legacy_id: legacyId,
      phone,
      phone_type: type,
      student_relationships: relationships,
    }) => ({
      sisId,
      legacyId,
      phone,
      phoneType: parseEnumValue(PHONE_TYPES, type),
      relationships,
    }),
  )
  .optional()
  .catch(absent)
const student = z
  .object({
    sis_id: text,
    legacy_id: text,
    student_number: text,
    state_id: text,
    grade: text,
    school: id.optional().catch(absent),
    schools: ids,
  })
  .transform(({ sis_id: sisId, legacy_id: legacyId, student_number, state_id, grade, school, schools }) => ({
    sisId,
    legacyId,
    studentNumber: student_number,
    stateId: state_id,
    grade,
    schoolId: school,
    schoolIds: schools,
  }))
  .optional()
  .catch(absent)
const user = z
  .object({
    id,
    name,
    email: text,
    created: time,
    last_modified: time,
    roles: z.object({ student, contact }),
  })
  .transform(({ roles, created, last_modified: lastModifiedAt, ...rest }) => {
    const person = { ...rest, districtId: DISTRICT, createdAt: created, lastModifiedAt }
    return {
      id: rest.id,
      name: rest.name,
      student: roles.student && { ...person, ...roles.student },
      contact: roles.contact && { ...person, ...roles.contact },
    }
  })
  .optional()
  .catch(absent)

const anyId = oneof(constant('a'.repeat(24)), constant('A'.repeat(24)), anything({ maxDepth: 1 }))
const anyText = oneof(
  unicodeText({ maxLength: 20 }),
  constant(' '),
  constant('Parent'),
  constant(1.5),
  anything(),
)
const anyTime = oneof(constant('2024-02-29T01:02:03.4Z'), constant('2023-02-29T01:02:03Z'), anyText)
const sometimes = (fields: Parameters<typeof record>[0]) =>
  oneof(
    { weight: 5, arbitrary: record(fields, { requiredKeys: [] }) },
    { weight: 1, arbitrary: anything({ maxDepth: 2 }) },
  )
const anyRole = {
  sis_id: anyText,
  legacy_id: anyText,
  phone: anyText,
  phone_type: anyText,
  student_number: anyText,
  state_id: anyText,
  grade: anyText,
  school: anyId,
  schools: oneof(array(anyId, { maxLength: 3 }), anyText),
  student_relationships: oneof(
    array(sometimes({ student: anyId, relationship: anyText, type: anyText }), { maxLength: 4 }),
    anyText,
  ),
}
const anyUser = oneof(
  {
    weight: 9,
    arbitrary: record(
      {
        id: anyId,
        name: sometimes({ first: anyText, middle: anyText, last: anyText }),
        email: anyText,
        created: anyTime,
        last_modified: anyTime,
        roles: sometimes({ student: sometimes(anyRole), contact: sometimes(anyRole), x: anyText }),
      },
      { requiredKeys: ['id', 'roles'] },
    ),
  },
  { weight: 1, arbitrary: dictionary(string(), anything({ maxDepth: 2 })) },
  { weight: 1, arbitrary: anything({ maxDepth: 2 }) },
)
/** What JSON can say of a value. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value) ?? 'null')

describe('the plain parsers of records', () => {
  it('read any JSON as a schema of the same shape does', () => {
    check(
      property(anyUser, (value) => {
        const json = asJson(value)
        const read = parseUser(json, DISTRICT)
        const { staff, isTeacher, isDistrictAdmin, ...rest } = read ?? {}
        expect(read === undefined ? absent : rest).toEqual(user.parse(json))
      }),
      RUNS,
    )
  })

  it('take a text for a time exactly where zod does', () => {
    const part = oneof(
      ...[
        '2024',
        '1900',
        '2000',
        '0000',
        '02',
        '00',
        '13',
        '28',
        '29',
        '30',
        '31',
        '32',
        '23',
        '24',
        '59',
        '60',
        '-',
        ':',
        'T',
        'Z',
        '.5',
        '+01:00',
        '+24:00',
        ' ',
        '\n',
      ].map(constant),
    )
    const two = oneof(
      ...['00', '01', '02', '04', '11', '12', '13', '28', '29', '30', '31', '32', '24', '60'].map(constant),
    )
    const year = oneof(...['2024', '1900', '2000', '2023', '0000', '9999'].map(constant))
    const zone = oneof(...['Z', '+00:00', '-23:59', '+24:00', '', 'z'].map(constant))
    const likely = record({ year, month: two, day: two, hour: two, minute: two, second: two, zone }).map(
      (at) => `${at.year}-${at.month}-${at.day}T${at.hour}:${at.minute}:${at.second}${at.zone}`,
    )
    check(
      property(
        oneof(
          likely,
          array(part, { maxLength: 9 }).map((parts) => parts.join('')),
        ),
        (value) => {
          expect(isIsoTime(value)).toBe(z.iso.datetime({ offset: true }).safeParse(value).success)
        },
      ),
      RUNS,
    )
  })
})
