import { parseUserId } from '../src/clever/ids.ts'
import type { StudentRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { relationshipsBetween } from '../src/loaders/relationships.ts'
import { builder, keyedInDistrict } from './builder.ts'
import { chooseDistrict, District, districtArgument, scopeOf } from './district.ts'
import { RelationshipType } from './enums.ts'
import { pageSize, readPage } from './paging.ts'
import { displayName, PersonName } from './person-name.ts'
import { StudentRelationship } from './student-relationship.ts'

export const Student = builder.objectRef<StudentRecord>('Student').implement({
  description: 'A student whose record the district shares with this application.',
  directives: keyedInDistrict,
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's v3 id of the student." }),
    districtId: t.exposeID('districtId', { description: 'The district of the student. Costs no call.' }),
    district: t.field({
      type: District,
      nullable: true,
      description: 'The district of the student.',
      resolve: ({ districtId }, _args, { loaders }) => loaders.district(districtId),
    }),
    displayName: t.string({
      nullable: true,
      description: 'The name to show: first, middle and last, as far as they are known.',
      resolve: displayName,
    }),
    name: t.expose('name', { type: PersonName, description: 'The parts of the name.' }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'As the district wrote it; not verified.',
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
    sisId: t.exposeString('sisId', { nullable: true, description: "The id in the district's own system." }),
    studentNumber: t.exposeString('studentNumber', { nullable: true, description: "The district's number." }),
    stateId: t.exposeString('stateId', { nullable: true, description: "The state's number." }),
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
        'What each contact is to this student, and to no other. Costs one call a student. Null, with an error, when that fails.',
      args: {
        type: t.arg({
          type: [RelationshipType],
          description: 'Only relationships of these types; all unless given.',
        }),
      },
      resolve: async ({ id, districtId }, { type }, { loaders }) => {
        const contacts = await loaders.contactsOf(id, districtId)
        const relationships = contacts.flatMap((contact) => relationshipsBetween(contact, id))
        return type == null
          ? relationships
          : relationships.filter(({ entry }) => type.includes(entry.type.value))
      },
    }),
  }),
})

/** Undefined for whoever does not exist, is not shared, or is no student. Throws the CleverErrors. */
export async function readStudent(
  { id, districtId }: { readonly id: string; readonly districtId?: string | null | undefined },
  { loaders }: GatewayContext,
): Promise<StudentRecord | undefined> {
  const [userId, scope] = [parseUserId(id), scopeOf(districtId)]
  if (userId === undefined || scope === null) return undefined
  return (await loaders.user(userId, scope))?.student
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
      description: 'The students of a district, in the order of their ids. Costs one call a page.',
      complexity: (args) => ({ field: 1, multiplier: pageSize(args) / 3 }),
      args: {
        districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
      },
      resolve: async (_query, args, context) => {
        const district = await chooseDistrict(args.districtId, context)
        return district && readPage(context, district, 'student', args, ({ student }) => student)
      },
    },
    { name: 'StudentConnection', description: 'A page of students.' },
    { name: 'StudentEdge', description: 'A student on a page.' },
  ),
}))
