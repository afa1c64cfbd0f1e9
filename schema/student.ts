import type { Privilege as PrivilegeName } from '../src/access/policy.ts'
import { privilegesOfRelationship } from '../src/view/contacts.ts'
import { districtRecord } from '../src/view/districts.ts'
import { STUDENTS } from '../src/view/lists.ts'
import { studentOrder } from '../src/view/order.ts'
import type { StudentNode } from '../src/view/student-node.ts'
import { findStudent, relationshipsOfStudent } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { EmailDetails } from './addresses.ts'
import { builder, KEYS, PII } from './builder.ts'
import { connectionType, pagingArguments } from './connection.ts'
import { District, districtArgument, parseWhere } from './district.ts'
import { StudentRelationshipType } from './enums.ts'
import { StudentFilter, studentsComplexity, studentTest } from './filters.ts'
import { NameDetails } from './name-details.ts'
import { orderArgument, orderComplexity, StudentOrder } from './order.ts'
import { readOrdered } from './ordered-lists.ts'
import { pageSize } from './paging.ts'
import { ContactPrivilege } from './privilege.ts'
import { StudentRelationship } from './student-relationship.ts'

export const Student = builder.objectRef<StudentNode>('Student').implement({
  description: 'A student whose record the district shares with this application.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's v3 id of the student." }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The district of the student. Costs no call.',
    }),
    district: t.field({
      type: District,
      nullable: true,
      description: 'The district of the student.',
      resolve: ({ record }, _args, view) => districtRecord(view, record.districtId),
    }),
    displayName: t.exposeString('displayName', {
      directives: PII,
      nullable: true,
      description: 'The name to show: first, middle and last, as far as they are known.',
    }),
    name: t.expose('name', {
      directives: PII,
      nullable: true,
      type: NameDetails,
      description: 'The parts of the name.',
    }),
    email: t.expose('email', {
      directives: PII,
      type: EmailDetails,
      nullable: true,
      description: 'The e-mail, where there is one.',
    }),
    grade: t.exposeString('grade', {
      nullable: true,
      description: 'Clever\'s word, such as "Kindergarten" or "11".',
    }),
    schoolId: t.exposeID('schoolId', {
      nullable: true,
      description: "Clever's id of the student's main school.",
    }),
    schoolIds: t.exposeIDList('schoolIds', {
      nullable: true,
      description: "Clever's ids of all the student's schools.",
    }),
    sisId: t.exposeString('sisId', {
      directives: PII,
      nullable: true,
      description: "The id in the district's own system.",
    }),
    legacyId: t.exposeString('legacyId', {
      directives: PII,
      nullable: true,
      description: "The id in Clever's v2 API. Null for most, who kept it as their `id`.",
    }),
    studentNumber: t.exposeString('studentNumber', {
      directives: PII,
      nullable: true,
      description: "The district's number.",
    }),
    stateId: t.exposeString('stateId', {
      directives: PII,
      nullable: true,
      description: "The state's number.",
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When Clever first had the record.',
    }),
    lastModifiedAt: t.expose('lastModifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the record last changed in Clever.',
    }),
    relationships: t.field({
      type: [StudentRelationship],
      nullable: { list: true, items: true },
      description:
        'What each contact that you may see is to this student, and to no other. Costs one call a student at most, and none where it is known. Null, with an error, when that fails.',
      args: {
        types: t.arg({
          type: [StudentRelationshipType],
          description: 'Only relationships of these types; all unless given.',
        }),
        privilege: t.arg({
          type: ContactPrivilege,
          description: 'Only relationships that give the contact this privilege.',
        }),
      },
      resolve: (student, wanted, view) => relationshipsWanted(view, student, wanted),
    }),
  }),
})

interface Wanted {
  readonly types?: readonly string[] | null | undefined
  readonly privilege?: PrivilegeName | null | undefined
}

function relationshipsWanted(view: View, student: StudentNode, { types, privilege }: Wanted) {
  const relationships = relationshipsOfStudent(view, student).filter(
    (relationship) => types == null || types.includes(relationship.type),
  )
  if (privilege == null) return relationships
  return relationships.filter((each) => privilegesOfRelationship(view, each).includes(privilege))
}

/** Undefined for a student that does not exist, is not shared, or may not be seen. Throws what the view throws. */
export function readStudent(
  key: { readonly id: string; readonly districtId?: string | null | undefined },
  view: View,
): StudentNode | undefined {
  const where = parseWhere(key)
  return where && findStudent(view, where)
}

export const StudentConnection = connectionType(
  'Student',
  Student,
  'A page of students.',
  'A student on a page.',
)

builder.queryFields((t) => ({
  student: t.field({
    type: Student,
    nullable: true,
    description: 'The student with this id. Null when there is none, or none that is shared.',
    args: {
      id: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, args, view) => readStudent(args, view),
  }),
  students: t.field({
    type: StudentConnection,
    nullable: true,
    description: 'The students that you may see: of a district, or your own.',
    complexity: (args) => ({
      field: Math.max(studentsComplexity(args.filter), orderComplexity(args.orderBy)),
      multiplier: pageSize(args) / 3,
    }),
    args: {
      filter: t.arg({ type: StudentFilter, description: 'Only these; all unless given.' }),
      orderBy: t.arg({ type: StudentOrder, ...orderArgument }),
      districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      ...pagingArguments,
    },
    resolve: (_query, args, view) =>
      readOrdered<'student'>(view, STUDENTS, args, studentTest(args.filter, view), studentOrder),
  }),
}))
