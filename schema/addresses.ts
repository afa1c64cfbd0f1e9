import type { EmailView, PhoneView } from '../src/view/profile.ts'
import { builder } from './builder.ts'
import { ContactPhoneType } from './enums.ts'

export const PhoneDetails = builder.objectRef<PhoneView>('PhoneDetails').implement({
  description: 'The phone of a contact. Clever has one phone for each contact.',
  fields: (t) => ({
    raw: t.exposeString('raw', { description: 'The phone as the district wrote it.' }),
    e164: t.exposeString('e164', {
      nullable: true,
      description:
        'The number in the international format, such as +12015550123, for programs. Null if no number can be read from the text.',
    }),
    national: t.exposeString('national', {
      nullable: true,
      description:
        'The number in the format of its own country, for people. Null if no number can be read from the text.',
    }),
    extension: t.exposeString('extension', {
      nullable: true,
      description: 'The extension. Null if there is none.',
    }),
    isValid: t.exposeBoolean('isValid', {
      description: 'Whether the number can exist. It may not be in use.',
    }),
    type: t.expose('type', { type: ContactPhoneType, description: 'The type of the phone.' }),
    typeIsInferred: t.exposeBoolean('typeIsInferred', {
      description:
        'Whether the type is the common meaning of the district\'s word, such as "mobile", rather than a word that Clever documents.',
    }),
    typeRaw: t.exposeString('typeRaw', {
      nullable: true,
      description: 'The type as the district wrote it. Null if there is none.',
    }),
  }),
})

export const EmailDetails = builder.objectRef<EmailView>('EmailDetails').implement({
  description: 'An e-mail address. Clever does not verify it, and several people may have the same one.',
  fields: (t) => ({
    raw: t.exposeString('raw', { description: 'The e-mail as the district wrote it.' }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The address alone, in lower case. Null if no valid address can be read from the text.',
    }),
    isValid: t.exposeBoolean('isValid', {
      description: 'Whether the address can exist. It may not be in use.',
    }),
  }),
})
