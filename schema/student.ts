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
import { ContactPrivilege } from './contact-privilege.ts'
import { District, districtArgument, parseWhere } from './district.ts'
import { StudentRelationshipType } from './enums.ts'
import { StudentFilter, studentsComplexity, studentTest } from './filters.ts'
import { NameDetails } from './name-details.ts'
import { orderArgument, orderComplexity, StudentOrder } from './order.ts'
import { readOrdered } from './ordered-lists.ts'
import { pageSize } from './paging.ts'
import { StudentRelationship } from './student-relationship.ts'

export const Student = builder.objectRef<StudentNode>('Student').implement({
  description:
    'A student whose record the district shares with this application. In a supergraph, every field but `id` is null if the record does not exist, or if the viewer may not see it.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's v3 id of the student." }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The id of the district. Cost: none.',
    }),
    district: t.field({
      type: District,
      nullable: true,
      description:
        'The district of the student. Null, with an error, if Clever cannot be read. Cost: one call for each district in a request.',
      resolve: ({ record }, _args, view) => districtRecord(view, record.districtId),
    }),
    displayName: t.exposeString('displayName', {
      directives: PII,
      nullable: true,
      description: 'The name for display: first, middle and last. Null if the record has no name.',
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
      description: 'The e-mail. Null if there is none.',
    }),
    grade: t.exposeString('grade', {
      nullable: true,
      description: 'The grade in Clever\'s word, such as "Kindergarten" or "11". Null if there is none.',
    }),
    schoolId: t.exposeID('schoolId', {
      nullable: true,
      description: "Clever's id of the main school. Null if there is none.",
    }),
    schoolIds: t.exposeIDList('schoolIds', {
      nullable: true,
      description: "Clever's ids of all schools of the student.",
    }),
    sisId: t.exposeString('sisId', {
      directives: PII,
      nullable: true,
      description: "The id in the district's own system. Null if there is none.",
    }),
    legacyId: t.exposeString('legacyId', {
      directives: PII,
      nullable: true,
      description: "The id in Clever's v2 API. Null if there is none: most students kept it as their `id`.",
    }),
    studentNumber: t.exposeString('studentNumber', {
      directives: PII,
      nullable: true,
      description: 'The number that the district gives the student. Null if there is none.',
    }),
    stateId: t.exposeString('stateId', {
      directives: PII,
      nullable: true,
      description: 'The number that the state gives the student. Null if there is none.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time at which Clever created the record. Null if Clever does not report it.',
    }),
    lastModifiedAt: t.expose('lastModifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The time of the last change in Clever. Null if Clever does not report it.',
    }),
  }),
})

builder.objectFields(Student, (t) => ({
  relationships: t.field({
    type: [StudentRelationship],
    nullable: { list: true, items: true },
    description:
      'The relationships of contacts to this student that the viewer may see. Null, with an error, if Clever cannot be read. Cost: one call for each student at most, or none if the store has the contacts.',
    args: {
      types: t.arg({
        type: [StudentRelationshipType],
        description: 'The accepted types. Without them, the list has relationships of every type.',
      }),
      privilege: t.arg({
        type: ContactPrivilege,
        description: 'A privilege that the relationship must grant to the contact.',
      }),
    },
    resolve: (student, wanted, view) => relationshipsWanted(view, student, wanted),
  }),
}))

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

/**
 * Undefined for a student that does not exist, is not shared, or may not be seen. Throws the errors of the
 * view.
 */
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
    description:
      'The student with this id. Null if there is none, if the district does not share the student, or if the viewer may not see the student. Cost: one call, or none if the store has the record; without `districtId`, one call for each district.',
    args: {
      id: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, args, view) => readStudent(args, view),
  }),
  students: t.field({
    type: StudentConnection,
    nullable: true,
    description:
      "The students that the viewer may see: those of a district, or the viewer's own. Null if the viewer cannot reach the district, or, with an error, if Clever cannot be read. Cost: one call for a page, or none if the store has the records; a filter or an order other than by id takes a scan of the whole list.",
    complexity: (args) => ({
      field: Math.max(studentsComplexity(args.filter), orderComplexity(args.orderBy)),
      multiplier: pageSize(args) / 3,
    }),
    args: {
      filter: t.arg({
        type: StudentFilter,
        description: 'The conditions. Without them, the list has every student that the viewer may see.',
      }),
      orderBy: t.arg({ type: StudentOrder, ...orderArgument }),
      districtId: t.arg.id({
        description: 'The id of the district. Optional, unless the viewer may see several whole districts.',
      }),
      ...pagingArguments,
    },
    resolve: (_query, args, view) =>
      readOrdered<'student'>(view, STUDENTS, args, studentTest(args.filter, view), studentOrder),
  }),
}))
