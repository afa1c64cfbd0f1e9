import { parseUserId } from '../src/model/ids.ts'
import { idsIn } from '../src/model/relationship-ids.ts'
import { privilegesOfRelationship, relationshipsBetween } from '../src/view/contacts.ts'
import type { RelationshipNode } from '../src/view/relationship-node.ts'
import { studentOf } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { builder, KEYS, PII } from './builder.ts'
import { Contact } from './contact.ts'
import { ContactPrivilege } from './contact-privilege.ts'
import { districtArgument, parseWhere } from './district.ts'
import { RelationshipToStudent, StudentRelationshipType } from './enums.ts'
import { Student } from './student.ts'

export const StudentRelationship = builder.objectRef<RelationshipNode>('StudentRelationship')

StudentRelationship.implement({
  description:
    'A relationship of one contact to one student. A pair has several if the district lists the contact more than once. In a supergraph, every field but `id` is null if the record does not exist, or if the viewer may not see it.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', {
      description:
        'The id of the relationship, made from the contact, the student and the words of the entry. It is opaque.',
    }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The id of the district of the pair. Cost: none.',
    }),
    contactId: t.exposeID('contactId', {
      nullable: true,
      description: "Clever's v3 id of the contact. Cost: none.",
    }),
    contact: t.expose('contact', { nullable: true, type: Contact, description: 'The contact. Cost: none.' }),
    studentId: t.exposeID('studentId', {
      nullable: true,
      description:
        "Clever's v3 id of the student, even if the district does not share the student. Cost: none.",
    }),
    student: t.field({
      type: Student,
      nullable: true,
      description:
        'The student. Null if the district does not share the student with this application. Cost: one call for each student, and fewer for many students.',
      resolve: (relationship, _args, view) => studentOf(view, relationship),
    }),
    relationship: t.expose('relationship', {
      nullable: true,
      type: RelationshipToStudent,
      description: 'The relationship of the contact to the student.',
    }),
    relationshipIsInferred: t.exposeBoolean('relationshipIsInferred', {
      nullable: true,
      description:
        "Whether the relationship is the common meaning of the district's words, rather than a word that Clever documents. An inferred word grants no privilege unless the policy says so.",
    }),
    relationshipRaw: t.exposeString('relationshipRaw', {
      directives: PII,
      nullable: true,
      description: 'The relationship as the district wrote it. Null if there is none.',
    }),
    type: t.expose('type', {
      nullable: true,
      type: StudentRelationshipType,
      description: 'The reason why the contact is listed.',
    }),
    typeIsInferred: t.exposeBoolean('typeIsInferred', {
      nullable: true,
      description:
        "Whether the type is the common meaning of the district's words, rather than a word that Clever documents. An inferred word grants no privilege unless the policy says so.",
    }),
    typeRaw: t.exposeString('typeRaw', {
      directives: PII,
      nullable: true,
      description: 'The type as the district wrote it. Null if there is none.',
    }),
    privileges: t.field({
      type: [ContactPrivilege],
      nullable: true,
      description:
        'The privileges that this relationship grants to the contact by the policy, minus what overrides deny. Null, with an error, if Clever cannot be read. Cost: one call for each contact whose record is too old for a decision.',
      resolve: (relationship, _args, view) => privilegesOfRelationship(view, relationship),
    }),
  }),
})

/**
 * Undefined for an id whose contact, student or entry is gone, or may not be seen. Throws the errors of the
 * view.
 */
export function readRelationship(
  { id, districtId }: { readonly id: string; readonly districtId?: string | null | undefined },
  view: View,
): RelationshipNode | undefined {
  const ids = idsIn(id)
  const contact = ids && parseWhere({ id: ids.contactId, districtId })
  if (ids === undefined || contact === undefined) return undefined
  return relationshipsBetween(view, contact, ids.studentId).find((relationship) => relationship.id === id)
}

builder.queryField('studentRelationships', (t) =>
  t.field({
    type: [StudentRelationship],
    nullable: { list: true, items: true },
    description:
      'The relationships of this contact to this student. The list is empty if there is none, or if the viewer may not see it. Null, with an error, if Clever cannot be read. Cost: one call, or none if the store has the record; without `districtId`, one call for each district.',
    args: {
      contactId: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      studentId: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, { contactId, studentId, districtId }, view) => {
      const student = parseUserId(studentId)
      const contact = parseWhere({ id: contactId, districtId })
      return student === undefined || contact === undefined
        ? []
        : relationshipsBetween(view, contact, student)
    },
  }),
)
