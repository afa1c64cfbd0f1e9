import type { UserId } from '../src/model/ids.ts'
import type { Role } from '../src/model/ranges.ts'
import type { ContactNode } from '../src/view/contact-node.ts'
import { CONTACTS, STUDENTS } from '../src/view/lists.ts'
import type { NodeOf, RecordTest } from '../src/view/scan.ts'
import type { StudentNode } from '../src/view/student-node.ts'
import { findStudent } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { disclose } from '../src/view/visible.ts'
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
  description: "The id of a record in Clever's v2 API, with its id in v3.",
  fields: (t) => ({
    legacyId: t.exposeID('legacyId', { directives: PII, description: "The id in Clever's v2 API." }),
    currentId: t.exposeID('currentId', { description: "The id in Clever's v3 API." }),
    districtId: t.exposeID('districtId', { description: 'The id of the district.' }),
  }),
})

const CleverLegacyIdRole = builder.enumType('CleverLegacyIdRole', {
  description: 'The role of the records in a list of ids.',
  values: {
    CONTACT: { description: 'The contacts. In v3 they have other ids than in v2.' },
    STUDENT: { description: 'The students. Most kept their id.' },
  } as const,
})

const hasLegacyId = byNode<'contact'>('has a legacy id', ({ legacyId }) => legacyId !== undefined)

function byNode<R extends Role>(key: string, passes: (node: NodeOf<R>) => boolean): RecordTest<R> {
  return { key, neededRoles: [], disclosesMatches: false, matches: (_view, node) => passes(node) }
}

/** A record without a legacy id kept its id. */
function entryOf({ id, legacyId = id, districtId }: ContactNode | StudentNode): LegacyIdEntry {
  return { legacyId, currentId: id, districtId }
}

interface Wanted {
  readonly legacyId: string
  readonly districtId?: string | null | undefined
}

/** Throws BAD_USER_INPUT, AMBIGUOUS_ID and the errors of the view. */
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
        'The contact that had this id in v2. Clever cannot look it up, so the gateway searches the contacts of the district. Null if there is none, or if the viewer may not see it. Cost: one call for each 10,000 contacts that are not in the store.',
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
        'The student who had this id in v2. Null if there is none, or if the viewer may not see the student. Cost: one call for a student who kept the id, as most did; for others, one call for each 10,000 students that are not in the store.',
      complexity: { field: SCAN_COMPLEXITY },
      args,
      resolve: (_query, wanted, view) => findStudentByLegacyId(view, wanted),
    }),
    cleverLegacyIds: t.field({
      type: CleverLegacyIdConnection,
      nullable: true,
      description:
        'The v2 ids of contacts or students, with their v3 ids. The order is by v3 id. The list is for applications that store v2 ids. Null if the viewer cannot reach the district, or, with an error, if Clever cannot be read. Cost: one call for each 10,000 records that are not in the store.',
      complexity: (args) => ({ field: SCAN_COMPLEXITY, multiplier: pageSize(args, LARGEST_PAGE) / 10 }),
      args: {
        role: t.arg({
          type: CleverLegacyIdRole,
          defaultValue: 'CONTACT',
          description: 'The role of the records.',
        }),
        districtId: t.arg.id({
          description: 'The id of the district. Optional, unless the viewer may see several whole districts.',
        }),
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
