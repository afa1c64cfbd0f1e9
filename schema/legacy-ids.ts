import type { Reader, Test, VisibleContact } from '../src/access/reader.ts'
import type { StudentRecord } from '../src/clever/records.ts'
import type { GatewayContext } from '../src/context.ts'
import { run, type Steps, wait } from '../src/maybe-promise.ts'
import { AUTHENTICATED, builder, PII } from './builder.ts'
import { CONTACTS, Contact } from './contact.ts'
import { districtArgument, parseWhere } from './district.ts'
import { ambiguousId } from './errors.ts'
import { SCAN_COMPLEXITY } from './filters.ts'
import { type Listing, pageSize, readConnection } from './paging.ts'
import { STUDENTS, Student } from './student.ts'

interface LegacyIdEntry {
  readonly legacyId: string
  readonly id: string
  readonly districtId: string
}

const LegacyId = builder.objectRef<LegacyIdEntry>('LegacyId').implement({
  description: "What became of an id of Clever's v2 API.",
  directives: [AUTHENTICATED],
  fields: (t) => ({
    legacyId: t.exposeID('legacyId', { directives: PII, description: 'The id in v2.' }),
    id: t.exposeID('id', { description: 'The id in v3.' }),
    districtId: t.exposeID('districtId', { description: 'The district.' }),
  }),
})

const LegacyIdRole = builder.enumType('LegacyIdRole', {
  description: 'Whose ids to list.',
  values: {
    CONTACT: { description: 'Contacts: in v3 they have ids of their own.' },
    STUDENT: { description: 'Students: most kept the id that they had.' },
  } as const,
})

const hasLegacyId = byRecord<VisibleContact>(
  ({ record, detail }) => detail === 'FULL' && record.legacyId !== undefined,
)

/** Asks for nobody besides. */
function byRecord<Node>(passes: (node: Node) => boolean): Test<Node> {
  return { passes, asksFor: [] }
}

/** Of a contact that has one. */
function entryOfContact({ record: { id, legacyId = id, districtId } }: VisibleContact): LegacyIdEntry {
  return { legacyId, id, districtId }
}

/** Whoever kept the id does not say it twice. */
function entryOfStudent({ id, legacyId = id, districtId }: StudentRecord): LegacyIdEntry {
  return { legacyId, id, districtId }
}

interface Wanted {
  readonly legacyId: string
  readonly districtId?: string | null | undefined
}

/** Throws BAD_USER_INPUT, AMBIGUOUS_ID and what the reader throws. */
function* findOnly<Node>(
  listing: Listing<Node>,
  test: Test<Node>,
  { districtId }: Wanted,
  reader: Reader,
): Steps<Node | undefined> {
  const page = yield* wait(readConnection(listing, reader, { first: 1, districtId }, test))
  if (page?.pageInfo.hasNextPage) throw ambiguousId()
  return page?.edges[0]?.node
}

function* findStudent(wanted: Wanted, { reader }: GatewayContext): Steps<StudentRecord | undefined> {
  const where = parseWhere({ id: wanted.legacyId, districtId: wanted.districtId })
  const kept = where && (yield* wait(reader.student(where)))
  if (kept !== undefined) return kept
  const test = byRecord<StudentRecord>(({ legacyId }) => legacyId === wanted.legacyId)
  return yield* findOnly(STUDENTS, test, wanted, reader)
}

const LARGEST_PAGE = 1_000

builder.queryFields((t) => {
  const args = {
    legacyId: t.arg.id({ required: true, description: "The id in Clever's v2 API." }),
    districtId: t.arg.id(districtArgument),
  }
  return {
    contactByLegacyId: t.field({
      type: Contact,
      nullable: true,
      description:
        'The contact that had this id in v2. Null when there is none. Clever cannot be asked for it: the contacts of the district are known or read first, at a call for 10,000.',
      complexity: { field: SCAN_COMPLEXITY },
      args,
      resolve: (_query, wanted, { reader }) => {
        const test = byRecord<VisibleContact>(
          ({ record, detail }) => detail === 'FULL' && record.legacyId === wanted.legacyId,
        )
        return run(findOnly(CONTACTS, test, wanted, reader))
      },
    }),
    studentByLegacyId: t.field({
      type: Student,
      nullable: true,
      description:
        'The student who had this id in v2: most kept it, and are found by one look-up. Null when there is none.',
      complexity: { field: SCAN_COMPLEXITY },
      args,
      resolve: (_query, wanted, context) => run(findStudent(wanted, context)),
    }),
    legacyIdMap: t.connection(
      {
        type: LegacyId,
        nullable: true,
        description:
          'What became of the ids of v2, in the order of the new ids: for whoever has stored old ones. Of a district, or of those that you may see.',
        complexity: (args) => ({ field: SCAN_COMPLEXITY, multiplier: pageSize(args, LARGEST_PAGE) / 10 }),
        args: {
          role: t.arg({ type: LegacyIdRole, defaultValue: 'CONTACT', description: 'Whose ids to list.' }),
          districtId: t.arg.id({ description: 'The district; may be left out where there is only one.' }),
        },
        resolve: async (_query, args, { reader }) => {
          if (args.role === 'STUDENT') {
            const students = await readConnection({ ...STUDENTS, largest: LARGEST_PAGE }, reader, args)
            return students && mapNodes(students, entryOfStudent)
          }
          const listing = { ...CONTACTS, largest: LARGEST_PAGE }
          const contacts = await readConnection(listing, reader, args, hasLegacyId)
          return contacts && mapNodes(contacts, entryOfContact)
        },
      },
      { name: 'LegacyIdConnection', description: 'A page of ids.' },
      { name: 'LegacyIdEdge', description: 'An id on a page.' },
    ),
  }
})

type Connection<Node> = NonNullable<Awaited<ReturnType<typeof readConnection<Node>>>>

function mapNodes<Node, To>({ edges, ...rest }: Connection<Node>, to: (node: Node) => To) {
  return { ...rest, edges: edges.map(({ cursor, node }) => ({ cursor, node: to(node) })) }
}
