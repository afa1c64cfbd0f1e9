import { parseUserId } from '../src/clever/ids.ts'
import type { GatewayContext } from '../src/context.ts'
import {
  contactIdIn,
  type RelationshipRecord,
  relationshipsBetween,
  relationshipsOf,
} from '../src/loaders/relationships.ts'
import { builder, keyedInDistrict } from './builder.ts'
import { Contact, readContact } from './contact.ts'
import { districtArgument } from './district.ts'
import { Relationship, RelationshipType } from './enums.ts'
import { Student } from './student.ts'

export const StudentRelationship = builder.objectRef<RelationshipRecord>('StudentRelationship')

StudentRelationship.implement({
  description:
    'What one contact is to one student. The same pair may have several, where the district lists the contact more than once.',
  directives: keyedInDistrict,
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Comes from the contact, the student and what is said of the two; opaque.',
    }),
    districtId: t.id({
      description: 'The district of both. Costs no call.',
      resolve: ({ contact }) => contact.districtId,
    }),
    contactId: t.id({ description: "Clever's v3 id of the contact.", resolve: ({ contact }) => contact.id }),
    contact: t.expose('contact', { type: Contact, description: 'The contact.' }),
    studentId: t.id({
      description: "Clever's v3 id of the student, also of one who is not shared. Costs no call.",
      resolve: ({ entry }) => entry.studentId,
    }),
    student: t.field({
      type: Student,
      nullable: true,
      description: 'The student; null for one who is not shared with this application.',
      resolve: async ({ contact, entry }, _args, { loaders }) =>
        (await loaders.user(entry.studentId, contact.districtId))?.student,
    }),
    relationship: t.field({
      type: Relationship,
      description: 'What the contact is to the student.',
      resolve: ({ entry }) => entry.relationship.value,
    }),
    relationshipRaw: t.string({
      nullable: true,
      description: 'The relationship in the words of the district.',
      resolve: ({ entry }) => entry.relationship.raw,
    }),
    type: t.field({
      type: RelationshipType,
      description: 'In which capacity the contact is listed.',
      resolve: ({ entry }) => entry.type.value,
    }),
    typeRaw: t.string({
      nullable: true,
      description: 'The type in the words of the district.',
      resolve: ({ entry }) => entry.type.raw,
    }),
  }),
})

/** Undefined for an id whose contact, student or entry is no more. Throws the CleverErrors. */
export async function readRelationship(
  { id, districtId }: { readonly id: string; readonly districtId?: string | null | undefined },
  context: GatewayContext,
): Promise<RelationshipRecord | undefined> {
  const contactId = contactIdIn(id)
  const contact = contactId && (await readContact({ id: contactId, districtId }, context))
  return contact && relationshipsOf(contact).find((relationship) => relationship.id === id)
}

builder.queryField('studentRelationships', (t) =>
  t.field({
    type: [StudentRelationship],
    nullable: true,
    description:
      'What this contact is to this student: empty when they have nothing to do with each other, or either does not exist.',
    args: {
      contactId: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      studentId: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: async (_query, { contactId, studentId, districtId }, context) => {
      const student = parseUserId(studentId)
      if (student === undefined) return []
      const contact = await readContact({ id: contactId, districtId }, context)
      return contact === undefined ? [] : relationshipsBetween(contact, student)
    },
  }),
)
