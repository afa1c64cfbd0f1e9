import type { Privilege as PrivilegeName } from '../src/access/policy.ts'
import type { Principal } from '../src/access/principal.ts'
import type { Reader, VisibleContact } from '../src/access/reader.ts'
import type { UserId } from '../src/clever/ids.ts'
import { all, run, type Steps, wait } from '../src/maybe-promise.ts'
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
      resolve: ({ studentId }, _args, { reader }) => reader.student({ id: studentId }),
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
      resolve: (viewer, _args, { reader }) => run(ownContacts(viewer, reader)),
    }),
    students: t.field({
      type: [ViewerStudent],
      nullable: true,
      description:
        "The viewer's own students, at most 200 of them; null for whoever sees a whole district: ask `students`.",
      resolve: (_viewer, _args, { reader }) => run(ownStudents(reader)),
    }),
  }),
})

const MOST_STUDENTS = 200

function* ownContacts(viewer: Principal, reader: Reader): Steps<readonly VisibleContact[]> {
  const ids = viewer.kind === 'GUARDIAN' ? viewer.contactIds : []
  const contacts = yield* wait(all(ids.map((id) => reader.contact({ id }))))
  return contacts.filter((contact) => contact !== undefined)
}

function* ownStudents(reader: Reader): Steps<readonly OwnStudent[] | undefined> {
  const ids = yield* wait(reader.ownStudents())
  if (ids === 'EVERY') return undefined
  const own = ids.slice(0, MOST_STUDENTS)
  const privileges = yield* wait(all(own.map(reader.ownPrivileges)))
  return own.map((studentId, i) => ({ studentId, privileges: privileges[i] ?? [] }))
}

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'Whoever asks.',
    resolve: (_query, _args, { principal }) => principal,
  }),
)
