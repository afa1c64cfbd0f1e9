import { VIEW_STUDENT } from '../access/policy.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { StudentRecord } from '../model/records.ts'
import type { SchoolRecord, Schools } from '../model/schools.ts'
import { collect } from './contacts.ts'
import { viewerDistrict, viewerDistricts } from './districts.ts'
import { MISSING } from './missing.ts'
import { findStudentRecord, ownStudentIds } from './students.ts'
import type { RecordKey, View } from './view.ts'

/** A school that the viewer may see, shaped like the GraphQL type. */
export class SchoolNode {
  readonly __typename = 'School'
  readonly id: UserId
  readonly districtId: DistrictId
  readonly name: string | undefined

  constructor(view: View, { id, districtId, name }: SchoolRecord) {
    view.countNodes(1)
    this.id = id
    this.districtId = districtId
    this.name = name
  }
}

/** The main school of a student whom the viewer may see. Undefined if the student has none, or the district does not share it. */
export function schoolOfStudent(view: View, student: StudentRecord): SchoolNode | undefined {
  const { schoolId, districtId } = student
  return schoolId === undefined ? undefined : nodeOf(view, knownSchools(view, districtId).get(schoolId))
}

/** All schools of a student whom the viewer may see, without those that the district does not share. */
export function schoolsOfStudent(view: View, student: StudentRecord): readonly SchoolNode[] {
  const ids = schoolIdsOf(student)
  if (ids.size === 0) return []
  const schools = knownSchools(view, student.districtId)
  return [...ids].map((id) => nodeOf(view, schools.get(id))).filter((school) => school !== undefined)
}

/** Undefined unless the viewer may see every student of the district. This is decided before any call. */
export function schoolsOfDistrict(view: View, districtId: DistrictId): readonly SchoolNode[] | undefined {
  if (viewerDistrict(view, districtId) === undefined) return undefined
  if (!view.viewer.mayInDistrict(VIEW_STUDENT)) return undefined
  return [...knownSchools(view, districtId).values()].map((school) => nodeOf(view, school))
}

/** The school with this id. Undefined unless the viewer may see one of its students, or every student of the district. */
export function findSchool(view: View, { id, districtId }: RecordKey): SchoolNode | undefined {
  const { viewer } = view
  if (viewer.seesWholeDistrict && !viewer.mayInDistrict(VIEW_STUDENT)) return undefined
  const reachable = viewerDistricts(view).map(({ client }) => client.districtId)
  const wanted = reachable.filter((each) => districtId === undefined || each === districtId)
  const districtIds = viewer.seesWholeDistrict ? wanted : districtsOfOwnStudentAt(view, id, wanted)
  for (const each of districtIds) {
    const school = collect(view, () => [knownSchools(view, each).get(id)])[0]
    if (school !== undefined) return nodeOf(view, school)
  }
  if (view.missing.size > 0) throw MISSING
  return undefined
}

/** The district of the first of the viewer's own students who is at the school, if it is one of `districtIds`. */
function districtsOfOwnStudentAt(
  view: View,
  schoolId: UserId,
  districtIds: readonly DistrictId[],
): readonly DistrictId[] {
  const students = ownStudentsBySchool(view).get(schoolId) ?? []
  const student = students.find((record) => districtIds.includes(record.districtId))
  if (student === undefined) return []
  // The answer reveals that this student is at the school.
  view.disclosures.add(student.id, VIEW_STUDENT, view.viewer.access(student.id).student.reason)
  return [student.districtId]
}

/** Made once: a router asks for up to 1,000 schools, and a viewer may have 10,000 students. */
function ownStudentsBySchool(view: View): ReadonlyMap<string, readonly StudentRecord[]> {
  return view.once('ownStudentsBySchool', () => {
    const found = new Map<string, StudentRecord[]>()
    for (const id of ownStudentIds(view)) {
      const record = collect(view, () => [findStudentRecord(view, { id })])[0]
      if (record === undefined) continue
      for (const schoolId of schoolIdsOf(record)) {
        const students = found.get(schoolId) ?? []
        students.push(record)
        found.set(schoolId, students)
      }
    }
    if (view.missing.size > 0) throw MISSING
    return found
  })
}

function schoolIdsOf({ schoolId, schoolIds }: StudentRecord): ReadonlySet<string> {
  return new Set(schoolId === undefined ? schoolIds : [schoolId, ...schoolIds])
}

/** All schools of a district: one value, so that a page of students costs one call at most. */
function knownSchools(view: View, districtId: DistrictId): Schools {
  const district = view.district(districtId)
  if (district === undefined) return new Map()
  const known = district.store.schools(view.displayMinAsOf(district))
  if (known !== undefined) return view.dated(known).value
  return view.fetched<Schools>(
    `schools ${districtId}`,
    (fetch) => fetch.schools(districtId),
    (older) => district.store.schools(older),
  ).value
}

function nodeOf(view: View, school: SchoolRecord): SchoolNode
function nodeOf(view: View, school: SchoolRecord | undefined): SchoolNode | undefined
function nodeOf(view: View, school: SchoolRecord | undefined): SchoolNode | undefined {
  return school && view.once(school, () => new SchoolNode(view, school))
}
