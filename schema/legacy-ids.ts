import type { UserId } from '../src/clever/ids.ts'
import type { Role } from '../src/clever/ranges.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { CONTACTS, STUDENTS } from '../src/view/lists.ts'
import type { NodeOf, Test } from '../src/view/scan.ts'
import { disclose } from '../src/view/sight.ts'
import type { StudentNode } from '../src/view/student-node.ts'
import { findStudent } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { builder, PII } from './builder.ts'
import { connectionType, pagingArguments } from './connection.ts'
import { Contact } from './contact.ts'
import { districtArgument, parseWhere } from './district.ts'
import { ambiguousId } from './errors.ts'
import { SCAN_COMPLEXITY } from './filters.ts'
import { readConnection } from './lists.ts'
import { mapConnection, pageSize } from './paging.ts'
import { Student } from './student.ts'

interface LegacyIdEntry {
  readonly legacyId: string
  readonly currentId: UserId
  readonly districtId: string
}

const CleverLegacyId = builder.objectRef<LegacyIdEntry>('CleverLegacyId').implement({
  description: "What became of an id of Clever's v2 API.",
  fields: (t) => ({
    legacyId: t.exposeID('legacyId', { directives: PII, description: 'The id in v2.' }),
    currentId: t.exposeID('currentId', { description: 'The id in v3.' }),
    districtId: t.exposeID('districtId', { description: 'The district.' }),
  }),
})

const CleverLegacyIdRole = builder.enumType('CleverLegacyIdRole', {
  description: 'Whose ids to list.',
  values: {
    CONTACT: { description: 'Contacts: in v3 they have ids of their own.' },
    STUDENT: { description: 'Students: most kept the id that they had.' },
  } as const,
})

const hasLegacyId = byNode<'contact'>('has a legacy id', ({ legacyId }) => legacyId !== undefined)

function byNode<R extends Role>(key: string, passes: (node: NodeOf<R>) => boolean): Test<R> {
  return { key, asksFor: [], reveals: false, passes: (_view, node) => passes(node) }
}

/** A record that kept its id has no legacy id of its own. */
function entryOf({ id, legacyId = id, districtId }: ContactNode | StudentNode): LegacyIdEntry {
  return { legacyId, currentId: id, districtId }
}

interface Wanted {
  readonly legacyId: string
  readonly districtId?: string | null | undefined
}

/** Throws BAD_USER_INPUT, AMBIGUOUS_ID and what the view throws. */
function findOnly<R extends Role>(
  view: View,
  kind: Parameters<typeof readConnection<R>>[1],
  { legacyId, districtId }: Wanted,
): NodeOf<R> | undefined {
  const test = byNode<R>(`legacy id ${legacyId}`, (node) => node.legacyId === legacyId)
  const page = readConnection<R>(view, kind, { first: 1, districtId }, test)
  if (page?.pageInfo.hasNextPage) throw ambiguousId()
  return page?.nodes[0]
}

function findStudentByLegacyId(view: View, wanted: Wanted): StudentNode | undefined {
  const where = parseWhere({ id: wanted.legacyId, districtId: wanted.districtId })
  return (where && findStudent(view, where)) ?? findOnly<'student'>(view, STUDENTS, wanted)
}

const CleverLegacyIdConnection = connectionType(
  'CleverLegacyId',
  CleverLegacyId as never,
  'A page of ids.',
  'An id on a page.',
)

const LARGEST_PAGE = 1_000

builder.queryFields((t) => {
  const args = {
    legacyId: t.arg.id({ required: true, description: "The id in Clever's v2 API." }),
    districtId: t.arg.id(districtArgument),
  }
  return {
    contactByLegacyId: t.field({
      directives: PII,
      type: Contact,
      nullable: true,
      description:
        'The contact that had this id in v2. Null when there is none. Clever cannot be asked for it: the contacts of the district are known or read first, at a call for 10,000.',
      complexity: { field: SCAN_COMPLEXITY },
      args,
      resolve: (_query, wanted, view) => {
        const contact = findOnly<'contact'>(view, CONTACTS, wanted)
        return contact && disclose(view, contact)
      },
    }),
    studentByLegacyId: t.field({
      directives: PII,
      type: Student,
      nullable: true,
      description:
        'The student who had this id in v2: most kept it, and are found by one look-up. Null when there is none.',
      complexity: { field: SCAN_COMPLEXITY },
      args,
      resolve: (_query, wanted, view) => findStudentByLegacyId(view, wanted),
    }),
    cleverLegacyIds: t.field({
      type: CleverLegacyIdConnection,
      nullable: true,
      description:
        'What became of the ids of v2, in the order of the new ids: for applications that have stored v2 ids. Of a district, or of the records that you may see.',
      complexity: (args) => ({ field: SCAN_COMPLEXITY, multiplier: pageSize(args, LARGEST_PAGE) / 10 }),
      args: {
        role: t.arg({ type: CleverLegacyIdRole, defaultValue: 'CONTACT', description: 'Whose ids to list.' }),
        districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
        ...pagingArguments,
      },
      resolve: (_query, args, view) => {
        const page =
          args.role === 'STUDENT'
            ? readConnection<'student'>(view, STUDENTS, args, undefined, LARGEST_PAGE)
            : readConnection<'contact'>(view, CONTACTS, args, hasLegacyId, LARGEST_PAGE)
        return page && mapConnection<ContactNode | StudentNode, LegacyIdEntry>(page, entryOf)
      },
    }),
  }
})
