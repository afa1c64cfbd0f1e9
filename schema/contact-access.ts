import type { AccessReason, Decision } from '../src/access/decide.ts'
import { parseUserId } from '../src/model/ids.ts'
import { decideForPair } from '../src/view/contacts.ts'
import { builder } from './builder.ts'
import { ContactPrivilege } from './contact-privilege.ts'
import { districtArgument, parseWhere } from './district.ts'

const REASONS: Readonly<Record<AccessReason, string>> = {
  RELATIONSHIP: 'A relationship of the pair grants the privilege.',
  INFERRED_RELATIONSHIP:
    'A relationship of the pair grants the privilege by the inferred meaning of its words, not by the words as written.',
  OVERRIDE_GRANTS: 'An override grants the privilege to the pair.',
  OVERRIDE_DENIES: 'An override denies the privilege to the pair. A denial always wins.',
  COLLISION_RISK:
    'A relationship would grant the privilege, but the contact may be two people with the same name.',
  RESTRICTION_NOTE:
    'A restriction note, such as "NO CONTACT", withholds every privilege. It is in a relationship of the pair, or in the name, phone or e-mail of the contact.',
  POLICY_GRANTS_NOTHING: 'The pair has a relationship, but the policy does not grant the privilege for it.',
  NO_RELATIONSHIP: 'The pair has no relationship, or the viewer may not see it.',
  ROLE: 'The role at the school or district grants the privilege.',
  SCOPE: 'The scopes of the service grant the privilege, or lack it.',
  NOT_OWN_STUDENT: 'The student is not one of those that the role covers.',
  STALE_FACTS: 'The records that the decision rests on are too old.',
}

const ContactAccessReason = builder.enumType('ContactAccessReason', {
  description: 'The reason for a decision.',
  values: Object.fromEntries(
    Object.entries(REASONS).map(([name, description]) => [
      name,
      { value: name as AccessReason, description },
    ]),
  ),
})

const ContactAccess = builder.objectRef<Decision>('ContactAccess').implement({
  description: 'A decision about a contact, a student and a privilege, with its reason.',
  fields: (t) => ({
    allowed: t.exposeBoolean('allowed', { description: 'Whether the contact has the privilege.' }),
    reason: t.expose('reason', { type: ContactAccessReason, description: 'The reason for the decision.' }),
  }),
})

builder.queryField('contactAccess', (t) =>
  t.field({
    type: ContactAccess,
    nullable: true,
    description:
      'The decision about this contact, this student and this privilege. It rests on all relationships of the pair and on the overrides. Null, with an error, if Clever cannot be read. Cost: one call if the record is too old for a decision; without `districtId`, one call for each district.',
    args: {
      contactId: t.arg.id({ required: true, description: "Clever's v3 id of the contact." }),
      studentId: t.arg.id({ required: true, description: "Clever's v3 id of the student." }),
      privilege: t.arg({ type: ContactPrivilege, required: true, description: 'The privilege.' }),
      districtId: t.arg.id(districtArgument),
    },
    resolve: (_query, { contactId, studentId, privilege, districtId }, view) => {
      const student = parseUserId(studentId)
      const contact = parseWhere({ id: contactId, districtId })
      if (student === undefined || contact === undefined)
        return { allowed: false, reason: 'NO_RELATIONSHIP' as const }
      return decideForPair(view, contact, student, privilege)
    },
  }),
)
