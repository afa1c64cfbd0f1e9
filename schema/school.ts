import { parseDistrictId } from '../src/model/ids.ts'
import {
  findSchool,
  type SchoolNode,
  schoolOfStudent,
  schoolsOfDistrict,
  schoolsOfStudent,
} from '../src/view/schools.ts'
import type { View } from '../src/view/view.ts'
import { builder, KEYS } from './builder.ts'
import { District, parseWhere } from './district.ts'
import { Student } from './student.ts'

export const School = builder.objectRef<SchoolNode>('School').implement({
  description:
    'A school that the district shares with this application. A viewer of a whole district sees its schools; every other viewer sees the schools of the students that the viewer may see. In a supergraph, every field but `id` is null if the record does not exist, or if the viewer may not see it.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', { description: "Clever's v3 id of the school." }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The id of the district. Cost: none.',
    }),
    name: t.exposeString('name', {
      // Other subgraphs may have schools too, and know their names.
      directives: [{ name: 'shareable', args: {} }],
      nullable: true,
      description: 'The name of the school. Null if Clever has none.',
    }),
  }),
})

const COST = 'Cost: one call for each 10,000 schools of the district, or none if the store has them.'

/** The estimate for the complexity. Few districts have more than a few hundred schools. */
const SCHOOLS_COMPLEXITY = { field: 50, multiplier: 30 }

builder.objectFields(Student, (t) => ({
  school: t.field({
    type: School,
    nullable: true,
    description: `The main school of the student. The field \`schoolId\` needs no call. Null if the record names none, or if the district does not share the school. ${COST}`,
    resolve: ({ record }, _args, view) => schoolOfStudent(view, record),
  }),
  schools: t.field({
    type: [School],
    nullable: { list: true, items: true },
    description: `The schools of the student, the main school first, without those that the district does not share. Null, with an error, if Clever cannot be read. ${COST}`,
    resolve: ({ record }, _args, view) => schoolsOfStudent(view, record),
  }),
}))

builder.objectField(District, 'schools', (t) =>
  t.field({
    type: [School],
    nullable: { list: true, items: true },
    description: `The schools of the district, by id, ascending. Null if the viewer may not see every student of the district. ${COST}`,
    complexity: SCHOOLS_COMPLEXITY,
    resolve: ({ id }, _args, view) => {
      const districtId = parseDistrictId(id)
      return districtId && schoolsOfDistrict(view, districtId)
    },
  }),
)

/**
 * Undefined for a school that does not exist, is not shared, or may not be seen. Throws the errors of the
 * view.
 */
export function readSchool(
  key: { readonly id: string; readonly districtId?: string | null | undefined },
  view: View,
): SchoolNode | undefined {
  const where = parseWhere(key)
  return where && findSchool(view, where)
}
