import type { Reader, VisibleRelationship } from '../src/access/reader.ts'
import { parseUserId } from '../src/clever/ids.ts'
import type { GatewayContext } from '../src/context.ts'
import { idsIn } from '../src/loaders/relationships.ts'
import { type MaybePromise, run, type Steps, wait } from '../src/maybe-promise.ts'
import { inferEntry } from '../src/quality/inference.ts'
import { AUTHENTICATED, builder, KEYS, requiresScopes } from './builder.ts'
import { Contact } from './contact.ts'
import { districtArgument, parseWhere } from './district.ts'
import { Relationship, RelationshipType } from './enums.ts'
import { Privilege } from './privilege.ts'
import { Student } from './student.ts'

export const StudentRelationship = builder.objectRef<VisibleRelationship>('StudentRelationship')

StudentRelationship.implement({
  description:
    'What one contact is to one student. The same pair may have several, where the district lists the contact more than once.',
  directives: [...KEYS, AUTHENTICATED, requiresScopes('contacts:read', 'contacts:own')],
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Comes from the contact, the student and what is said of the two; opaque.',
    }),
    districtId: t.id({
      description: 'The district of both. Costs no call.',
      resolve: ({ contact }) => contact.record.districtId,
    }),
    contactId: t.id({
      description: "Clever's v3 id of the contact.",
      resolve: ({ contact }) => contact.record.id,
    }),
    contact: t.expose('contact', { type: Contact, description: 'The contact.' }),
    studentId: t.id({
      description: "Clever's v3 id of the student, also of one who is not shared. Costs no call.",
      resolve: ({ entry }) => entry.studentId,
    }),
    student: t.field({
      type: Student,
      nullable: true,
      description: 'The student; null for one who is not shared with this application.',
      resolve: ({ contact, entry }, _args, { reader }) =>
        reader.student({ id: entry.studentId, districtId: contact.record.districtId }),
    }),
    relationship: t.field({
      type: Relationship,
      description: 'What the contact is to the student.',
      resolve: ({ entry }) => inferEntry(entry).relationship.value,
    }),
    relationshipIsInferred: t.boolean({
      description:
        'Whether this is what the words of the district commonly mean, and not a word that Clever documents. Gives no privilege, unless the policy says that inferred words do.',
      resolve: ({ entry }) => inferEntry(entry).relationship.isInferred,
    }),
    relationshipRaw: t.string({
      nullable: true,
      description: 'The relationship in the words of the district.',
      resolve: ({ entry }) => entry.relationship.raw,
    }),
    type: t.field({
      type: RelationshipType,
      description: 'In which capacity the contact is listed.',
      resolve: ({ entry }) => inferEntry(entry).type.value,
    }),
    typeIsInferred: t.boolean({
      description: 'The same of the type.',
      resolve: ({ entry }) => inferEntry(entry).type.isInferred,
    }),
    typeRaw: t.string({
      nullable: true,
      description: 'The type in the words of the district.',
      resolve: ({ entry }) => entry.type.raw,
    }),
    privileges: t.field({
      type: [Privilege],
      nullable: true,
      description:
        'What this entry gives the contact concerning the student, by the policy, minus what overrides deny. As of now: null, with an error, when Clever cannot be asked.',
      resolve: (relationship, _args, { reader }) => reader.privileges(relationship),
    }),
  }),
})

/** Undefined for an id whose contact, student or entry is no more, or may not be seen. Throws what the reader throws. */
export function readRelationship(
  key: { readonly id: string; readonly districtId?: string | null | undefined },
  { reader }: GatewayContext,
): MaybePromise<VisibleRelationship | undefined> {
  return run(findRelationship(key, reader))
}

function* findRelationship(
  { id, districtId }: Parameters<typeof readRelationship>[0],
  reader: Reader,
): Steps<VisibleRelationship | undefined> {
  const ids = idsIn(id)
  const contact = ids && parseWhere({ id: ids.contactId, districtId })
  if (ids === undefined || contact === undefined) return undefined
  const relationships = yield* wait(reader.relationshipsBetween(contact, ids.studentId))
  return relationships.find((relationship) => relationship.id === id)
}

builder.queryField('studentRelationships', (t) =>
  t.field({
    type: [StudentRelationship],
    nullable: true,
    description:
      'What this contact is to this student: empty when they have nothing to do with each other, or when you may not see it.',
    args: {
      contactId: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      studentId: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, { contactId, studentId, districtId }, { reader }) => {
      const student = parseUserId(studentId)
      const contact = parseWhere({ id: contactId, districtId })
      return student === undefined || contact === undefined
        ? []
        : reader.relationshipsBetween(contact, student)
    },
  }),
)
