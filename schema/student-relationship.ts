import { parseUserId } from '../src/clever/ids.ts'
import { idsIn } from '../src/model/relationship-ids.ts'
import { privilegesOfRelationship, relationshipsBetween } from '../src/view/contacts.ts'
import type { RelationshipNode } from '../src/view/relationship-node.ts'
import { studentOf } from '../src/view/students.ts'
import type { View } from '../src/view/view.ts'
import { builder, KEYS, PII } from './builder.ts'
import { Contact } from './contact.ts'
import { districtArgument, parseWhere } from './district.ts'
import { RelationshipToStudent, StudentRelationshipType } from './enums.ts'
import { ContactPrivilege } from './privilege.ts'
import { Student } from './student.ts'

export const StudentRelationship = builder.objectRef<RelationshipNode>('StudentRelationship')

StudentRelationship.implement({
  description:
    'What one contact is to one student. The same pair may have several, where the district lists the contact more than once.',
  directives: KEYS,
  fields: (t) => ({
    id: t.exposeID('id', {
      description: 'Comes from the contact, the student and what is said of the two; opaque.',
    }),
    districtId: t.exposeID('districtId', {
      nullable: true,
      description: 'The district of both. Costs no call.',
    }),
    contactId: t.exposeID('contactId', { nullable: true, description: "Clever's v3 id of the contact." }),
    contact: t.expose('contact', { nullable: true, type: Contact, description: 'The contact.' }),
    studentId: t.exposeID('studentId', {
      nullable: true,
      description: "Clever's v3 id of the student, also of one who is not shared. Costs no call.",
    }),
    student: t.field({
      type: Student,
      nullable: true,
      description: 'The student; null for one who is not shared with this application.',
      resolve: (relationship, _args, view) => studentOf(view, relationship),
    }),
    relationship: t.expose('relationship', {
      nullable: true,
      type: RelationshipToStudent,
      description: 'What the contact is to the student.',
    }),
    relationshipIsInferred: t.exposeBoolean('relationshipIsInferred', {
      nullable: true,
      description:
        'Whether this is what the words of the district commonly mean, and not a word that Clever documents. Gives no privilege, unless the policy says that inferred words do.',
    }),
    relationshipRaw: t.exposeString('relationshipRaw', {
      directives: PII,
      nullable: true,
      description: 'The relationship in the words of the district.',
    }),
    type: t.expose('type', {
      nullable: true,
      type: StudentRelationshipType,
      description: 'In which capacity the contact is listed.',
    }),
    typeIsInferred: t.exposeBoolean('typeIsInferred', {
      nullable: true,
      description: 'The same of the type.',
    }),
    typeRaw: t.exposeString('typeRaw', {
      directives: PII,
      nullable: true,
      description: 'The type in the words of the district.',
    }),
    privileges: t.field({
      type: [ContactPrivilege],
      nullable: true,
      description:
        'What this entry gives the contact concerning the student, by the policy, minus what overrides deny. As of now: null, with an error, when Clever cannot be asked.',
      resolve: (relationship, _args, view) => privilegesOfRelationship(view, relationship),
    }),
  }),
})

/** Undefined for an id whose contact, student or entry is gone, or may not be seen. Throws what the view throws. */
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
      'What this contact is to this student: empty when they have nothing to do with each other, or when you may not see it.',
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
