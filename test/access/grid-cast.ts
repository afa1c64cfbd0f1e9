import type { SandboxDistrict } from '../../src/sandbox/roster/district.ts'
import { CHILD } from '../federation/documented-family.ts'
import type { Claims, TestGateway } from '../support/gateway.ts'

/** Who plays in the grid. Ids of Clever. */
export interface Cast {
  readonly district: string
  readonly otherDistrict: string
  /** Whom the cells are about. */
  readonly target: string
  /** The student's mother, and a contact of no other student. */
  readonly mother: string
  /** Of the mother and the target. */
  readonly relationship: string
  /** A student of another school. */
  readonly bystander: string
  /** Parent of the bystander. What he is to the target is what changes from guardian to guardian. */
  readonly guardian: string
  /** Another contact of the bystander, who is a contact of the target too: the way through. */
  readonly between: string
  /** Values of the target or of the mother, and of no other person. */
  readonly ofTarget: readonly string[]
  readonly ofMother: { readonly name: string; readonly reach: readonly string[] }
}

/** Looks like an id, and names no user. */
export const NO_STUDENT = '5f0000000000000000000001'
export const NO_CONTACT = '5f0000000000000000000002'

export function castIn(gateway: TestGateway): Omit<Cast, 'relationship'> {
  const [district, other] = gateway.sandbox.districts
  if (district === undefined || other === undefined) throw new Error('the grid needs two districts')
  const { roster } = district
  const target = found(roster.user(CHILD))
  const mother = found(
    roster.contactsOf(CHILD).find((contact) => contact.roles.contact?.student_relationships.length === 1),
  )
  const bystander = found(
    roster
      .users('student')
      .find(
        (student) =>
          student.roles.student?.school !== target.roles.student?.school &&
          singleParents(district, student.id).length > 0 &&
          roster.contactsOf(student.id).length > 1,
      ),
  )
  const [guardian = ''] = singleParents(district, bystander.id)
  const between = found(roster.contactsOf(bystander.id).find(({ id }) => id !== guardian))
  return {
    district: district.id,
    otherDistrict: other.id,
    target: CHILD,
    mother: mother.id,
    bystander: bystander.id,
    guardian,
    between: between.id,
    ofTarget: [CHILD, `${target.name.first} ${target.name.middle} ${target.name.last}`, target.email ?? ''],
    ofMother: {
      name: mother.name.last ?? '',
      reach: [mother.email ?? '', mother.roles.contact?.phone ?? ''],
    },
  }
}

/** Contacts who are this student's parent, and have no other relationship. */
function singleParents({ roster }: SandboxDistrict, studentId: string): string[] {
  return roster
    .contactsOf(studentId)
    .filter(({ roles }) => {
      const entries = roles.contact?.student_relationships ?? []
      return (
        entries.length === 1 && entries[0]?.relationship === 'Parent' && entries[0].type === 'Parent/Guardian'
      )
    })
    .map(({ id }) => id)
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the sandbox has nobody for the part')
  return value
}

const in_ = (id: string) => ({ clever_district_ids: [id] })

/** Everybody but the guardians, whose levels come from a table of words. */
export function principalsOf(
  gateway: TestGateway,
  cast: Cast,
): readonly { readonly who: string; readonly claims: Claims; readonly level: Level }[] {
  const [district, other] = gateway.sandbox.districts
  if (district === undefined || other === undefined) throw new Error('the grid needs two districts')
  const [teacher] = district.roster.teachersOf(cast.target)
  const [foreignTeacher] = district.roster.teachersOf(cast.bystander)
  const schoolOf = (id: string) => district.roster.user(id)?.roles.student?.school
  const staff = district.roster.users('staff')
  const staffAt = (school: string | undefined) =>
    staff.find((each) => school !== undefined && each.roles.staff?.schools.includes(school))?.id
  const ownStaff = staffAt(schoolOf(cast.target))
  const foreignStaff = staffAt(schoolOf(cast.bystander))
  const [admin] = district.roster.users('district_admin')
  const service = (scope: string | readonly string[], districts: unknown = [cast.district]) => ({
    clever_kind: 'service',
    sub: 'grid',
    scope,
    clever_district_ids: districts,
  })
  const person = (kind: string, user: string | undefined, where = cast.district) => {
    if (user === undefined) throw new Error(`the sandbox has no ${kind} for the grid`)
    return { clever_kind: kind, clever_user_id: user, ...in_(where) }
  }
  return [
    { who: 'a service with both scopes', claims: service('students:read contacts:read'), level: 'WHOLE' },
    {
      who: 'a service with both scopes as a list',
      claims: service(['students:read', 'contacts:read']),
      level: 'WHOLE',
    },
    { who: 'a service with students only', claims: service('students:read'), level: 'STUDENTS' },
    { who: 'a service with contacts only', claims: service('contacts:read'), level: 'CONTACTS' },
    {
      who: 'a service of another district',
      claims: service('students:read contacts:read', [cast.otherDistrict]),
      level: 'ELSEWHERE',
    },
    { who: 'the teacher', claims: person('teacher', teacher?.id), level: 'FULL' },
    { who: "somebody else's teacher", claims: person('teacher', foreignTeacher?.id), level: 'NONE' },
    {
      who: 'the teacher, by a token of another district',
      claims: person('teacher', teacher?.id, cast.otherDistrict),
      level: 'NONE',
    },
    { who: 'a school staff as a teacher', claims: person('teacher', ownStaff), level: 'NONE' },
    { who: 'a contact as a teacher', claims: person('teacher', cast.guardian), level: 'NONE' },
    { who: 'staff of the school', claims: person('school_staff', ownStaff), level: 'FULL' },
    { who: 'staff of another school', claims: person('school_staff', foreignStaff), level: 'NONE' },
    { who: 'the teacher as staff', claims: person('school_staff', teacher?.id), level: 'NONE' },
    {
      who: 'staff, by a token of another district',
      claims: person('school_staff', ownStaff, cast.otherDistrict),
      level: 'NONE',
    },
    { who: 'the district admin', claims: person('district_admin', admin?.id), level: 'WHOLE' },
    {
      who: 'the district admin, by a token of another district',
      claims: person('district_admin', admin?.id, cast.otherDistrict),
      level: 'NONE',
    },
    {
      who: 'staff who is no district admin any more',
      claims: person('district_admin', ownStaff),
      level: 'NONE',
    },
    { who: 'a district admin who has left', claims: person('district_admin', NO_CONTACT), level: 'NONE' },
    { who: 'the student in person', claims: person('student', cast.target), level: 'SELF' },
    { who: 'another student', claims: person('student', cast.bystander), level: 'NONE' },
    {
      who: 'a contact whose token names another district',
      claims: { clever_kind: 'guardian', clever_contact_ids: [cast.mother], ...in_(cast.otherDistrict) },
      level: 'ELSEWHERE',
    },
    {
      who: 'a guardian whose id is a student',
      claims: { clever_kind: 'guardian', clever_contact_ids: [cast.bystander] },
      level: 'NONE',
    },
    {
      who: 'a guardian whose id is nobody',
      claims: { clever_kind: 'guardian', clever_contact_ids: [NO_CONTACT] },
      level: 'NONE',
    },
  ]
}

/**
 * What a viewer may see of the target and of the mother. WHOLE is FULL of a district, not of the own students. ELSEWHERE
 * is nothing; but the other district is asked for the id, as the district of an id is unknown beforehand.
 */
export type Level = 'WHOLE' | 'FULL' | 'STUDENT' | 'STUDENTS' | 'CONTACTS' | 'SELF' | 'NONE' | 'ELSEWHERE'
