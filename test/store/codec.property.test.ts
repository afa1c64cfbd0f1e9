import {
  array,
  assert as check,
  constant,
  integer,
  oneof,
  option,
  property,
  record,
  string,
} from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeContact,
  decodeStudent,
  encodeContact,
  encodeStudent,
  indexEntryOf,
} from '../../src/model/codec.ts'
import { studentIdsOf } from '../../src/model/records.ts'
import { sharedKeysOf } from '../../src/model/shared-keys.ts'
import { PHONE_TYPES, parseEnumValue, RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'
import { RecordTable } from '../../src/store/record-table.ts'
import { unicodeText } from '../support/unicode-text.ts'
import { DISTRICT, userId } from '../sync/world.ts'

/** Whatever a district types in: letters of all scripts, halves of them, quotes, control characters. */
const anything = oneof(unicodeText(), string({ unit: 'grapheme' }), constant('"\\\u0000\ud800'))
const text = option(anything, { nil: undefined })
const id = constant(userId(7))
const anyId = integer({ min: 0, max: 9 }).map(userId)

const person = {
  id,
  districtId: constant(DISTRICT),
  name: record({ first: text, middle: text, last: text }),
  email: text,
  createdAt: text,
  lastModifiedAt: text,
  sisId: text,
  legacyId: text,
}
const student = record({
  ...person,
  preferredName: option(record({ first: text, middle: text, last: text }), { nil: undefined }),
  homeLanguage: text,
  studentNumber: text,
  stateId: text,
  grade: text,
  schoolId: option(id, { nil: undefined }),
  schoolIds: array(id, { maxLength: 3 }),
})
const entry = record({
  studentId: anyId,
  relationship: text.map((raw) => parseEnumValue(RELATIONSHIPS, raw)),
  type: text.map((raw) => parseEnumValue(RELATIONSHIP_TYPES, raw)),
})
const contact = record({
  ...person,
  phone: text,
  phoneType: text.map((raw) => parseEnumValue(PHONE_TYPES, raw)),
  relationships: array(entry, { maxLength: 5 }),
})

const RUNS = { numRuns: 300 }

describe('an encoded record', () => {
  it('is, decoded, the student that was encoded', () => {
    check(
      property(student, (each) => {
        expect(decodeStudent(each.id, DISTRICT, encodeStudent(each))).toEqual(each)
      }),
      RUNS,
    )
  })

  it('is, decoded, the contact that was encoded, with all its words as they were written', () => {
    check(
      property(contact, (each) => {
        expect(decodeContact(each.id, DISTRICT, encodeContact(each))).toEqual(each)
      }),
      RUNS,
    )
  })

  it('gives the students of a contact and the keys of its values without being decoded', () => {
    check(
      property(contact, (each) => {
        expect(indexEntryOf(encodeContact(each))).toEqual({
          students: [...studentIdsOf(each.relationships)],
          sharedKeys: sharedKeysOf(each),
        })
      }),
      RUNS,
    )
  })

  it('is never taken for one that cannot be read', () => {
    check(
      property(contact, (each) => encodeContact(each) !== ''),
      RUNS,
    )
  })
})

describe('a record table', () => {
  it('counts every byte that it puts away, and as many that it takes back', () => {
    check(
      property(array(contact, { maxLength: 6 }), (contacts) => {
        const table = new RecordTable(() => {})
        contacts.forEach((each, n) => {
          const place = { after: userId(n), upTo: userId(n + 1), asOf: n }
          table.write(place, [[place.upTo, encodeContact(each)]])
          expect(table.bytes).toBeGreaterThan(encodeContact(each).length)
        })
        expect(table.size).toBe(contacts.length)
        table.evictOlder(contacts.length)
        expect([table.size, table.bytes]).toEqual([0, 0])
      }),
      { numRuns: 100 },
    )
  })
})
