import { createIdLinks, type Links } from '../roster/links.ts'
import type { DistrictRecord, School, User } from '../roster/records.ts'
import { isoTime } from '../roster/sync-times.ts'
import { listBySis } from '../sis/list-by-sis.ts'
import { type Sis, waysOfSyncing } from '../sis/ways-of-syncing.ts'
import { contactsInNumber } from './contact-count.ts'
import { inventDistrictRecord } from './district-record.ts'
import { documentedDistrictId } from './documented-family.ts'
import { createMailboxes } from './mailboxes.ts'
import { createObjectIds } from './object-ids.ts'
import { inventPopulation } from './population.ts'
import { createRandom, type Random } from './random.ts'
import { inventSchools, schoolsByGrade } from './schools.ts'
import { inventDistrictAdmin, inventStaff, inventTeacher } from './staff.ts'
import type { Workshop } from './workshop.ts'

/** Everything a district holds, before Clever shares any of it. */
export interface SchoolSystem {
  readonly record: DistrictRecord
  readonly schools: readonly School[]
  readonly users: readonly User[]
  readonly unsharedStudents: readonly User[]
  readonly teaching: Links
}

export interface SchoolSystemPlan {
  readonly seed: number
  readonly index: number
  readonly students: number
  /** Default: as many as the students' families have. */
  readonly contacts?: number | undefined
  /** Default: some of every kind of dirty data. */
  readonly sis?: Sis | undefined
  /** End of the last sync, in ms since 1970. */
  readonly lastSync: number
}

const rosteredFrom = Date.UTC(2019, 7, 1) / 1000
const rosteredTo = Date.UTC(2025, 7, 1) / 1000
const openedAt = '2019-07-15T16:16:24.878Z'
const modifiedAt = '2025-09-03T08:07:52.204Z'
const studentsPerTeacher = 20

/** The first district (index 0) holds the family of Clever's documentation; the rest of it is invented. */
export function inventSchoolSystem(plan: SchoolSystemPlan): SchoolSystem {
  const { seed, index, students, lastSync } = plan
  const random = createRandom(seed * 1009 + index)
  const nextId = createObjectIds(random, {
    from: rosteredFrom,
    to: rosteredTo,
    expected: students * 1.2 + 20,
  })
  const districtId = index === 0 ? documentedDistrictId : nextId()
  const schools = inventSchools(random, nextId, {
    id: districtId,
    students,
    created: openedAt,
    modified: modifiedAt,
  })
  const workshop: Workshop = {
    districtId,
    random,
    nextId,
    mailboxes: createMailboxes(random),
    schools,
    schoolsByGrade: schoolsByGrade(schools),
    modified: modifiedAt,
  }

  const teachers = inventTeachers(workshop, students)
  const staff = schools.map((school) => inventStaff(workshop, school))
  const population = inventPopulation(workshop, students, teachers)
  const way = plan.sis && waysOfSyncing[plan.sis]
  const record = inventDistrictRecord(workshop, index, isoTime(lastSync), way?.sisType.word)
  const admin = inventDistrictAdmin(workshop)
  const teaching = assignTeachers(random, population.students, teachers)
  // Comes last, so that the contacts' number and way of syncing change nothing else in the district.
  const listed = way ? listBySis(workshop, population, way, createRandom(~(seed * 1009 + index))) : population
  const contacts =
    plan.contacts === undefined ? listed.contacts : contactsInNumber(workshop, listed, plan.contacts)
  return {
    record,
    schools,
    users: [...population.students, ...teachers, ...staff, admin, ...contacts],
    unsharedStudents: population.unshared,
    teaching,
  }
}

function inventTeachers(workshop: Workshop, students: number): User[] {
  const { schools } = workshop
  const count = Math.max(schools.length, Math.ceil(students / studentsPerTeacher))
  return Array.from({ length: count }, (_, at) => schools[at % schools.length]).flatMap((school) =>
    school ? [inventTeacher(workshop, school)] : [],
  )
}

function assignTeachers(random: Random, students: readonly User[], teachers: readonly User[]): Links {
  const teaching = createIdLinks()
  const bySchool = Map.groupBy(teachers, (teacher) => teacher.roles.teacher?.school ?? '')
  for (const student of students) {
    const colleagues = bySchool.get(student.roles.student?.school ?? '') ?? teachers
    teaching.link(random.pick(colleagues).id, student.id)
    if (random.chance(0.5)) teaching.link(random.pick(colleagues).id, student.id)
  }
  return teaching
}
