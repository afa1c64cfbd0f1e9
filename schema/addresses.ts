import type { EmailView, PhoneView } from '../src/view/profile.ts'
import { builder } from './builder.ts'
import { ContactPhoneType } from './enums.ts'

export const PhoneDetails = builder.objectRef<PhoneView>('PhoneDetails').implement({
  description: 'The one phone that Clever has of a contact.',
  fields: (t) => ({
    raw: t.exposeString('raw', { description: 'As the district wrote it.' }),
    e164: t.exposeString('e164', {
      nullable: true,
      description: 'In the form +12015550123, for machines. Null where no number can be made out.',
    }),
    national: t.exposeString('national', {
      nullable: true,
      description: 'As it is written in its own country, for people.',
    }),
    extension: t.exposeString('extension', {
      nullable: true,
      description: 'The extension, where there is one.',
    }),
    isValid: t.exposeBoolean('isValid', {
      description: 'Whether such a number can exist. Not whether anybody answers.',
    }),
    type: t.expose('type', { type: ContactPhoneType, description: 'Where it rings.' }),
    typeIsInferred: t.exposeBoolean('typeIsInferred', {
      description:
        'Whether the type is the common meaning of the district\'s word, such as "mobile", and not a word that Clever documents.',
    }),
    typeRaw: t.exposeString('typeRaw', {
      nullable: true,
      description: 'The type in the words of the district.',
    }),
  }),
})

export const EmailDetails = builder.objectRef<EmailView>('EmailDetails').implement({
  description: 'An e-mail address: not verified, not unique.',
  fields: (t) => ({
    raw: t.exposeString('raw', { description: 'As the district wrote it.' }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The address alone, in lower case. Null where there is none to be made out.',
    }),
    isValid: t.exposeBoolean('isValid', {
      description: 'Whether such an address can exist. Not whether anybody reads it.',
    }),
  }),
})
