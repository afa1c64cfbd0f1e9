import type { School, User } from '../roster/records.ts'
import { plain } from './mailboxes.ts'
import { inventFamilyNames, inventGender } from './names.ts'
import { createdAt } from './students.ts'
import type { Workshop } from './workshop.ts'

const subjects = [
  'Mathematics',
  'English',
  'Science',
  'Social Studies',
  'Arts',
  'Music',
  'Physical Education',
]
const offices = ['Registrar', 'Counselor', 'Principal', 'Nurse', 'Attendance Clerk']

export function inventTeacher(workshop: Workshop, school: School): User {
  const { random } = workshop
  const person = inventEmployee(workshop)
  return {
    ...person.user,
    roles: {
      teacher: {
        credentials: { district_username: person.username },
        ext: {},
        legacy_id: workshop.nextId(),
        school: school.id,
        schools: [school.id],
        sis_id: random.digits(4),
        state_id: random.digits(9),
        teacher_number: random.digits(6),
        title: `${random.pick(subjects)} Teacher`,
      },
    },
  }
}

export function inventStaff(workshop: Workshop, school: School): User {
  const { random } = workshop
  const person = inventEmployee(workshop)
  return {
    ...person.user,
    roles: {
      staff: {
        credentials: { district_username: person.username },
        department: 'Office',
        legacy_id: workshop.nextId(),
        roles: [],
        schools: [school.id],
        staff_id: random.digits(5),
        title: random.pick(offices),
      },
    },
  }
}

export function inventDistrictAdmin(workshop: Workshop): User {
  const { user } = inventEmployee(workshop)
  return { ...user, roles: { district_admin: { title: 'Data Manager', legacy_id: workshop.nextId() } } }
}

function inventEmployee({ random, nextId, mailboxes, districtId, modified }: Workshop) {
  const names = inventFamilyNames(random)
  const given = names.given(inventGender(random))
  const id = nextId()
  return {
    username: `${plain(given)}_${plain(names.family)}`,
    user: {
      created: createdAt(id, random),
      district: districtId,
      email: mailboxes(given, names.family),
      last_modified: modified,
      name: { first: given, last: names.family },
      id,
    },
  }
}
