import type { Privilege as PrivilegeName } from '../src/access/policy.ts'
import type { Principal } from '../src/access/principal.ts'
import type { UserId } from '../src/model/ids.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { findContact } from '../src/view/contacts.ts'
import { ownPrivileges } from '../src/view/own-privileges.ts'
import { ownRecord } from '../src/view/own-record.ts'
import { findStudent, ownStudentIds } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { builder, PII } from './builder.ts'
import { Contact } from './contact.ts'
import { ContactPrivilege } from './contact-privilege.ts'
import { Student } from './student.ts'

const KINDS = {
  SERVICE: 'A program, with scopes.',
  GUARDIAN: 'A person who is one or more contacts.',
  STAFF: 'A teacher, school staff member or district administrator.',
  STUDENT: 'A student.',
} as const

const ContactsViewerKind = builder.enumType('ContactsViewerKind', {
  description: 'The kind of a viewer.',
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
  description: 'A student of the viewer, with the privileges of the viewer.',
  fields: (t) => ({
    studentId: t.exposeID('studentId', { description: "Clever's v3 id of the student. Cost: none." }),
    student: t.field({
      type: Student,
      nullable: true,
      description:
        'The student. Null if the district does not share the student with this application. Cost: one call for each student, and fewer for many students.',
      resolve: ({ studentId }, _args, view) => findStudent(view, { id: studentId }),
    }),
    privileges: t.expose('privileges', {
      type: [ContactPrivilege],
      description: 'The privileges of the viewer for this student.',
    }),
  }),
})

const ContactsViewer = builder.objectRef<Principal>('ContactsViewer').implement({
  description: 'The service or person that the token of the request names.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ContactsViewerKind, description: 'The kind of the viewer.' }),
    id: t.id({
      nullable: true,
      description:
        "Clever's v3 id of the viewer's own record. For a guardian with several contact records, it is the id of the first one in `contacts`. Null if the viewer is a service, or if Clever has no such record in the role of the token. Cost: one call if the record is too old for a decision.",
      resolve: (_viewer, _args, view) => ownRecord(view)?.id,
    }),
    displayName: t.string({
      nullable: true,
      directives: PII,
      description:
        "The name of the viewer's own record, for display. Null if `id` is null, or if the record has no name. Cost: as for `id`.",
      resolve: (_viewer, _args, view) => ownRecord(view)?.displayName,
    }),
    contacts: t.field({
      type: [Contact],
      nullable: { list: true, items: true },
      description:
        'The contact records of a guardian. The list is empty for every other viewer. Null, with an error, if Clever cannot be read. Cost: one call for each record that is too old for a decision.',
      resolve: (viewer, _args, view) => ownContacts(viewer, view),
    }),
    students: t.field({
      type: [ContactsViewerStudent],
      nullable: true,
      description:
        'The students of the viewer, at most 200. Null if the viewer may see a whole district: use `Query.students`. Cost: the calls that show which students these are.',
      resolve: (_viewer, _args, view) => ownStudents(view),
    }),
  }),
})

const MAX_STUDENTS = 200

function ownContacts(viewer: Principal, view: View): readonly ContactNode[] {
  const ids = viewer.kind === 'GUARDIAN' ? viewer.contactIds : []
  return ids.map((id) => findContact(view, { id })).filter((contact) => contact !== undefined)
}

function ownStudents(view: View): readonly OwnStudent[] | undefined {
  if (view.viewer.seesWholeDistrict) return undefined
  const own = ownStudentIds(view).slice(0, MAX_STUDENTS)
  return own.map((studentId) => ({ studentId, privileges: ownPrivileges(view, studentId) }))
}

builder.queryField('contactsViewer', (t) =>
  t.field({
    type: ContactsViewer,
    nullable: true,
    description: 'The viewer of this request. Cost: none.',
    resolve: (_query, _args, { request }) => request.context.principal,
  }),
)
