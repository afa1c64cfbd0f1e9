import type { KeptFields } from '../model/optional-fields.ts'
import type { Role } from '../model/ranges.ts'
import { PHONE_TYPES, RELATIONSHIP_TYPES, RELATIONSHIPS } from '../model/vocabulary.ts'
import { ByteWords } from './byte-words.ts'
import { type Slot, slotOf, type ValueName } from './value-positions.ts'

/** How a member of an object is read. */
export type Member =
  | { readonly kind: 'TEXT' | 'TIME' | 'ID'; readonly slot: Slot }
  | { readonly kind: 'WORD'; readonly slot: Slot; readonly field: string; readonly vocabulary: Vocabulary }
  | { readonly kind: 'NAME' | 'PREFERRED_NAME' | 'ROLES' | 'SCHOOL_IDS' | 'RELATIONSHIPS' }

/** The words that Clever documents. */
interface Vocabulary {
  readonly values: Readonly<Record<string, string>>
  readonly words: ByteWords
}

type Members = Readonly<Record<string, Member>>

/** The members of an object that are read. All others are stepped over. */
export class Shape {
  readonly names: ByteWords
  readonly members: readonly Member[]
  /** The slots of the members that are one value. */
  readonly slots: readonly Slot[]

  constructor(members: Members) {
    this.names = new ByteWords(Object.keys(members))
    this.members = Object.values(members)
    this.slots = this.members.flatMap((member) => ('slot' in member ? [member.slot] : []))
  }
}

const text = (value: ValueName): Member => ({ kind: 'TEXT', slot: slotOf(value) })
const time = (value: ValueName): Member => ({ kind: 'TIME', slot: slotOf(value) })
const id = (value: ValueName): Member => ({ kind: 'ID', slot: slotOf(value) })
const word = (value: ValueName, field: string, values: Vocabulary['values']): Members => {
  const vocabulary = { values, words: new ByteWords(Object.keys(values)) }
  return { [field]: { kind: 'WORD', slot: slotOf(value), field, vocabulary } }
}

export const USER = new Shape({
  id: id('id'),
  created: time('created'),
  last_modified: time('modified'),
  email: text('email'),
  name: { kind: 'NAME' },
  roles: { kind: 'ROLES' },
})

export const NAME = new Shape({ first: text('first'), middle: text('middle'), last: text('last') })

export const PREFERRED_NAME = new Shape({
  first: text('preferredFirst'),
  middle: text('preferredMiddle'),
  last: text('preferredLast'),
})

export const RELATIONSHIP = new Shape({
  student: id('entryStudent'),
  ...word('entryRelationship', 'relationship', RELATIONSHIPS),
  ...word('entryType', 'type', RELATIONSHIP_TYPES),
})

const CONTACT = new Shape({
  sis_id: text('sisId'),
  legacy_id: text('legacyId'),
  phone: text('phone'),
  ...word('phoneType', 'phone_type', PHONE_TYPES),
  student_relationships: { kind: 'RELATIONSHIPS' },
})

const STUDENT: Members = {
  sis_id: text('sisId'),
  legacy_id: text('legacyId'),
  student_number: text('studentNumber'),
  state_id: text('stateId'),
  grade: text('grade'),
  school: id('schoolId'),
  schools: { kind: 'SCHOOL_IDS' },
}

export function shapeOf(role: Role, kept: KeptFields): Shape {
  if (role === 'contact') return CONTACT
  return new Shape({
    ...STUDENT,
    ...(kept.has('homeLanguage') && { home_language: text('homeLanguage') }),
    ...(kept.has('preferredName') && { preferred_name: { kind: 'PREFERRED_NAME' } as const }),
  })
}
