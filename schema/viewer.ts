import type { Privilege as PrivilegeName } from '../src/access/policy.ts'
import type { Principal } from '../src/access/principal.ts'
import type { UserId } from '../src/clever/ids.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { findContact } from '../src/view/contacts.ts'
import { ownPrivileges } from '../src/view/own-privileges.ts'
import { findStudent, ownStudentIds } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { AUTHENTICATED, builder } from './builder.ts'
import { Contact } from './contact.ts'
import { Privilege } from './privilege.ts'
import { Student } from './student.ts'

const KINDS = {
  SERVICE: 'A machine, with scopes.',
  GUARDIAN: 'Somebody who is one or more contacts.',
  STAFF: 'A teacher, school staff or district administrator.',
  STUDENT: 'A student in person.',
} as const

const ViewerKind = builder.enumType('ViewerKind', {
  description: 'What kind of viewer a token speaks for.',
  values: Object.fromEntries(
    Object.entries(KINDS).map(([kind, description]) => [
      kind,
      { value: kind as Principal['kind'], description },
    ]),
  ),
})

interface OwnStudent {
  readonly studentId: UserId
  readonly privileges: readonly PrivilegeName[]
}

const ViewerStudent = builder.objectRef<OwnStudent>('ViewerStudent').implement({
  description: 'A student of the viewer, and what the viewer may do concerning that student.',
  fields: (t) => ({
    studentId: t.exposeID('studentId', { description: "Clever's v3 id of the student. Costs no call." }),
    student: t.field({
      type: Student,
      nullable: true,
      description: 'The student; null for one who is not shared with this application.',
      resolve: ({ studentId }, _args, view) => findStudent(view, { id: studentId }),
    }),
    privileges: t.expose('privileges', {
      type: [Privilege],
      description: 'What the viewer may do concerning this student.',
    }),
  }),
})

const Viewer = builder.objectRef<Principal>('Viewer').implement({
  description: 'Whoever asks.',
  directives: [AUTHENTICATED],
  fields: (t) => ({
    kind: t.expose('kind', { type: ViewerKind, description: 'What kind of viewer this is.' }),
    contacts: t.field({
      type: [Contact],
      nullable: true,
      description: 'The contacts that a guardian is; nobody for anyone else.',
      resolve: (viewer, _args, view) => ownContacts(viewer, view),
    }),
    students: t.field({
      type: [ViewerStudent],
      nullable: true,
      description:
        "The viewer's own students, at most 200 of them; null for whoever sees a whole district: ask `students`.",
      resolve: (_viewer, _args, view) => ownStudents(view),
    }),
  }),
})

const MOST_STUDENTS = 200

function ownContacts(viewer: Principal, view: View): readonly ContactNode[] {
  const ids = viewer.kind === 'GUARDIAN' ? viewer.contactIds : []
  return ids.map((id) => findContact(view, { id })).filter((contact) => contact !== undefined)
}

function ownStudents(view: View): readonly OwnStudent[] | undefined {
  if (view.viewer.seesDistrict) return undefined
  const own = ownStudentIds(view).slice(0, MOST_STUDENTS)
  return own.map((studentId) => ({ studentId, privileges: ownPrivileges(view, studentId) }))
}

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'Whoever asks.',
    resolve: (_query, _args, { request }) => request.asker.principal,
  }),
)
