import { ID_BASES, type IdBasis, type Identity } from '../src/quality/identity.ts'
import { WARNINGS, type Warning, type WarningCode } from '../src/quality/warnings.ts'
import { builder } from './builder.ts'

const ContactIdBasis = builder.enumType('ContactIdBasis', {
  description: "What Clever derives a contact's id from.",
  values: Object.fromEntries(
    Object.entries(ID_BASES).map(([name, description]) => [name, { value: name as IdBasis, description }]),
  ),
})

export const ContactIdentity = builder.objectRef<Identity>('ContactIdentity').implement({
  description: 'How far the id of a contact can be relied on, by the rules that Clever documents.',
  fields: (t) => ({
    basis: t.expose('basis', { type: ContactIdBasis, description: 'What the id comes from.' }),
    isStable: t.exposeBoolean('isStable', {
      description: 'Whether the id outlives a corrected name, e-mail or phone.',
    }),
    collisionRisk: t.exposeBoolean('collisionRisk', {
      description: 'Whether this may be two people of one name, related to different students.',
    }),
  }),
})

export const ContactDataWarningCode = builder.enumType('ContactDataWarningCode', {
  description: 'What may be wrong with the data of a contact.',
  values: Object.fromEntries(
    Object.entries(WARNINGS).map(([name, { description }]) => [
      name,
      { value: name as WarningCode, description },
    ]),
  ),
})

export const ContactDataWarning = builder.objectRef<Warning>('ContactDataWarning').implement({
  description: 'Something that may be wrong with the data of a contact, for the district to mend.',
  fields: (t) => ({
    code: t.expose('code', { type: ContactDataWarningCode, description: 'What it is.' }),
    field: t.exposeString('field', { nullable: true, description: 'Where, as a path from the contact.' }),
    message: t.exposeString('message', { description: 'The same in English; says nothing of anybody.' }),
  }),
})
