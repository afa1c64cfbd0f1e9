import { ID_BASES, type IdBasis, type Identity } from '../src/quality/identity.ts'
import { WARNINGS, type Warning, type WarningCode } from '../src/quality/warnings.ts'
import { builder } from './builder.ts'

const ContactIdBasis = builder.enumType('ContactIdBasis', {
  description: 'The data from which Clever derives the id of a contact.',
  values: Object.fromEntries(
    Object.entries(ID_BASES).map(([name, description]) => [name, { value: name as IdBasis, description }]),
  ),
})

export const ContactIdentity = builder.objectRef<Identity>('ContactIdentity').implement({
  description: 'The reliability of the id of a contact, by the rules that Clever documents.',
  fields: (t) => ({
    basis: t.expose('basis', { type: ContactIdBasis, description: 'The data that the id comes from.' }),
    isStable: t.exposeBoolean('isStable', {
      description: 'Whether the id stays the same when the name, e-mail or phone is corrected.',
    }),
    collisionRisk: t.exposeBoolean('collisionRisk', {
      description: 'Whether the contact may be two people with the same name and different students.',
    }),
  }),
})

export const ContactDataWarningCode = builder.enumType('ContactDataWarningCode', {
  description: 'A possible error in the data of a contact.',
  values: Object.fromEntries(
    Object.entries(WARNINGS).map(([name, { description }]) => [
      name,
      { value: name as WarningCode, description },
    ]),
  ),
})

export const ContactDataWarning = builder.objectRef<Warning>('ContactDataWarning').implement({
  description: 'A possible error in the data of a contact, for the district to correct.',
  fields: (t) => ({
    code: t.expose('code', { type: ContactDataWarningCode, description: 'The code of the warning.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'The path of the field, from the contact. Null if the warning is about the whole contact.',
    }),
    message: t.exposeString('message', {
      description: 'The meaning of the code in English, without personal data.',
    }),
  }),
})
