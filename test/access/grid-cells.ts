import type { Cast, Level } from './grid-cast.ts'

/** How much of a person an answer shows. */
export type Seen = 'yes' | 'by name' | 'no'

export interface Cell {
  readonly name: string
  readonly query: (ids: Pick<Cast, 'target' | 'mother' | 'relationship' | 'district' | 'between'>) => string
  /** Whom it may tell of. */
  readonly of: 'target' | 'mother' | 'both' | 'district' | 'pair'
  /** Whether the query names a user, so that it can be compared with one that names no user. */
  readonly names: boolean
}

const STUDENT = 'id districtId displayName name { first middle last } email { raw } grade schoolIds sisId'
const CONTACT =
  'id districtId displayName name { last } email { raw } phone { raw typeRaw } sisId legacyId createdAt'
const entity = (representation: string, fields: string) =>
  `{ _entities(representations: [${representation}]) { __typename ${fields} } }`

/** Every way in. */
export const CELLS: readonly Cell[] = [
  {
    name: 'student',
    of: 'target',
    names: true,
    query: ({ target }) => `{ student(id: "${target}") { ${STUDENT} district { name } } }`,
  },
  {
    name: 'student with its district',
    of: 'target',
    names: true,
    query: ({ target, district }) => `{ student(id: "${target}", districtId: "${district}") { ${STUDENT} } }`,
  },
  {
    name: 'student by aliases and fragments',
    of: 'target',
    names: true,
    query: ({ target }) =>
      `{ a: student(id: "${target}") { ...S } ... on Query { b: student(id: "${target}") { x: displayName y: id } } } fragment S on Student { ${STUDENT} }`,
  },
  {
    name: 'students',
    of: 'target',
    names: false,
    query: () =>
      `{ students(first: 100) { totalCount edges { cursor node { ${STUDENT} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
  },
  {
    name: 'students of the district',
    of: 'target',
    names: false,
    query: ({ district }) => `{ students(last: 100, districtId: "${district}") { nodes { ${STUDENT} } } }`,
  },
  {
    name: 'relationships of the student',
    of: 'mother',
    names: true,
    query: ({ target }) =>
      `{ student(id: "${target}") { relationships { id relationship typeRaw privileges contact { ${CONTACT} } } } }`,
  },
  {
    name: 'relationships of the student that give a privilege',
    of: 'mother',
    names: true,
    query: ({ target }) =>
      `{ student(id: "${target}") { relationships(privilege: VIEW_STUDENT, types: PARENT_GUARDIAN) { contact { ${CONTACT} } } } }`,
  },
  {
    name: 'contact',
    of: 'mother',
    names: true,
    query: ({ mother }) => `{ contact(id: "${mother}") { ${CONTACT} district { name } } }`,
  },
  {
    name: 'contact with its district',
    of: 'mother',
    names: true,
    query: ({ mother, district }) => `{ contact(id: "${mother}", districtId: "${district}") { ${CONTACT} } }`,
  },
  {
    name: 'contact by aliases',
    of: 'mother',
    names: true,
    query: ({ mother }) =>
      `{ a: contact(id: "${mother}") { z: email { raw } ${CONTACT} } b: contact(id: "${mother}") { id } }`,
  },
  {
    name: 'contacts',
    of: 'mother',
    names: false,
    query: () =>
      `{ contacts(first: 100) { totalCount edges { cursor node { ${CONTACT} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`,
  },
  {
    name: 'studentRelationships',
    of: 'pair',
    names: true,
    query: ({ mother, target }) =>
      `{ studentRelationships(contactId: "${mother}", studentId: "${target}") { id contactId studentId relationship privileges contact { ${CONTACT} } student { ${STUDENT} } } }`,
  },
  {
    name: 'access',
    of: 'pair',
    names: true,
    query: ({ mother, target }) =>
      `{ contactAccess(contactId: "${mother}", studentId: "${target}", privilege: PICK_UP) { allowed reason } }`,
  },
  {
    name: 'viewer',
    of: 'target',
    names: false,
    query: () =>
      `{ contactsViewer { kind students { studentId privileges student { ${STUDENT} } } contacts { id relationships { studentId } } } }`,
  },
  {
    name: '_entities: Student',
    of: 'target',
    names: true,
    query: ({ target }) =>
      entity(`{ __typename: "Student", id: "${target}" }`, `... on Student { ${STUDENT} }`),
  },
  {
    name: '_entities: Student with its district',
    of: 'target',
    names: true,
    query: ({ target, district }) =>
      entity(
        `{ __typename: "Student", id: "${target}", districtId: "${district}" }`,
        `... on Student { ${STUDENT} }`,
      ),
  },
  {
    name: '_entities: Contact',
    of: 'mother',
    names: true,
    query: ({ mother }) =>
      entity(`{ __typename: "Contact", id: "${mother}" }`, `... on Contact { ${CONTACT} }`),
  },
  {
    name: '_entities: StudentRelationship',
    of: 'pair',
    names: true,
    query: ({ relationship }) =>
      entity(
        `{ __typename: "StudentRelationship", id: "${relationship}" }`,
        `... on StudentRelationship { contactId studentId typeRaw contact { ${CONTACT} } student { ${STUDENT} } }`,
      ),
  },
  {
    name: '_entities: District',
    of: 'district',
    names: false,
    query: ({ district }) =>
      entity(`{ __typename: "District", id: "${district}" }`, '... on District { id name }'),
  },
  {
    name: 'nested through another contact',
    of: 'both',
    names: false,
    query: ({ between }) =>
      `{ contact(id: "${between}") { relationships { studentId student { ${STUDENT} relationships { contact { ${CONTACT} } } } } } }`,
  },
  {
    name: 'nested through all other contacts of the own students',
    of: 'both',
    names: false,
    query: () =>
      `{ students(first: 30) { nodes { relationships { contact { relationships { student { id displayName relationships { contact { displayName email { raw } phone { raw } } } } } } } } } }`,
  },
]

interface Expected {
  readonly target: Seen
  readonly mother: Seen
  /** The two together. */
  readonly pair: Seen
}

/** Written by hand: what each may learn. */
const EXPECTED: Readonly<Record<Level, Expected>> = {
  WHOLE: { target: 'yes', mother: 'yes', pair: 'yes' },
  FULL: { target: 'yes', mother: 'yes', pair: 'yes' },
  STUDENT: { target: 'yes', mother: 'no', pair: 'no' },
  STUDENTS: { target: 'yes', mother: 'no', pair: 'no' },
  CONTACTS: { target: 'no', mother: 'yes', pair: 'no' },
  SELF: { target: 'yes', mother: 'by name', pair: 'yes' },
  NONE: { target: 'no', mother: 'no', pair: 'no' },
  ELSEWHERE: { target: 'no', mother: 'no', pair: 'no' },
}

/** Written by hand too: the ways that show less than a viewer may see in another. */
const LESS: Readonly<Record<string, Partial<Record<Level, Partial<Expected>>>>> = {
  // A viewer who sees a whole district has no list of own students.
  viewer: { WHOLE: { target: 'no' }, STUDENTS: { target: 'no' } },
  // Through the student, whom they may not see.
  'relationships of the student': { CONTACTS: { mother: 'no' } },
  'relationships of the student that give a privilege': { CONTACTS: { mother: 'no' } },
  // What another contact is to the student takes the right to see other contacts.
  'nested through another contact': {
    STUDENT: { target: 'no' },
    STUDENTS: { target: 'no' },
    CONTACTS: { mother: 'no' },
  },
  'nested through all other contacts of the own students': {
    STUDENTS: { target: 'no' },
    CONTACTS: { mother: 'no' },
  },
}

export function expectedOf({ name }: Cell, level: Level): Expected {
  return { ...EXPECTED[level], ...LESS[name]?.[level] }
}
