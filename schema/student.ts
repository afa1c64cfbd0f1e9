import type { Privilege as PrivilegeName } from '../src/access/policy.ts'
import type { Reader } from '../src/access/reader.ts'
import type { StudentRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { all, type MaybePromise, run, wait } from '../src/maybe-promise.ts'
import { inferEntry } from '../src/quality/inference.ts'
import { displayName } from '../src/quality/names.ts'
import { Email } from './addresses.ts'
import { AUTHENTICATED, builder, KEYS, PII, requiresScopes } from './builder.ts'
import { District, districtArgument, parseWhere } from './district.ts'
import { RelationshipType } from './enums.ts'
import { StudentFilter, studentsComplexity, studentTest } from './filters.ts'
import { type Listing, pageSize, readConnection } from './paging.ts'
import { PersonName } from './person-name.ts'
import { Privilege } from './privilege.ts'
import { StudentRelationship } from './student-relationship.ts'

export const Student = builder.objectRef<StudentRecord>('Student').implement({
  description: 'A student whose record the district shares with this application.',
  directives: [...KEYS, AUTHENTICATED, requiresScopes('students:read', 'students:own')],
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's v3 id of the student." }),
    districtId: t.exposeID('districtId', { description: 'The district of the student. Costs no call.' }),
    district: t.field({
      type: District,
      nullable: true,
      description: 'The district of the student.',
      resolve: ({ districtId }, _args, { reader }) => reader.district(districtId),
    }),
    displayName: t.string({
      directives: PII,
      nullable: true,
      description: 'The name to show: first, middle and last, as far as they are known.',
      resolve: ({ name }) => displayName(name),
    }),
    name: t.expose('name', {
      directives: PII,
      type: PersonName,
      description: 'The parts of the name.',
    }),
    email: t.field({
      directives: PII,
      type: Email,
      nullable: true,
      description: 'The e-mail, where there is one.',
      resolve: ({ email: raw }) => (raw === undefined ? undefined : { raw }),
    }),
    grade: t.exposeString('grade', {
      nullable: true,
      description: 'Clever\'s word, such as "Kindergarten" or "11".',
    }),
    schoolId: t.exposeID('schoolId', {
      nullable: true,
      description: "Clever's id of the student's main school.",
    }),
    schoolIds: t.exposeIDList('schoolIds', { description: "Clever's ids of all the student's schools." }),
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
      nullable: true,
      description:
        'What each contact that you may see is to this student, and to no other. Costs one call a student at most, and none where it is known. Null, with an error, when that fails.',
      args: {
        type: t.arg({
          type: [RelationshipType],
          description: 'Only relationships of these types; all unless given.',
        }),
        privilege: t.arg({
          type: Privilege,
          description: 'Only relationships that give the contact this privilege.',
        }),
      },
      resolve: (student, wanted, { reader }) => run(relationshipsWanted(student, wanted, reader)),
    }),
  }),
})

interface Wanted {
  readonly type?: readonly string[] | null | undefined
  readonly privilege?: PrivilegeName | null | undefined
}

function* relationshipsWanted(student: StudentRecord, { type, privilege }: Wanted, reader: Reader) {
  const relationships = (yield* wait(reader.relationshipsOfStudent(student))).filter(
    ({ entry }) => type == null || type.includes(inferEntry(entry).type.value),
  )
  if (privilege == null) return relationships
  const privileges = yield* wait(all(relationships.map(reader.privileges)))
  return relationships.filter((_relationship, i) => privileges[i]?.includes(privilege))
}

/** Undefined for whoever does not exist, is not shared, is no student, or may not be seen. Throws what the reader throws. */
export function readStudent(
  key: { readonly id: string; readonly districtId?: string | null | undefined },
  { reader }: GatewayContext,
): MaybePromise<StudentRecord | undefined> {
  const where = parseWhere(key)
  return where && reader.student(where)
}

export const STUDENTS: Listing<StudentRecord> = {
  idOf: ({ id }) => id,
  own: (reader, ...asked) => reader.ownStudents(...asked),
  one: (reader, id) => reader.student({ id }),
  inDistrict: (reader, ...asked) => reader.studentsIn(...asked),
  count: (reader, ...asked) => reader.countStudents(...asked),
}

builder.queryFields((t) => ({
  student: t.field({
    type: Student,
    nullable: true,
    description: 'The student with this id. Null when there is none, or none that is shared.',
    args: {
      id: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, args, context) => readStudent(args, context),
  }),
  students: t.connection(
    {
      type: Student,
      nullable: true,
      description: 'The students that you may see, in the order of their ids: of a district, or your own.',
      complexity: (args) => ({
        field: studentsComplexity(args.filter),
        multiplier: pageSize(args) / 3,
      }),
      args: {
        filter: t.arg({ type: StudentFilter, description: 'Only these; all unless given.' }),
        districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      },
      resolve: (_query, args, context) =>
        readConnection(STUDENTS, context.reader, args, studentTest(args.filter, context)),
    },
    { name: 'StudentConnection', description: 'A page of students.' },
    { name: 'StudentEdge', description: 'A student on a page.' },
  ),
}))
