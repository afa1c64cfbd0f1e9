import type { AccessReason, Decision } from '../src/access/decide.ts'
import { parseUserId } from '../src/clever/ids.ts'
import { decideForPair } from '../src/view/contacts.ts'
import { builder } from './builder.ts'
import { districtArgument, parseWhere } from './district.ts'
import { ContactPrivilege } from './privilege.ts'

const REASONS: Readonly<Record<AccessReason, string>> = {
  RELATIONSHIP: 'An entry of this very pair gives the privilege.',
  INFERRED_RELATIONSHIP:
    'An entry of this very pair gives it, by what its words are inferred to say and not as they are written.',
  OVERRIDE_GRANTS: 'An override gives it to the pair.',
  OVERRIDE_DENIES: 'An override takes it from the pair. It always wins.',
  COLLISION_RISK: 'An entry would give it, but the contact may be two people of one name.',
  RESTRICTION_NOTE:
    'A restriction note, such as "NO CONTACT", in an entry of the pair or in the name, phone or e-mail of the contact withholds every privilege.',
  POLICY_GRANTS_NOTHING: 'There is a relationship, but it does not give the privilege.',
  NO_RELATIONSHIP: 'The two have nothing to do with each other, or you may not see it.',
  ROLE: 'A role at the school or district gives it.',
  SCOPE: 'The scopes of a service give it, or lack it.',
  NOT_OWN_STUDENT: 'The student is none of those that the role is about.',
  STALE_FACTS: 'What the decision rests on is too old.',
}

const ContactAccessReason = builder.enumType('ContactAccessReason', {
  description: 'Why something is allowed or not.',
  values: Object.fromEntries(
    Object.entries(REASONS).map(([name, description]) => [
      name,
      { value: name as AccessReason, description },
    ]),
  ),
})

const ContactAccess = builder.objectRef<Decision>('ContactAccess').implement({
  description: 'Whether a contact may do something concerning a student, and why.',
  fields: (t) => ({
    allowed: t.exposeBoolean('allowed', { description: 'Whether it is allowed.' }),
    reason: t.expose('reason', { type: ContactAccessReason, description: 'Why.' }),
  }),
})

builder.queryField('contactAccess', (t) =>
  t.field({
    type: ContactAccess,
    nullable: true,
    description:
      'Whether this contact has this privilege concerning this student: all their relationships together, minus what overrides deny.',
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
