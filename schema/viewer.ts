import type { Privilege as PrivilegeName } from '../src/access/policy.ts'
import type { Principal } from '../src/access/principal.ts'
import type { UserId } from '../src/clever/ids.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { findContact } from '../src/view/contacts.ts'
import { ownPrivileges } from '../src/view/own-privileges.ts'
import { ownRecord } from '../src/view/own-record.ts'
import { findStudent, ownStudentIds } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { builder, PII } from './builder.ts'
import { Contact } from './contact.ts'
import { ContactPrivilege } from './privilege.ts'
import { Student } from './student.ts'

const KINDS = {
  SERVICE: 'A machine, with scopes.',
  GUARDIAN: 'Somebody who is one or more contacts.',
  STAFF: 'A teacher, school staff or district administrator.',
  STUDENT: 'A student in person.',
} as const

const ContactsViewerKind = builder.enumType('ContactsViewerKind', {
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

const ContactsViewerStudent = builder.objectRef<OwnStudent>('ContactsViewerStudent').implement({
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
      type: [ContactPrivilege],
      description: 'What the viewer may do concerning this student.',
    }),
  }),
})

const ContactsViewer = builder.objectRef<Principal>('ContactsViewer').implement({
  description: 'Whoever asks.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ContactsViewerKind, description: 'What kind of viewer this is.' }),
    id: t.id({
      nullable: true,
      description:
        "Clever's v3 id of the viewer's own record; of a guardian with several contact records, of the first of `contacts`. Null if the token speaks for a service, or if Clever has no such record in the role of the token. Cost: as `contacts`.",
      resolve: (_viewer, _args, view) => ownRecord(view)?.id,
    }),
    displayName: t.string({
      nullable: true,
      directives: PII,
      description:
        "The name to show, of the viewer's own record. Null as `id` is, or if the record has no name.",
      resolve: (_viewer, _args, view) => ownRecord(view)?.displayName,
    }),
    contacts: t.field({
      type: [Contact],
      nullable: { list: true, items: true },
      description: 'The contacts that a guardian is; nobody for anyone else.',
      resolve: (viewer, _args, view) => ownContacts(viewer, view),
    }),
    students: t.field({
      type: [ContactsViewerStudent],
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

builder.queryField('contactsViewer', (t) =>
  t.field({
    type: ContactsViewer,
    nullable: true,
    description: 'Whoever asks.',
    resolve: (_query, _args, { request }) => request.asker.principal,
  }),
)
